// Over TLS: the authority's certificate is checked, and an untrusted one has its own error code.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, test } from "node:test";
import { promisify } from "node:util";
import { newCertificate } from "../runners/certificate.js";
import { environmentOf, startEmulator } from "../runners/emulator.js";
import { install } from "../runners/installed.js";
import { startTokenServer } from "../runners/token-server.js";
import { assertion, clientId, scope } from "../suite/stub.js";

const exec = promisify(execFile);
const installed = await install();
const tokenFile = join(installed.folder, "token");
const emulator = await startEmulator("--tls", "--token-file", tokenFile);
after(async () => {
  await emulator.stop();
  await installed.remove();
});

async function outcome(name, env) {
  const path = join(installed.folder, "tls.mjs");
  await writeFile(
    path,
    `import { WorkloadIdentity } from "${name}";
    const work = WorkloadIdentity.fromEnvironment().getToken("https://vault.azure.net/.default");
    console.log(await work.then(() => "token", ({ name, code, retryable }) => [name, code, retryable].join(" ")));`,
  );
  const all = { ...process.env, ...environmentOf(emulator.facts, tokenFile), ...env };
  return (await exec(process.execPath, [path], { cwd: installed.folder, env: all })).stdout.trim();
}

for (const name of ["workload-identity", "workload-identity-wasm"]) {
  test(`${name}: a trusted authority`, async () => {
    assert.equal(await outcome(name, { NODE_EXTRA_CA_CERTS: emulator.facts.ca_file }), "token");
  });
  test(`${name}: an unknown authority`, async () => {
    assert.equal(await outcome(name, { NODE_EXTRA_CA_CERTS: "" }), "TransportError network_tls false");
  });
}

const certificate = newCertificate("127.0.0.1");
const server = await startTokenServer(certificate, "127.0.0.1");
after(() => server.stop());

for (const name of ["workload-identity", "workload-identity-wasm"]) {
  const { TokenVerifier, WorkloadIdentity, callback } = (await installed.load(name)).package;
  const use = async (options) => {
    const authority = { tokenEndpoint: `${server.issuer}/token` };
    const identity = new WorkloadIdentity({ clientId, authority, source: callback(() => assertion()), ...options });
    const issuer = { issuer: server.issuer, audience: server.audience, allowLoopbackHttp: true };
    const verifier = TokenVerifier.oidc({ ...issuer, ...options });
    const token = await server.token();
    return Promise.allSettled([
      identity.getToken(scope).then(({ token }) => token),
      verifier.verify(token).then(({ subject }) => subject),
    ]);
  };

  test(`${name}: the option ca, for tokens and keys`, async () => {
    const other = newCertificate("other.example").ca;
    for (const ca of [certificate.ca, [other, certificate.ca], Buffer.from(other + certificate.ca)]) {
      const values = (await use({ ca })).map(({ value, reason }) => value ?? reason);
      assert.deepEqual(values, ["token-1", "worker"]);
    }
    for (const options of [{ ca: other }, {}]) {
      const [token, verified] = (await use(options)).map(({ reason }) => reason);
      assert.equal(token.code, "network_tls");
      assert.equal(verified.code, "keys_unavailable");
      // What to do about it.
      for (const { message } of [token, verified]) assert.match(message, /NODE_EXTRA_CA_CERTS and the option `ca`/);
    }
  });

  test(`${name}: a wrong ca is told by the constructor`, () => {
    const wrong = ["/etc/ca.pem", "", [], [""], 7, [certificate.ca, null], certificate.key];
    for (const ca of wrong) {
      const options = { issuer: "https://issuer.example", audience: "a", ca };
      assert.throws(() => TokenVerifier.oidc(options), { code: "config_invalid", message: /`ca`/ }, String(ca));
    }
    const both = { tenantId: "contoso.com", clientId, source: callback(() => ""), ca: certificate.ca, fetch };
    assert.throws(() => new WorkloadIdentity(both), { code: "config_invalid", message: /`fetch`/ });
  });
}
