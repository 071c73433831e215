// Vercel's edge runtime. Bundlers compile an import that ends in `?module`.
import module from "../dist/wasm/workload_identity_edge.wasm?module";
import { install } from "../dist/platform.js";
import { wasmModule } from "../dist/wasm.js";

const platform = {
  // Bundlers replace `process.env`; there is no other way to the variables.
  environment: (name) => globalThis.process?.env?.[name],
  flight: "per_request",
};

install(platform, () => wasmModule(module));

export * from "../dist/index.js";
