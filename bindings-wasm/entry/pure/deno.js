// Deno compiles a source-phase import itself, so no permission to read files is needed.
import source module from "../../dist/wasm/pure_bg.wasm";
import { install } from "../../dist/platform.js";
import * as native from "../../dist/wasm/pure.js";
import { platform } from "../runtime/deno.js";

install(platform, ["pure"], () => (native.initSync({ module }), native));

export * from "../../dist/pure.js";
