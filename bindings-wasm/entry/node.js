// Node.js and Bun. Without top-level await, so that `require` of this module works.
import { readFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { nodePlatform } from "../dist/node-platform.js";
import { install } from "../dist/platform.js";
import { wasmModule } from "../dist/wasm.js";

install(nodePlatform(process.env, open), () =>
  wasmModule(readFileSync(new URL("../dist/wasm/workload_identity_bg.wasm", import.meta.url))),
);

export * from "../dist/index.js";
