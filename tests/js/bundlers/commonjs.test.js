// Tools that cannot load ES modules by `require`: jest, and TypeScript's settings for CommonJS.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { environmentOf, startEmulator } from "../runners/emulator.js";
import { install } from "../runners/installed.js";

const exec = promisify(execFile);
const require = createRequire(import.meta.url);
const installed = await install();
const folder = join(installed.folder, "commonjs");
const tokenFile = join(installed.folder, "token");
const emulator = await startEmulator("--token-file", tokenFile);
after(async () => {
  await emulator.stop();
  await installed.remove();
});
const names = ["workload-identity", "workload-identity-wasm"];

before(async () => {
  await mkdir(folder);
  await writeFile(join(folder, "package.json"), '{ "private": true }');
  await symlink(join(import.meta.dirname, "node_modules/@types"), installed.path("@types"));
});

const env = { ...process.env, ...environmentOf(emulator.facts, tokenFile) };
const node = (script, ...args) => exec(process.execPath, [script, ...args], { cwd: folder, env });

test("jest in its CommonJS mode", async () => {
  const uses = names.map(
    (name) => `
      test("${name}", async () => {
        const { WorkloadIdentity } = require("${name}");
        const { TokenError, TokenVerifier } = require("${name}/verify");
        const pure = require("${name}/pure");
        const { token } = await WorkloadIdentity.fromEnvironment().getToken("https://vault.azure.net/.default");
        expect(token.split(".").length).toBe(3);
        const verifier = TokenVerifier.oidc({ issuer: "https://issuer.example", audience: "api" });
        await expect(verifier.verify("a.b.c")).rejects.toThrow(TokenError);
        expect(pure.TokenError).toBe(TokenError);
      });`,
  );
  await writeFile(join(folder, "use.test.js"), uses.join("\n"));
  const { stderr } = await node(require.resolve("jest/bin/jest"), "--rootDir", folder, "--no-cache", "--runInBand", "--ci", "--testTimeout=60000");
  assert.match(stderr, /Tests: +2 passed, 2 total/);
});

const program = (name) => `
  import { WorkloadIdentity, callback, type AccessToken } from "${name}";
  import { TokenVerifier } from "${name}/verify";
  import type { TokenVerifier as Pure } from "${name}/pure";
  import { FederatedCredentials, type CredentialPlan, type PlanOptions } from "${name}/management";
  const source = callback(() => "no token");
  const identity = new WorkloadIdentity({ tenantId: "contoso.com", clientId: "${crypto.randomUUID()}", source });
  const token: Promise<AccessToken> = identity.getToken("https://vault.azure.net/.default");
  const verifier: Pure | TokenVerifier = TokenVerifier.github({ audience: "api", repository: "octo/repository" });
  const managed = new FederatedCredentials({ credential: identity, appId: "${crypto.randomUUID()}" });
  const planned: (options: PlanOptions) => Promise<CredentialPlan> = (options) => managed.plan("trust.yaml", options);
  if (planned.length !== 1) throw new Error("no function");
  token.catch((error: { code: string }) => console.log(error.code, typeof verifier.verify));`;

for (const name of names) {
  for (const module of ["node16", "nodenext"]) {
    test(`${name}: TypeScript's --module ${module} compiles CommonJS and ES modules, and they run`, async () => {
      const files = ["cts", "mts"].map((kind) => `${name}-${module}.${kind}`);
      for (const file of files) await writeFile(join(folder, file), program(name));
      const options = ["--module", module, "--strict", "--target", "es2022", "--types", "node", "--skipLibCheck", "false"];
      const compiler = join(import.meta.dirname, "node_modules/typescript/bin/tsc");
      await node(compiler, ...options, "--ignoreConfig", ...files);
      for (const script of files.map((file) => file.replace(/ts$/, "js"))) {
        const text = await readFile(join(folder, script), "utf8");
        assert.equal(text.includes("require("), script.endsWith("cjs"));
        assert.equal((await node(script)).stdout.trim(), "assertion_malformed function");
      }
    });
  }
}
