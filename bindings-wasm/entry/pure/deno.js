// Deno compiles a source-phase import itself, so no permission to read files is needed.
import source module from "../../dist/wasm/pure_bg.wasm";
import { install } from "../../dist/platform.js";
import { wasmModule } from "../../dist/wasm-module.js";
import { platform } from "../runtime/deno.js";

install(platform, ["pure"], () => wasmModule(module));

export * from "../../dist/pure.js";
