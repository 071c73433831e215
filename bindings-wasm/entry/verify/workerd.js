// workerd (Cloudflare Workers) compiles a static import of a .wasm file to a module; it forbids compiling from bytes.
import module from "../../dist/wasm/verify_bg.wasm";
import { install } from "../../dist/platform.js";
import { wasmModule } from "../../dist/wasm-module.js";
import { platform } from "../runtime/workerd.js";

install(platform, ["verify"], () => wasmModule(module));

export * from "../../dist/verify.js";
