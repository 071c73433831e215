import { existsSync } from "node:fs";
import { join } from "node:path";

const platform = `${process.platform}-${process.arch}`;

/**
 * The addon, if the folder has one in `native` that loads here. The WebAssembly module does the same, so a failure is no error.
 * `WORKLOAD_IDENTITY_NATIVE=wasm` chooses the WebAssembly module.
 */
export function addon(folder) {
  if (process.env.WORKLOAD_IDENTITY_NATIVE === "wasm") return undefined;
  // Trying is faster than finding out the C library: an addon for the other one does not load.
  for (const name of [platform, `${platform}-gnu`, `${platform}-musl`]) {
    try {
      const path = join(folder(), "native", `${name}.node`);
      if (!existsSync(path)) continue;
      // Bundlers refuse a `require` whose argument they cannot compute.
      const module = { exports: {} };
      process.dlopen(module, path);
      return { ...module.exports, verifiesSignatures: true };
    } catch {
      continue;
    }
  }
  return undefined;
}
