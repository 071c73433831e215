import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const platform = `${process.platform}-${process.arch}`;

/**
 * The addon, if this package has one that loads here. The WebAssembly module does the same, so a failure is no error.
 * `WORKLOAD_IDENTITY_NATIVE=wasm` chooses the WebAssembly module.
 */
export function addon() {
  if (process.env.WORKLOAD_IDENTITY_NATIVE === "wasm") return undefined;
  const require = createRequire(import.meta.url);
  // Trying is faster than finding out the C library: an addon for the other one does not load.
  for (const name of [platform, `${platform}-gnu`, `${platform}-musl`]) {
    const path = fileURLToPath(new URL(`../native/${name}.node`, import.meta.url));
    if (!existsSync(path)) continue;
    try {
      return { ...require(path), verifiesSignatures: true };
    } catch {
      continue;
    }
  }
  return undefined;
}
