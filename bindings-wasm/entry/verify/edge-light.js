// `?module` is the bundlers' word for a compiled module.
import module from "../../dist/wasm/verify_bg.wasm?module";
import { install } from "../../dist/platform.js";
import * as native from "../../dist/wasm/verify.js";
import { platform } from "../runtime/edge-light.js";

install(platform, ["verify"], () => (native.initSync({ module }), native));

export * from "../../dist/verify.js";
