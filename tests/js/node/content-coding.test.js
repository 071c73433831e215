// Answers are asked for without a content coding. One that comes all the same is read within its limit, or named.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { newCertificate } from "../runners/certificate.js";
import { install } from "../runners/installed.js";
import { startTokenServer } from "../runners/token-server.js";
import { failure } from "../suite/expect.js";
import { assertion, clientId, granted, scope } from "../suite/stub.js";

const certificate = newCertificate("127.0.0.1");
const installed = await install();
const server = await startTokenServer(certificate, "127.0.0.1");
after(async () => {
  server.stop();
  await installed.remove();
});

const bomb = gzipSync(Buffer.alloc(64 << 20, " "));
const packed = [
  ["gzip", gzipSync(granted())],
  ["x-gzip", gzipSync(granted())],
  ["GZip", gzipSync(granted())],
  ["deflate", deflateSync(granted())],
  ["deflate", deflateRawSync(granted())],
  ["deflate", deflateRawSync(granted(), { level: 0 })],
  ["br", brotliCompressSync(granted())],
  ["identity", granted()],
  ["deflate, gzip", gzipSync(deflateSync(granted()))],
  ["deflate, gzip", gzipSync(deflateRawSync(granted()))],
];

for (const name of ["workload-identity", "workload-identity-wasm"]) {
  const { WorkloadIdentity, TokenVerifier, callback } = (await installed.load(name)).package;
  const answered = (coding, body) => {
    server.answer = { headers: { "content-encoding": coding }, body };
    return new WorkloadIdentity({
      clientId,
      authority: { tokenEndpoint: `${server.issuer}/token` },
      source: callback(() => assertion()),
      ca: certificate.ca,
    }).getToken(scope);
  };

  test(`${name}: nothing is asked for, and what is known is read`, async () => {
    server.requests.length = 0;
    for (const [coding, body] of packed) assert.equal((await answered(coding, body)).token, "token-1", coding);
    assert.ok(server.requests.every(({ headers }) => headers["accept-encoding"] === "identity"));
  });

  test(`${name}: an empty body has no coding`, async () => {
    for (const coding of ["gzip", "deflate", "br"]) {
      assert.equal((await failure(answered(coding, ""))).code, "response_empty", coding);
    }
  });

  test(`${name}: a bomb is too large`, async () => {
    const before = process.memoryUsage().rss;
    assert.equal((await failure(answered("gzip", bomb))).code, "response_too_large");
    assert.equal((await failure(answered("gzip, gzip", gzipSync(bomb)))).code, "response_too_large");
    const grown = process.memoryUsage().rss - before;
    assert.ok(grown < 48 << 20, `${grown} bytes`);
  });

  test(`${name}: what cannot be read is named`, async () => {
    for (const coding of ["compress", "zstd", "gzip, exi"]) {
      server.requests.length = 0;
      const error = await failure(answered(coding, "noise"));
      assert.match(error.message, new RegExp(`content coding \`${coding}\``));
      assert.equal(error.code, "response_invalid");
      assert.equal(server.requests.length, 1);
    }
    for (const coding of ["gzip", "deflate", "br"]) {
      const error = await failure(answered(coding, Buffer.from("\xff\xff noise", "latin1")));
      assert.equal(error.code, "response_invalid", coding);
      assert.match(error.message, /does not follow its content coding/);
    }
    const cut = await failure(answered("gzip", gzipSync(granted()).subarray(0, 40)));
    assert.equal(cut.code, "network_refused");
    assert.match(cut.message, /ended early/);
    server.answer = { headers: { "content-encoding": "compress" }, body: "noise" };
    const options = { issuer: server.issuer, audience: server.audience, ca: certificate.ca, allowLoopbackHttp: true };
    const error = await failure(TokenVerifier.oidc(options).verify(await server.token()));
    assert.match(error.message, /content coding `compress`/);
    server.answer = undefined;
  });
}
