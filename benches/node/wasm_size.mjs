// What a CDN sends of the wasm modules: brotli at its highest setting.

import { readFileSync } from "node:fs";
import { brotliCompressSync, constants } from "node:zlib";
import { limit } from "./_rounds.mjs";

const goals = { workload_identity: 55_000, verify: 35_000, pure: 90_000 };
for (const [name, goal] of Object.entries(goals)) {
  const module = new URL(`node_modules/workload-identity-wasm/dist/wasm/${name}_bg.wasm`, import.meta.url);
  const bytes = readFileSync(module);
  const packed = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } });
  console.log(`${name}: ${bytes.length} bytes, ${packed.length} bytes brotli`);
  limit(`wasm module ${name}, bytes brotli`, packed.length, goal);
}
