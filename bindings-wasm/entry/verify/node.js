// No top-level await: that is what makes `require` of this module work.
import { readFileSync } from "node:fs";
import { install } from "../../dist/platform.js";
import { wasmModule } from "../../dist/wasm-module.js";
import { platform } from "../runtime/node.js";

install(platform, ["verify"], () => {
  const bytes = readFileSync(new URL("../../dist/wasm/verify_bg.wasm", import.meta.url));
  return wasmModule(new WebAssembly.Module(bytes));
});

export * from "../../dist/verify.js";
