// The developer's own tests.
import assert from "node:assert/strict";
import { test } from "node:test";
import { TokenVerifier } from "workload-identity";
import { FakeCredential, TestIssuer } from "workload-identity/testing";
import { answer } from "./orders.js";

const entra = TestIssuer.entra({ audience: "api://orders" });
const gitHub = TestIssuer.github({ audience: "api://orders" });
const issuers = [await entra.trusted({ roles: ["Orders.Read"] }), await gitHub.trusted({ repository: "octo/app" })];
const verifier = new TokenVerifier({ issuers });

test("an application with the role", async () => {
  assert.equal((await answer(await entra.token({ roles: ["Orders.Read"] }), verifier)).status, 200);
});

test("an application without the role", async () => {
  const { status, body, challenge } = await answer(await entra.token(), verifier);
  assert.deepEqual([status, body], [403, "claim_missing"]);
  assert.match(challenge ?? "", /^Bearer error="insufficient_scope"/);
});

test("a job has no role", async () => {
  assert.equal((await answer(await gitHub.token(), verifier)).status, 403);
});

test("tokens that are refused", async () => {
  assert.deepEqual(await answer("nonsense", verifier).then(({ status, body }) => [status, body]), [401, "malformed"]);
  assert.equal((await answer(await entra.expiredToken(), verifier)).body, "expired");
  assert.equal((await answer(await gitHub.forgedToken(), verifier)).body, "signature_invalid");
});

test("a program that gets tokens", async () => {
  const credential = new FakeCredential({ token: "first" });
  assert.equal((await credential.getToken("api://orders/.default")).token, "first");
  assert.deepEqual(credential.calls, [["api://orders/.default"]]);
});
