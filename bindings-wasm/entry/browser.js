// The module is downloaded at the first use.
import { install } from "../dist/platform.js";
import { downloadedModule } from "../dist/wasm-module.js";
import { platform } from "./runtime/browser.js";

install(platform, ["acquire", "verify"], () =>
  downloadedModule(new URL("../dist/wasm/workload_identity_bg.wasm", import.meta.url)),
);

export * from "../dist/index.js";
