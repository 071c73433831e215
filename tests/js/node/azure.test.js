// Accepted wherever @azure/core-auth's TokenCredential is: by type, and by the real pipeline policy.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cp, mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, test } from "node:test";
import { promisify } from "node:util";
import { isTokenCredential } from "@azure/core-auth";
import { ChainedTokenCredential } from "@azure/identity";
import {
  bearerTokenAuthenticationPolicy,
  createDefaultHttpClient,
  createEmptyPipeline,
  createPipelineRequest,
} from "@azure/core-rest-pipeline";
import { startEmulator } from "../runners/emulator.js";
import { install } from "../runners/installed.js";

const exec = promisify(execFile);
const modules = join(import.meta.dirname, "../node_modules");
const installed = await install();
const emulator = await startEmulator();
after(async () => {
  await emulator.stop();
  await installed.remove();
});

const names = ["workload-identity", "workload-identity-wasm"];
// Before the first test: the runner takes a pause between two of them for the end.
const packages = await Promise.all(names.map((name) => installed.load(name)));

for (const [index, name] of names.entries()) {
  const { facts } = emulator;
  const { WorkloadIdentity, gitHubActions } = packages[index].package;
  const credential = new WorkloadIdentity({
    tenantId: facts.tenant_id,
    clientId: facts.client_id,
    authorityHost: new URL(facts.authority).origin,
    source: gitHubActions({
      requestUrl: facts.github_request_url,
      requestToken: facts.github_request_token,
    }),
  });

  test(`${name}: bearerTokenAuthenticationPolicy authorizes a request`, async () => {
    assert.ok(isTokenCredential(credential));
    const pipeline = createEmptyPipeline();
    const scopes = "https://vault.azure.net/.default";
    pipeline.addPolicy(bearerTokenAuthenticationPolicy({ credential, scopes }));
    const request = createPipelineRequest({ url: facts.api_url, allowInsecureConnection: true });
    // The policy refuses http of its own accord; the emulator listens on loopback only.
    const client = createDefaultHttpClient();
    const https = Object.assign(request, { url: facts.api_url.replace("http:", "https:") });
    const plain = {
      sendRequest(sent) {
        sent.url = facts.api_url;
        return client.sendRequest(sent);
      },
    };
    const response = await pipeline.sendRequest(plain, https);
    assert.equal(response.status, 200, response.bodyAsText);
  });
}

const scope = "https://vault.azure.net/.default";
const pod = { AZURE_TENANT_ID: "contoso.com", AZURE_CLIENT_ID: "3b1d7a52-c94e-4f08-8e67-90af5d2c6b14" };
const absent = {
  nothing: [{}, "source_not_found"],
  "no tenant": [{ AZURE_FEDERATED_TOKEN_FILE: "/nonexistent" }, "environment_incomplete"],
  "no source": [pod, "source_not_found"],
  "no file": [{ ...pod, AZURE_FEDERATED_TOKEN_FILE: "/nonexistent" }, "token_file_missing"],
  "no permission": [{ ...pod, GITHUB_ACTIONS: "true" }, "github_permission_missing"],
};

/** The next credential of a chain, which counts its calls. */
function cli() {
  return {
    asked: 0,
    async getToken() {
      this.asked += 1;
      return { token: "of the CLI", expiresOnTimestamp: Date.now() + 3_600_000 };
    },
  };
}

for (const [index, name] of names.entries()) {
  const { WorkloadIdentity, WorkloadIdentityError, gitHubActions } = packages[index].package;

  for (const [what, [environment, code]] of Object.entries(absent)) {
    test(`${name}: a chain goes on with ${what}`, async () => {
      const identity = WorkloadIdentity.fromEnvironment({ required: false, environment });
      await assert.rejects(identity.getToken(scope), (error) => {
        assert.ok(error instanceof WorkloadIdentityError);
        assert.deepEqual([error.code, error.name], [code, "CredentialUnavailableError"]);
        return true;
      });
      const next = cli();
      const { token } = await new ChainedTokenCredential(identity, next).getToken(scope);
      assert.deepEqual([token, next.asked], ["of the CLI", 1]);
    });
  }

  test(`${name}: a chain ends where the service refuses, and a wrong setting is reported at once`, async () => {
    const { facts } = emulator;
    const next = cli();
    const settings = {
      tenantId: facts.tenant_id,
      clientId: facts.client_id,
      authorityHost: new URL(facts.authority).origin,
      required: false,
    };
    const source = gitHubActions({
      requestUrl: facts.github_request_url,
      requestToken: facts.github_request_token,
      audience: "api://wrong",
    });
    const chain = new ChainedTokenCredential(new WorkloadIdentity({ ...settings, source }), next);
    await assert.rejects(chain.getToken(scope), { name: "AuthenticationError" });
    assert.equal(next.asked, 0);
    assert.throws(() => WorkloadIdentity.fromEnvironment({ ...settings, source, tenantId: "no tenant" }), {
      name: "ConfigurationError",
    });
    assert.throws(() => WorkloadIdentity.fromEnvironment({ environment: pod }), {
      name: "CredentialUnavailableError",
    });
  });
}

test("the types fit core-auth's and catch mistakes", async () => {
  const folder = join(installed.folder, "types");
  await mkdir(join(folder, "node_modules/@azure"), { recursive: true });
  for (const name of names) {
    await cp(installed.path(name), join(folder, "node_modules", name), { recursive: true });
  }
  for (const name of ["core-auth", "core-util", "abort-controller"]) {
    await symlink(join(modules, "@azure", name), join(folder, "node_modules/@azure", name));
  }
  const use = (name) => `
    import type { TokenCredential } from "@azure/core-auth";
    import { WorkloadIdentity, WorkloadIdentityError, callback, tokenFile, type ErrorCode } from "${name}";
    import { FederatedCredentials, type NamedCredential } from "${name}/management";
    const credential: TokenCredential = new WorkloadIdentity({
      tenantId: "contoso.com",
      clientId: "c",
      source: callback(async ({ signal }) => (signal.aborted ? "" : "jwt")),
    });
    const token: Promise<{ token: string } | null> = credential.getToken(["scope"], { enableCae: true });
    export const code = (error: WorkloadIdentityError): ErrorCode => error.code;
    const managed = new FederatedCredentials({ credential, appId: "a" });
    export const list: Promise<NamedCredential[]> = managed.list({ abortSignal: new AbortController().signal });
    export const applied = (error: WorkloadIdentityError) => error.applied?.changes[0]?.outcome === "not_tried";
    // @ts-expect-error a credential without a name
    managed.create({ issuer: "https://a.example", subject: "s" });
    // @ts-expect-error a misspelt option
    new WorkloadIdentity({ tenantID: "contoso.com", source: tokenFile("/t") });
    // @ts-expect-error no such code
    export const wrong: ErrorCode = "no_such_code";
    export { token };`;
  await writeFile(join(folder, "package.json"), '{"type":"module"}');
  await writeFile(join(folder, "node.ts"), use("workload-identity"));
  await writeFile(join(folder, "wasm.mts"), use("workload-identity-wasm"));
  await writeFile(join(folder, "required.cts"), use("workload-identity"));
  const options = ["--noEmit", "--strict", "--target", "es2022", "--module", "nodenext", "--types", ""];
  const files = ["node.ts", "wasm.mts", "required.cts"];
  const { stdout } = await exec(join(modules, ".bin/tsc"), [...options, ...files], { cwd: folder }).catch(
    (error) => error,
  );
  assert.equal(stdout, "");
});
