// The module is downloaded at the first use.
import { install } from "../../dist/platform.js";
import { downloadedModule } from "../../dist/wasm-module.js";
import { platform } from "../runtime/browser.js";

install(platform, ["pure"], () =>
  downloadedModule(new URL("../../dist/wasm/pure_bg.wasm", import.meta.url)),
);

export * from "../../dist/pure.js";
