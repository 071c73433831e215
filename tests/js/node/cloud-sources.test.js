// Google Cloud, Kubernetes and spiffe-helper's file as sources, at the emulator.
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, test } from "node:test";
import { startEmulator } from "../runners/emulator.js";
import { install } from "../runners/installed.js";

const scope = "https://vault.azure.net/.default";
const serviceAccount = "workload@octo-project.iam.gserviceaccount.com";
const installed = await install();
after(() => installed.remove());

/** An emulator that is a platform: asks it for a token with a source, and checks refusals. */
async function startPlatform(name, exports) {
  const { facts, stop } = await startEmulator("--platform", name);
  const options = { tenantId: facts.tenant_id, clientId: facts.client_id, authorityHost: facts.base_url };
  const token = async (source, more) => {
    const environment = { ...facts.environment, ...more };
    const identity = new exports.WorkloadIdentity({ ...options, source, environment });
    return (await identity.getToken(scope)).token;
  };
  const refuses = (source, code, part, more) =>
    assert.rejects(
      () => token(source, more),
      (error) => {
        assert.equal(error.code, code, error.message);
        assert.ok(error.message.includes(part), error.message);
        return true;
      },
    );
  return { facts, stop, token, refuses };
}

for (const name of ["workload-identity", "workload-identity-wasm"]) {
  const exports = (await installed.load(name)).package;

  test(`${name}: Google Cloud`, async () => {
    const { googleMetadata, googleServiceAccount } = exports;
    const { facts, stop, token, refuses } = await startPlatform("gcp", exports);
    const endpoint = facts.base_url;
    try {
      assert.ok(await token(googleMetadata()));
      assert.ok(await token(googleMetadata({ serviceAccount, licenses: true })));
      assert.ok(await token(googleServiceAccount({ serviceAccount, endpoint, includeEmail: true })));
      await refuses(googleMetadata({ serviceAccount: "other@x" }), "source_rejected", "other@x");
      const other = googleServiceAccount({ serviceAccount: "other@x", endpoint });
      await refuses(other, "source_rejected", "serviceAccountOpenIdTokenCreator");
      for (const host of ["attacker.example", "169.254.170.2", "127.0.0.1/x", "a\nb"]) {
        await refuses(googleMetadata(), "config_invalid", "GCE_METADATA_HOST", { GCE_METADATA_HOST: host });
      }
    } finally {
      await stop();
    }
  });

  test(`${name}: Kubernetes' TokenRequest`, async () => {
    const { kubernetesTokenRequest } = exports;
    const { facts, stop, token, refuses } = await startPlatform("kubernetes", exports);
    try {
      assert.ok(await token(kubernetesTokenRequest()));
      assert.ok(await token(kubernetesTokenRequest({ serviceAccount: "workload", expirationSeconds: 600 })));
      await refuses(kubernetesTokenRequest({ serviceAccount: "other" }), "source_rejected", "`default/other`");
      const elsewhere = kubernetesTokenRequest({ serviceAccount: "workload", namespace: "other" });
      await refuses(elsewhere, "source_rejected", "serviceaccounts/token");
      const kubeconfig = join(installed.folder, "kubeconfig");
      const text = await readFile(facts.environment.KUBECONFIG, "utf8");
      await writeFile(kubeconfig, text.replace(`${facts.base_url}/platforms/kubernetes`, "https://169.254.169.254"));
      await refuses(kubernetesTokenRequest({ kubeconfig }), "config_invalid", "metadata service");
    } finally {
      await stop();
    }
  });

  test(`${name}: the file of spiffe-helper`, async () => {
    const { facts, stop, token } = await startPlatform("spiffe", exports);
    try {
      assert.ok(await token(exports.tokenFile(facts.environment.AZURE_FEDERATED_TOKEN_FILE)));
    } finally {
      await stop();
    }
  });
}
