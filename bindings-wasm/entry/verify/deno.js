// Deno compiles a source-phase import itself, so no permission to read files is needed.
import source module from "../../dist/wasm/verify_bg.wasm";
import { install } from "../../dist/platform.js";
import { wasmModule } from "../../dist/wasm-module.js";
import { platform } from "../runtime/deno.js";

install(platform, ["verify"], () => wasmModule(module));

export * from "../../dist/verify.js";
