// A time limit bounds the call in every phase of a request, and nothing of the request keeps the process alive.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { newCertificate } from "../runners/certificate.js";
import { runProgram } from "../runners/child.js";
import { install } from "../runners/installed.js";
import { answerPhases, startSlowServer } from "../runners/slow-server.js";

const installed = await install();
const certificate = newCertificate("127.0.0.1");
const slow = new Map();
for (const phase of answerPhases) slow.set(phase, ["http", await startSlowServer(phase)]);
slow.set("tls", ["https", await startSlowServer("tls")]);
slow.set("body over tls", ["https", await startSlowServer("body until the end", certificate)]);
after(async () => {
  for (const [, server] of slow.values()) server.stop();
  await installed.remove();
});

const limit = 1000;
const spare = 250;
const origins = [...slow].map(([phase, [scheme, { port }]]) => [phase, `${scheme}://127.0.0.1:${port}`]);

/** Asks all servers at once: the code, the message and the milliseconds of each. */
const program = (name, work) => `
  import { TokenVerifier, WorkloadIdentity, callback } from "${name}";
  const trust = (origin) => (origin.startsWith("https:") ? { ca: ${JSON.stringify(certificate.ca)} } : {});
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const work = ${work};
  const results = await Promise.all(
    ${JSON.stringify(origins)}.map(async ([phase, origin]) => {
      const started = performance.now();
      const passed = () => performance.now() - started;
      // How late a timer is on a machine that is busy with other tests.
      const timer = new Promise((resolve) => setTimeout(() => resolve(passed()), ${limit}));
      const error = await work(origin).then(() => ({ code: "none" }), (error) => error);
      return [phase, { code: error.code, message: error.message, ms: passed(), timer: await timer }];
    }),
  );
  const ended = performance.now();
  process.on("exit", () => console.log(JSON.stringify({ results, left: performance.now() - ended })));`;

const works = {
  getToken: `(origin) =>
    new WorkloadIdentity({
      tenantId: "contoso.com",
      clientId: "3b1d7a52-c94e-4f08-8e67-90af5d2c6b14",
      authorityHost: origin,
      ...trust(origin),
      source: callback(() => [part({ alg: "RS256" }), part({ iss: "i" }), "c2ln"].join(".")),
    }).getToken("https://vault.azure.net/.default", { requestOptions: { timeout: ${limit} } })`,
  verify: `(origin) => {
    const options = { issuer: origin, audience: "api://orders", allowLoopbackHttp: true, ...trust(origin), timeout: ${limit} };
    const claims = { iss: origin, aud: "api://orders", sub: "worker", exp: 4e9, iat: 1e9 };
    const token = [part({ alg: "RS256", kid: "k1" }), part(claims), "c2ln"].join(".");
    return TokenVerifier.oidc(options).verify(token);
  }`,
};

for (const name of ["workload-identity", "workload-identity-wasm"]) {
  for (const [call, work] of Object.entries(works)) {
    test(`${name}: ${call} ends in time`, async () => {
      const { results, left } = await runProgram(installed, program(name, work));
      for (const [phase, { code, message, ms, timer }] of results) {
        assert.match(code, call === "getToken" ? /^(network_timeout|deadline_exceeded)$/ : /^keys_unavailable$/, phase);
        assert.ok(ms <= timer + spare, `${phase} took ${ms} ms, a timer ${timer} ms`);
        // Not the number 23 of a DOMException.
        assert.match(message, /the limit was \d+\.\d s/, phase);
      }
      assert.ok(left < spare, `the process ended ${left} ms later`);
      for (const [phase, [, { sockets }]] of slow) assert.equal(sockets.size, 0, phase);
    });
  }
}
