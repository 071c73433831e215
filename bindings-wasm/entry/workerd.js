// workerd (Cloudflare Workers) compiles a static import of a .wasm file; it forbids compiling from bytes.
import * as workers from "cloudflare:workers";
import module from "../dist/wasm/workload_identity_edge.wasm";
import { install } from "../dist/platform.js";
import { wasmModule } from "../dist/wasm.js";

const platform = {
  // A promise that another request created may never settle here.
  flight: "per_request",
  waitUntil: workers.waitUntil,
};

install(platform, () => wasmModule(module));

export * from "../dist/index.js";
