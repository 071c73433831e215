// The module is downloaded at the first use.
import { install } from "../../dist/platform.js";
import * as native from "../../dist/wasm/verify.js";
import { platform } from "../runtime/browser.js";

install(platform, ["verify"], async () => {
  const url = new URL("../../dist/wasm/verify_bg.wasm", import.meta.url);
  await native.default({ module_or_path: url });
  return native;
});

export * from "../../dist/verify.js";
