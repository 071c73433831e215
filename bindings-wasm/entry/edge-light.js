// `?module` is the bundlers' word for a compiled module.
import module from "../dist/wasm/workload_identity_bg.wasm?module";
import { install } from "../dist/platform.js";
import * as native from "../dist/wasm/workload_identity.js";
import { platform } from "./runtime/edge-light.js";

install(platform, ["acquire", "verify"], () => (native.initSync({ module }), native));

export * from "../dist/index.js";
