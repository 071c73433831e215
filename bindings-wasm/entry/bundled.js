// Node.js and Bun, for bundlers, which have the condition `module`: the bundle contains the WebAssembly module.
import embedded from "../dist/embedded/module.js";
import { nodePlatform } from "../dist/node-platform.js";
import { install } from "../dist/platform.js";
import { wasmModule } from "../dist/wasm.js";

install(nodePlatform(process), () => wasmModule(Buffer.from(embedded, "base64")));

export * from "../dist/index.js";
