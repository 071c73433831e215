// A program that asks slow servers with a time limit, and what it must print.
import assert from "node:assert/strict";

const limit = 1000;
/** The servers go on for ever. */
const latest = 20_000;

/** What asks a server, by the call: a function of the server's origin. */
const calls = {
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

export const callNames = Object.keys(calls);

/** Asks all at once, and prints the code, the message and the milliseconds of each. `ca` is trusted where the runtime can. */
export const timeLimitProgram = (name, call, origins, ca) => `
  import { TokenVerifier, WorkloadIdentity, callback } from "${name}";
  const trust = (origin) => (${ca !== undefined} && origin.startsWith("https:") ? { ca: ${JSON.stringify(ca)} } : {});
  const part = (value) => btoa(JSON.stringify(value)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  const work = ${calls[call]};
  const results = await Promise.all(
    ${JSON.stringify(origins)}.map(async ([phase, origin]) => {
      const started = performance.now();
      const passed = () => performance.now() - started;
      const error = await work(origin).then(() => ({ code: "none" }), (error) => error);
      return [phase, { code: error.code, message: error.message, ms: passed() }];
    }),
  );
  const ended = performance.now();
  process.on("exit", () => console.log(JSON.stringify({ results, left: performance.now() - ended })));`;

/** Every call ended in time with the code of a time-out, and so did the process. */
export function assertInTime(call, { results, left }) {
  for (const [phase, { code, message, ms }] of results) {
    assert.match(code, /^(network_timeout|deadline_exceeded)$/, `${call} ${phase}`);
    assert.ok(ms < latest, `${phase} took ${ms} ms`);
    // Not the number 23 of a DOMException.
    assert.match(message, /the limit was [01]\.\d s/, phase);
  }
  assert.ok(left < latest, `the process ended ${left} ms later`);
}
