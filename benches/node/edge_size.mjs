// The edge package as a CDN sends it, beside a bundle of the peers for the same job: minified and compressed with brotli.

import { readFileSync } from "node:fs";
import { brotliCompressSync, constants } from "node:zlib";
import { build } from "esbuild";
import { row } from "./_rounds.mjs";

const peers = "@azure/identity and jose";

/** Bytes of a script with everything that it imports but WebAssembly and the runtime's own modules. */
async function bundled(contents) {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: import.meta.dirname },
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    target: "es2022",
    conditions: ["workerd"],
    external: ["cloudflare:*", "*.wasm"],
    platform: "node",
    logLevel: "error",
  });
  return brotli(outputFiles[0].contents);
}

function brotli(bytes) {
  return brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }).length;
}

const module = new URL("node_modules/workload-identity-wasm/dist/wasm/workload_identity_edge.wasm", import.meta.url);
const moduleBytes = brotli(readFileSync(module));
const scriptBytes = await bundled('export { TokenVerifier, WorkloadIdentity } from "workload-identity-wasm";');
const peerBytes = await bundled(`
  export { ClientAssertionCredential } from "@azure/identity";
  export { createRemoteJWKSet, jwtVerify } from "jose";`);
console.log(`module ${moduleBytes} bytes, JavaScript ${scriptBytes}; ${peers} ${peerBytes}`);
row("edge package, bytes brotli", moduleBytes + scriptBytes, peers, peerBytes, 0);
