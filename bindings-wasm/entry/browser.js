// The module is downloaded at the first use.
import { install } from "../dist/platform.js";
import * as native from "../dist/wasm/workload_identity.js";
import { platform } from "./runtime/browser.js";

install(platform, ["acquire", "verify"], async () => {
  const url = new URL("../dist/wasm/workload_identity_bg.wasm", import.meta.url);
  await native.default({ module_or_path: url });
  return native;
});

export * from "../dist/index.js";
