// For bundlers, which have the condition `module`: the bundle contains the WebAssembly module. An addon beside it is faster.
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import embedded from "../dist/embedded/module.js";
import { nodePlatform } from "../dist/node-platform.js";
import { install } from "../dist/platform.js";
import { wasmModule } from "../dist/wasm.js";
import { addon } from "./addon.js";

// A CommonJS bundle has no `import.meta.url`, and webpack writes an address of the machine that builds in its place.
const bundleFolder = () => dirname(typeof __filename === "string" ? __filename : fileURLToPath(import.meta.url));

install(nodePlatform(process), () => addon(bundleFolder) ?? wasmModule(Buffer.from(embedded, "base64")));

export * from "../dist/index.js";
