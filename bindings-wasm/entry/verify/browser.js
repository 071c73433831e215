// The module is downloaded at the first use.
import { install } from "../../dist/platform.js";
import { downloadedModule } from "../../dist/wasm-module.js";
import { platform } from "../runtime/browser.js";

install(platform, ["verify"], () =>
  downloadedModule(new URL("../../dist/wasm/verify_bg.wasm", import.meta.url)),
);

export * from "../../dist/verify.js";
