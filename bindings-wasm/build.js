// Adds to `dist`, which `cargo xtask wasm` has built, the forms of the package for bundlers and CommonJS.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { commonJs } from "./commonjs.js";

const dist = join(import.meta.dirname, "dist");
mkdirSync(join(dist, "embedded"), { recursive: true });
for (const [module, script] of [
  ["workload_identity_bg.wasm", "module.js"],
  ["workload_identity_edge.wasm", "edge.js"],
]) {
  const text = readFileSync(join(dist, "wasm", module)).toString("base64");
  writeFileSync(join(dist, "embedded", script), `export default "${text}";\n`);
}
commonJs(import.meta.dirname);
