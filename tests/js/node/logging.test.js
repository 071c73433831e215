// The debug log of both packages: one line for each request, wait, file read and failure, and never a secret.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, test } from "node:test";
import { promisify } from "node:util";
import { startEmulator } from "../runners/emulator.js";
import { install } from "../runners/installed.js";
import { startIssuer } from "../runners/issuer.js";

const installed = await install();
const emulator = await startEmulator();
const issuer = await startIssuer();
after(async () => {
  await emulator.stop();
  issuer.stop();
  await installed.remove();
});
const { facts } = emulator;
const environment = {
  AZURE_TENANT_ID: facts.tenant_id,
  AZURE_CLIENT_ID: facts.client_id,
  AZURE_AUTHORITY_HOST: facts.base_url,
  ACTIONS_ID_TOKEN_REQUEST_URL: facts.github_request_url,
  ACTIONS_ID_TOKEN_REQUEST_TOKEN: facts.github_request_token,
};
const ms = String.raw`in \d+ ms`;
const id = "correlation id [0-9a-f-]{36}";
const has = (log, pattern) => assert.match(log, new RegExp(pattern.replaceAll("/", String.raw`\/`), "m"));

for (const name of ["workload-identity", "workload-identity-wasm"]) {
  const { tokenFile, TokenVerifier, WorkloadIdentity } = (await installed.load(name)).package;

  test(`${name}: an exchange with a retry`, async () => {
    await fetch(`${facts.base_url}/emulator/faults`, { method: "POST", body: "throttle=0*1" });
    const lines = [];
    const identity = WorkloadIdentity.fromEnvironment({ environment, log: (line) => lines.push(line) });
    const { token } = await identity.getToken("https://vault.azure.net/.default");
    const log = lines.join("\n");
    has(log, `^GET ${facts.github_request_url.split("?")[0]} -> 200 ${ms}$`);
    has(log, `^POST ${facts.base_url}/\\S+/token -> 429 ${ms}, ${id}$`);
    has(log, `^wait before a retry -> done ${ms}$`);
    has(log, `^POST ${facts.base_url}/\\S+/token -> 200 ${ms}, ${id}$`);
    for (const secret of [...token.split("."), facts.github_request_token]) assert.ok(!log.includes(secret));
  });

  test(`${name}: failures and keys`, async () => {
    const lines = [];
    const log = (line) => lines.push(line);
    const source = tokenFile("/nowhere/token");
    const identity = new WorkloadIdentity({ tenantId: "contoso.com", clientId: facts.client_id, source, log });
    await assert.rejects(identity.getToken("https://vault.azure.net/.default"));
    const verifier = TokenVerifier.oidc({ issuer: issuer.issuer, audience: issuer.audience, allowLoopbackHttp: true, log });
    await verifier.verify(await issuer.token());
    const text = lines.join("\n");
    has(text, `^read /nowhere/token -> not_found ${ms}$`);
    has(text, "^failed: token_file_missing");
    has(text, `^GET ${issuer.issuer}/keys -> 200 ${ms}$`);
  });

  test(`${name}: NODE_DEBUG enables it`, async () => {
    const file = join(installed.folder, `${name}-debug.mjs`);
    await writeFile(
      file,
      `import { WorkloadIdentity } from "${name}";
      await WorkloadIdentity.fromEnvironment().getToken("https://vault.azure.net/.default");`,
    );
    const env = { ...process.env, ...environment, NODE_DEBUG: "workload-identity" };
    const { stderr } = await promisify(execFile)(process.execPath, [file], { env });
    has(stderr, `POST ${facts.base_url}/\\S+/token -> 200 ${ms}`);
    const quiet = await promisify(execFile)(process.execPath, [file], { env: { ...env, NODE_DEBUG: "" } });
    assert.equal(quiet.stderr, "");
  });
}
