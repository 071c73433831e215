// workerd (Cloudflare Workers) compiles a static import of a .wasm file to a module; it forbids compiling from bytes.
import module from "../dist/wasm/workload_identity_bg.wasm";
import * as workers from "cloudflare:workers";
import { install } from "../dist/platform.js";
import * as native from "../dist/wasm/workload_identity.js";

install({
  load: () => (native.initSync({ module }), native),
  // A promise that another request created may never settle here.
  flight: "per_request",
  waitUntil: workers.waitUntil,
});

export * from "../dist/index.js";
