// workerd (Cloudflare Workers) compiles a static import of a .wasm file to a module; it forbids compiling from bytes.
import module from "../../dist/wasm/pure_bg.wasm";
import { install } from "../../dist/platform.js";
import * as native from "../../dist/wasm/pure.js";
import { platform } from "../runtime/workerd.js";

install(platform, ["pure"], () => (native.initSync({ module }), native));

export * from "../../dist/pure.js";
