// workerd (Cloudflare Workers) compiles a static import of a .wasm file to a module; it forbids compiling from bytes.
import module from "../dist/wasm/workload_identity_bg.wasm";
import { install } from "../dist/platform.js";
import * as native from "../dist/wasm/workload_identity.js";
import { platform } from "./runtime/workerd.js";

install(platform, ["acquire", "verify"], () => (native.initSync({ module }), native));

export * from "../dist/index.js";
