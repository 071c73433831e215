// `?module` is the bundlers' word for a compiled module.
import module from "../dist/wasm/workload_identity_bg.wasm?module";
import { install } from "../dist/platform.js";
import { wasmModule } from "../dist/wasm-module.js";
import { platform } from "./runtime/edge-light.js";

install(platform, ["acquire", "verify"], () => wasmModule(module));

export * from "../dist/index.js";
