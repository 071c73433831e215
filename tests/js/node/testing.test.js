// The entry `/testing` of both packages, as the tests of an application use it.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { after, test } from "node:test";
import { wif } from "../runners/emulator.js";
import { install } from "../runners/installed.js";

const installed = await install();
after(() => installed.remove());
const require = createRequire(join(installed.folder, "program.js"));

for (const name of ["workload-identity", "workload-identity-wasm"]) {
  const load = (entry) => import(pathToFileURL(require.resolve(`${name}${entry}`)).href);
  const { Issuer, TokenError, TokenVerifier, WorkloadIdentity } = await load("");
  const { FakeCredential, startEmulator, TestIssuer } = await load("/testing");
  const shapes = {
    oidc: () => TestIssuer.oidc(),
    "entra v1": () => TestIssuer.entra({ version: 1 }),
    "entra v2": () => TestIssuer.entra(),
    github: () => TestIssuer.github({ environment: "production" }),
    kubernetes: () => TestIssuer.kubernetes({ namespace: "shop" }),
  };

  for (const [shape, make] of Object.entries(shapes)) {
    test(`${name}: tokens of the shape ${shape}`, async () => {
      const issuer = make();
      const verifier = await issuer.verifier();
      const caller = await verifier.verify(await issuer.token({ roles: ["Orders.Read"] }));
      assert.ok(caller.hasRole("Orders.Read"));
      const refused = {
        expired: issuer.expiredToken(),
        signature_invalid: issuer.forgedToken(),
        audience_mismatch: issuer.token({ aud: "api://other" }),
        no_matching_key: issuer.token({}, { header: { kid: "other" } }),
        unknown_issuer: TestIssuer.oidc({ issuer: "https://other.example" }).token(),
      };
      for (const [code, token] of Object.entries(refused)) {
        await assert.rejects(verifier.verify(await token), (error) => error instanceof TokenError && error.code === code);
      }
      await assert.rejects(verifier.verify(await make().token()), { code: "signature_invalid" });
    });
  }

  test(`${name}: rules, users and several issuers`, async () => {
    const issuer = TestIssuer.github({ environment: "production" });
    const rules = { repository: "octo/app", environment: "production" };
    assert.equal((await (await issuer.verifier(rules)).verify(await issuer.token())).profile, "github");
    const other = await issuer.verifier({ repository: "octo/other" });
    await assert.rejects(other.verify(await issuer.token()), { code: "claim_mismatch" });
    const entra = TestIssuer.entra({ audience: "api://orders" });
    const user = await entra.verified({ idtyp: undefined, sub: "user", scp: "Orders.Read" });
    assert.deepEqual([user.isApp, user.hasScope("Orders.Read")], [false, true]);
    assert.ok((await entra.verified()).isApp);
    const both = new TokenVerifier({ issuers: [await issuer.trusted(), await entra.trusted()] });
    assert.equal((await both.verify(await entra.token())).claims.aud, "api://orders");
    const keys = await entra.jwks();
    const named = Issuer.entra({ tenantId: entra.claims.tid, audience: entra.audience, roles: ["Orders.Read"], keys });
    const own = new TokenVerifier({ issuers: [named, Issuer.github({ audience: "api://deploy", repository: "octo/app" })] });
    assert.equal((await own.verify(await entra.token({ roles: ["Orders.Read"] }))).profile, "entra-v2");
    await assert.rejects(own.verify(await entra.token()), { code: "claim_missing", httpStatus: 403 });
  });

  test(`${name}: a fake credential`, async () => {
    const credential = new FakeCredential({ token: "first" });
    assert.equal((await credential.getToken("a")).token, "first");
    assert.ok((await credential.getToken(["b", "c"], {})).expiresOnTimestamp > Date.now());
    assert.deepEqual(credential.calls, [["a"], ["b", "c"]]);
    const failing = new FakeCredential({ error: new RangeError("no") });
    await assert.rejects(failing.getToken("a"), RangeError);
  });

  test(`${name}: the emulator`, async () => {
    const emulator = await startEmulator({ program: wif });
    try {
      const identity = WorkloadIdentity.fromEnvironment({ environment: emulator.environment });
      assert.ok((await identity.getToken("https://vault.azure.net/.default")).token);
    } finally {
      await emulator.stop();
    }
    const arguments_ = ["--token-file", join(installed.folder, "pod-token")];
    const pod = await startEmulator({ program: wif, arguments: arguments_ });
    try {
      assert.equal(pod.environment.ACTIONS_ID_TOKEN_REQUEST_URL, undefined);
      const identity = WorkloadIdentity.fromEnvironment({ environment: pod.environment });
      assert.ok((await identity.getToken("https://vault.azure.net/.default")).token);
    } finally {
      await pod.stop();
    }
    await assert.rejects(startEmulator({ program: wif, arguments: ["--no-such-option"] }), /ended before it listened/);
    await assert.rejects(startEmulator({ program: "/nowhere/wif" }), /set WIF to its path/);
  });
}
