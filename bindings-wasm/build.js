// Adds to `dist`, which `cargo xtask wasm` has built, the forms of the package for bundlers and CommonJS.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { commonJs } from "./commonjs.js";

const dist = join(import.meta.dirname, "dist");
const module = readFileSync(join(dist, "wasm/workload_identity_bg.wasm"));
mkdirSync(join(dist, "embedded"), { recursive: true });
writeFileSync(join(dist, "embedded/module.js"), `export default "${module.toString("base64")}";\n`);
commonJs(import.meta.dirname);
