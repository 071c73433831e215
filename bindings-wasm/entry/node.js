// Node.js and Bun. Without top-level await, so that `require` of this module works.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { nodePlatform } from "../dist/node-platform.js";
import { install } from "../dist/platform.js";
import { wasmFile } from "../dist/wasm.js";
import { packageFolder } from "./package-folder.js";

install(nodePlatform(process), () => wasmFile((name) => readFileSync(join(packageFolder(), name))));

export * from "../dist/index.js";
