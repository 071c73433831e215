// No top-level await: that is what makes `require` of this module work.
import { readFileSync } from "node:fs";
import { install } from "../dist/platform.js";
import { wasmModule } from "../dist/wasm-module.js";
import { addon } from "./addon.js";
import { platform } from "./platform.js";

install(platform, ["acquire", "verify"], () => {
  const native = addon();
  if (native) return native;
  const bytes = readFileSync(new URL("../dist/wasm/workload_identity_bg.wasm", import.meta.url));
  return wasmModule(new WebAssembly.Module(bytes));
});

export * from "../dist/index.js";
