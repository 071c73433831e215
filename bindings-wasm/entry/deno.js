// Deno compiles a source-phase import itself, so no permission to read files is needed.
import source module from "../dist/wasm/workload_identity_bg.wasm";
import process from "node:process";
import { execute } from "../dist/node-execution.js";
import { nodeModules } from "../dist/node-platform.js";
import { nodeTransport } from "../dist/node-transport.js";
import { install } from "../dist/platform.js";
import { readUpTo } from "../dist/read-up-to.js";
import { wasmModule } from "../dist/wasm.js";

const environment = (name) => Deno.env.get(name);
const modules = nodeModules(process);

const platform = {
  environment,
  async readFile(path, limit) {
    using file = await Deno.open(path);
    return await readUpTo(limit, (into) => file.read(into));
  },
  flight: "shared",
  execute: (execution, timeoutMs, signal) => execute(execution, timeoutMs, signal, modules),
  // Deno's own `fetch` has no Unix sockets and uses the proxies of the environment.
  connectingTransport: nodeTransport(environment, modules),
};

install(platform, () => wasmModule(module));

export * from "../dist/index.js";
