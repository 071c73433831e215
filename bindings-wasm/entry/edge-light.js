// Vercel's edge runtime: `?module` is its bundlers' word for a compiled module.
import module from "../dist/wasm/workload_identity_bg.wasm?module";
import { install } from "../dist/platform.js";
import * as native from "../dist/wasm/workload_identity.js";

install({
  load: () => (native.initSync({ module }), native),
  // Bundlers put the variables in place of `process.env`; there is no other way to them.
  environment: (name) => globalThis.process?.env?.[name],
  flight: "per_request",
});

export * from "../dist/index.js";
