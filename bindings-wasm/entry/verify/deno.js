// Deno compiles a source-phase import itself, so no permission to read files is needed.
import source module from "../../dist/wasm/verify_bg.wasm";
import { install } from "../../dist/platform.js";
import * as native from "../../dist/wasm/verify.js";
import { platform } from "../runtime/deno.js";

install(platform, ["verify"], () => (native.initSync({ module }), native));

export * from "../../dist/verify.js";
