// workerd (Cloudflare Workers) compiles a static import of a .wasm file to a module; it forbids compiling from bytes.
import module from "../../dist/wasm/verify_bg.wasm";
import { install } from "../../dist/platform.js";
import * as native from "../../dist/wasm/verify.js";
import { platform } from "../runtime/workerd.js";

install(platform, ["verify"], () => (native.initSync({ module }), native));

export * from "../../dist/verify.js";
