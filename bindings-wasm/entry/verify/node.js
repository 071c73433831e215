// No top-level await: that is what makes `require` of this module work.
import { readFileSync } from "node:fs";
import { install } from "../../dist/platform.js";
import * as native from "../../dist/wasm/verify.js";
import { platform } from "../runtime/node.js";

install(platform, ["verify"], () => {
  const bytes = readFileSync(new URL("../../dist/wasm/verify_bg.wasm", import.meta.url));
  native.initSync({ module: bytes });
  return native;
});

export * from "../../dist/verify.js";
