// The sources of CI services, hosting platforms and Azure by their functions, at the emulator.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { startEmulator } from "../runners/emulator.js";
import { install } from "../runners/installed.js";

const scope = "https://vault.azure.net/.default";
const clientId = "2d1f8b64-7a3c-4e59-8c10-9b5e6f7a8c3d";
const installed = await install();
after(() => installed.remove());
const names = ["workload-identity", "workload-identity-wasm"];
const packages = await Promise.all(names.map(async (name) => (await installed.load(name)).package));

const sources = [
  ["azure-pipelines", /^(SYSTEM|AZURESUBSCRIPTION)_/, ({ azurePipelines }) => azurePipelines()],
  ["app-service", /^IDENTITY_/, ({ managedIdentity }) => managedIdentity({ clientId })],
  ["azure-ml", /^(MSI|DEFAULT_IDENTITY)_/, ({ managedIdentity }) => managedIdentity({ clientId })],
  ["imds", /^AZURE_POD_/, ({ managedIdentity }) => managedIdentity()],
  ["bitbucket", /^BITBUCKET_/, ({ bitbucket }) => bitbucket()],
  ["buildkite", /^BUILDKITE_/, ({ buildkite }) => buildkite()],
  ["circleci", /^CIRCLE/, ({ circleCi }) => circleCi()],
  ["fly", /^FLY_/, ({ fly }) => fly()],
  ["gitlab", /^(GITLAB_CI|AZURE_ID_TOKEN)$/, ({ gitLab }) => gitLab()],
  ["modal", /^MODAL_/, ({ environmentVariable }) => environmentVariable({ variable: "MODAL_IDENTITY_TOKEN" })],
  ["spacelift", /^SPACELIFT_/, ({ spacelift }) => spacelift()],
  ["terraform", /^TFC_/, ({ terraform }) => terraform()],
  ["vercel", /^VERCEL/, ({ vercel }) => vercel()],
];
const { facts, stop } = await startEmulator(...sources.flatMap(([platform]) => ["--platform", platform]));
after(stop);

for (const [platform, variables, make] of sources) {
  test(`${platform} of the emulator`, async () => {
    const environment = Object.fromEntries(Object.entries(facts.environment).filter(([name]) => variables.test(name)));
    const options = { tenantId: facts.tenant_id, clientId: facts.client_id, authorityHost: facts.base_url, environment };
    for (const [place, exports] of packages.entries()) {
      const identity = new exports.WorkloadIdentity({ ...options, source: make(exports) });
      assert.ok((await identity.getToken(scope)).token, names[place]);
    }
  });
}
