// Bundles for Node.js: those that contain the package run in a folder without it, the others beside node_modules.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { promisify } from "node:util";
import { environmentOf, startEmulator } from "../runners/emulator.js";
import { install } from "../runners/installed.js";
import { bundle, bundles, external } from "./builds.js";

const exec = promisify(execFile);
const installed = await install();
const deployed = await mkdtemp(join(tmpdir(), "workload-identity-deployed-"));
const tokenFile = join(deployed, "token");
const emulator = await startEmulator("--token-file", tokenFile);
after(async () => {
  await emulator.stop();
  await installed.remove();
  await rm(deployed, { recursive: true, force: true });
});

const program = (name) => `
  import { TokenError, WorkloadIdentity } from "${name}";
  import { TokenVerifier } from "${name}/verify";
  import * as pure from "${name}/pure";
  import { FederatedCredentials } from "${name}/management";

  const identity = WorkloadIdentity.fromEnvironment();
  const entra = { tenantId: "8f2f1c6e-5d0a-4c57-9b3e-2a7d64c1e0b9", audience: "api://orders" };
  const verifiers = [TokenVerifier.entra(entra), pure.TokenVerifier.entra(entra)];

  async function main() {
    const { token } = await identity.getToken("https://vault.azure.net/.default");
    const refusals = verifiers.map((verifier) => verifier.verify("a.b.c").catch((error) => error));
    const codes = (await Promise.all(refusals)).map((error) => error instanceof TokenError && error.code);
    const managed = new FederatedCredentials({ credential: identity, appId: entra.tenantId });
    const { code } = await managed.get("", {}).catch((error) => error);
    if (code !== "request_invalid") throw new Error(code);
    const addon = process.report.getReport().sharedObjects.some((path) => path.endsWith(".node"));
    console.log(token.split(".").length, codes.join(), addon ? "addon" : "wasm");
  }
  main();`;

/** The last line that the program prints; a warning is a failure. */
async function run(path, env = {}) {
  const options = { cwd: deployed, env: { ...process.env, ...environmentOf(emulator.facts, tokenFile), ...env } };
  const { stdout, stderr } = await exec(process.execPath, [path], options);
  assert.equal(stderr, "");
  return stdout.trim();
}

const said = "3 malformed,malformed";

for (const name of ["workload-identity", "workload-identity-wasm"]) {
  const entry = join(installed.folder, `${name}.mjs`);
  for (const [file, build] of Object.entries(bundles)) {
    test(`${name}: ${file} contains the WebAssembly module`, async () => {
      await writeFile(entry, program(name));
      const path = await bundle(build, entry, file, join(deployed, name));
      assert.equal(await run(path), `${said} wasm`);
      if (name === "workload-identity-wasm") return;
      await cp(installed.path(name, "native"), join(path, "../native"), { recursive: true });
      assert.equal(await run(path), `${said} addon`);
      assert.equal(await run(path, { WORKLOAD_IDENTITY_NATIVE: "wasm" }), `${said} wasm`);
    });
  }
  for (const [file, build] of Object.entries(external)) {
    test(`${name}: ${file} loads the package from node_modules`, async () => {
      await writeFile(entry, program(name));
      const path = await bundle(build, entry, file, join(installed.folder, "out", name));
      assert.equal(await run(path), `${said} ${name === "workload-identity" ? "addon" : "wasm"}`);
    });
  }
}
