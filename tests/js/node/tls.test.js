// Over TLS: the authority's certificate is checked, and an untrusted one has its own error code.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, test } from "node:test";
import { promisify } from "node:util";
import { environmentOf, startEmulator } from "../runners/emulator.js";
import { install } from "../runners/installed.js";

const exec = promisify(execFile);
const installed = await install();
const tokenFile = join(installed.folder, "token");
const emulator = await startEmulator("--tls", "--token-file", tokenFile);
after(async () => {
  emulator.stop();
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
