// Keys over the network, from an issuer on loopback: discovery, rotation, one fetch for many.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { install } from "../runners/installed.js";
import { startIssuer } from "../runners/issuer.js";
import { newKey } from "../suite/keys.js";

const installed = await install();
const issuer = await startIssuer();
after(async () => {
  issuer.stop();
  await installed.remove();
});

for (const name of ["workload-identity", "workload-identity-wasm"]) {
  test(`${name}: keys of an issuer on loopback, and their rotation`, async () => {
    const { TokenVerifier } = (await installed.load(name)).package;
    const options = { issuer: issuer.issuer, audience: issuer.audience };
    const verifier = TokenVerifier.oidc({ ...options, allowLoopbackHttp: true });
    const [first] = issuer.keys;
    issuer.requests.length = 0;
    const token = await issuer.token();
    const all = await Promise.all(Array.from({ length: 20 }, () => verifier.verify(token)));
    assert.ok(all.every(({ subject }) => subject === "worker"));
    assert.deepEqual(issuer.requests, ["/.well-known/openid-configuration", "/keys"]);

    const second = await newKey("k2");
    issuer.keys = [second, first];
    const rotated = await issuer.token({}, second);
    const clock = Date.now;
    Date.now = () => clock() + 60_000;
    try {
      assert.equal((await verifier.verify(rotated)).keyId, "k2");
      assert.equal((await verifier.verify(token)).keyId, "k1");
    } finally {
      Date.now = clock;
      issuer.keys = [first];
    }

    const strict = () => TokenVerifier.oidc(options);
    assert.throws(strict, { code: "config_invalid" });
  });
}
