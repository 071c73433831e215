// STS, Cognito and the pod's file of AWS as sources, at the emulator, with each place of the credentials.
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { startEmulator } from "../runners/emulator.js";
import { install } from "../runners/installed.js";

const scope = "https://vault.azure.net/.default";
const installed = await install();
const { facts, stop } = await startEmulator("--platform", "aws");
after(async () => {
  await stop();
  await installed.remove();
});

const options = { tenantId: facts.tenant_id, clientId: facts.client_id, authorityHost: facts.base_url };
const pod = facts.environment;
const irsaToken = join(dirname(pod.AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE), "irsa-token");
const { AWS_CONTAINER_CREDENTIALS_FULL_URI, AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE, ...instance } = pod;
const role = {
  ...instance,
  AWS_ROLE_ARN: "arn:aws:iam::123456789012:role/workload",
  AWS_WEB_IDENTITY_TOKEN_FILE: irsaToken,
};
const identityPoolId = "eu-west-1:0b6d2f7a-93c8-4e15-a7d0-58f1c3e964b2";
const logins = { "login.emulator.example": "app" };

for (const name of ["workload-identity", "workload-identity-wasm"]) {
  const { WorkloadIdentity, awsCognito, awsIrsa, awsWebIdentity, tokenFile } = (await installed.load(name)).package;
  const identityOf = (source, environment) => new WorkloadIdentity({ ...options, source, environment });
  const token = async (source, environment) => (await identityOf(source, environment).getToken(scope)).token;
  const refuses = async (source, environment, code, part) => {
    const error = await token(source, environment).then(assert.fail, (failure) => failure);
    assert.equal(error.code, code, error.message);
    assert.ok(error.message.includes(part), error.message);
  };

  test(`${name}: GetWebIdentityToken with the credentials of a pod, an instance and a role`, async () => {
    for (const environment of [pod, instance, role]) {
      assert.ok(await token(awsWebIdentity({ durationSeconds: 900, tags: { team: "shop" } }), environment));
    }
  });

  test(`${name}: a developer identity of Cognito`, async () => {
    const { subject, audience } = await identityOf(awsCognito({ identityPoolId, logins }), pod).preflight();
    assert.deepEqual([subject, audience], ["eu-west-1:7c1d9a40-2be6-4f0c-9d57-3a8e5f016b24", [identityPoolId]]);
  });

  test(`${name}: the file of IAM roles for service accounts`, async () => {
    for (const source of [awsIrsa(), awsIrsa(irsaToken)]) {
      const { audience } = await identityOf(source, role).preflight();
      assert.deepEqual(audience, ["sts.amazonaws.com"]);
    }
    await refuses(awsIrsa(), instance, "environment_incomplete", "AWS_WEB_IDENTITY_TOKEN_FILE");
    await refuses(awsIrsa(`${irsaToken}.missing`), role, "token_file_missing", "AWS_WEB_IDENTITY_TOKEN_FILE");
    await refuses(tokenFile(irsaToken), role, "trust_mismatch", "sts.amazonaws.com");
  });

  test(`${name}: what AWS refuses`, async () => {
    const key = { ...instance, AWS_ACCESS_KEY_ID: "AKIDUNKNOWN", AWS_SECRET_ACCESS_KEY: "s3cret" };
    await refuses(awsWebIdentity(), key, "source_rejected", "AWS");
    await refuses(awsCognito({ identityPoolId, logins }), key, "source_rejected", "AWS");
    await refuses(awsWebIdentity({ signingAlgorithm: "ES384" }), pod, "source_rejected", "AWS");
    await refuses(awsCognito({ identityPoolId, logins: { "other.example": "app" } }), pod, "source_rejected", "`logins`");
    const elsewhere = identityPoolId.replace("0b6d", "0000");
    await refuses(awsCognito({ identityPoolId: elsewhere, logins }), pod, "source_rejected", "`identity_pool_id`");
    const other = { ...role, AWS_ROLE_ARN: "arn:aws:iam::123456789012:role/another" };
    await refuses(awsWebIdentity(), other, "source_rejected", "AWS");
  });
}
