// workerd (Cloudflare Workers) compiles a static import of a .wasm file to a module; it forbids compiling from bytes.
import module from "../dist/wasm/workload_identity_bg.wasm";
import { install } from "../dist/platform.js";
import { wasmModule } from "../dist/wasm-module.js";
import { platform } from "./runtime/workerd.js";

install(platform, ["acquire", "verify"], () => wasmModule(module));

export * from "../dist/index.js";
