// `?module` is the bundlers' word for a compiled module.
import module from "../../dist/wasm/pure_bg.wasm?module";
import { install } from "../../dist/platform.js";
import { wasmModule } from "../../dist/wasm-module.js";
import { platform } from "../runtime/edge-light.js";

install(platform, ["pure"], () => wasmModule(module));

export * from "../../dist/pure.js";
