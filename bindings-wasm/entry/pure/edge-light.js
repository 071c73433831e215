// `?module` is the bundlers' word for a compiled module.
import module from "../../dist/wasm/pure_bg.wasm?module";
import { install } from "../../dist/platform.js";
import * as native from "../../dist/wasm/pure.js";
import { platform } from "../runtime/edge-light.js";

install(platform, ["pure"], () => (native.initSync({ module }), native));

export * from "../../dist/pure.js";
