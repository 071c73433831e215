// Deno compiles a source-phase import itself, so no permission to read files is needed.
import source module from "../dist/wasm/workload_identity_bg.wasm";
import { install } from "../dist/platform.js";
import { readUpTo } from "../dist/read-up-to.js";
import { wasmModule } from "../dist/wasm.js";

const platform = {
  environment: (name) => Deno.env.get(name),
  async readFile(path, limit) {
    using file = await Deno.open(path);
    return await readUpTo(limit, (into) => file.read(into));
  },
  flight: "shared",
};

install(platform, () => wasmModule(module));

export * from "../dist/index.js";
