// What a CDN sends of the wasm module: brotli at its highest setting.

import { readFileSync } from "node:fs";
import { brotliCompressSync, constants } from "node:zlib";
import { limit } from "./_rounds.mjs";

const module = new URL("node_modules/workload-identity-wasm/dist/wasm/workload_identity_bg.wasm", import.meta.url);
const bytes = readFileSync(module);
const packed = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } });
console.log(`${bytes.length} bytes, ${packed.length} bytes brotli`);
limit("wasm module, bytes brotli", packed.length, 45_000);
