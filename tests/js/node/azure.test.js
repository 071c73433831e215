// Accepted wherever @azure/core-auth's TokenCredential is: by type, and by the real pipeline policy.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cp, mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, test } from "node:test";
import { promisify } from "node:util";
import { isTokenCredential } from "@azure/core-auth";
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
  emulator.stop();
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
    const credential: TokenCredential = new WorkloadIdentity({
      tenantId: "contoso.com",
      clientId: "c",
      source: callback(async ({ signal }) => (signal.aborted ? "" : "jwt")),
    });
    const token: Promise<{ token: string } | null> = credential.getToken(["scope"], { enableCae: true });
    export const code = (error: WorkloadIdentityError): ErrorCode => error.code;
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
