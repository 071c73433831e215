// What a policy may say, and keys as issuers publish them.
import { equal, failure, ok } from "./expect.js";
import { audience, issuer, newKey, tokenOf } from "./keys.js";
import { given, refuses } from "./verify.js";

function tests({ TokenVerifier, ConfigurationError }) {
  return {
    async "no list is empty"() {
      const key = await newKey("k1");
      const arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/a/50dc6c495c0c9188";
      const keys = { keys: [key.jwk] };
      const makes = {
        repository: () => TokenVerifier.github({ audience, repository: [] }),
        claims: () => TokenVerifier.github({ audience, repository: "octo/app", claims: [] }),
        namespace: () => TokenVerifier.kubernetes({ issuer, audience, namespace: [] }),
        email: () => TokenVerifier.google({ audience, email: [] }),
        tenants: () => TokenVerifier.entraMultiTenant({ audience, tenants: [] }),
        trustDomain: () => TokenVerifier.spiffe({ audience, trustDomain: [], keys }),
        issuers: () => new TokenVerifier({ issuers: [] }),
        oneOf: () => given(TokenVerifier, key, { claims: [{ claim: "sub", oneOf: [] }] }),
        signers: () => new TokenVerifier({ issuers: [{ profile: "alb", issuer, audience, signers: [], keys }] }),
        scope: () => given(TokenVerifier, key, { scopes: "".split(",") }),
      };
      for (const name of ["audience", "algorithms", "require", "claims", "authorizedParties", "roles", "scopes"]) {
        makes[`oidc ${name}`] = () => given(TokenVerifier, key, { [name]: [] });
      }
      for (const [name, make] of Object.entries(makes)) {
        const error = await failure(async () => make().verify("a.b.c"));
        equal([error.code, name], ["config_invalid", name]);
      }
      const absent = { algorithms: undefined, claims: undefined, roles: undefined, scopes: undefined };
      equal((await given(TokenVerifier, key, absent).verify(await tokenOf(key))).subject, "worker");
      new TokenVerifier({ issuers: [{ profile: "alb", issuer, audience, signers: [arn], keys }] });
    },

    async "rules compare integers exactly"() {
      const key = await newKey("k1");
      const now = Math.floor(Date.now() / 1000);
      const token = (n) => tokenOf(key, `{"iss":"${issuer}","aud":"${audience}","exp":${now + 600},"n":${n}}`);
      for (const wanted of [9007199254740993n, 9223372036854775808n, 18446744073709551615n, -9223372036854775808n]) {
        for (const rule of [{ equals: wanted }, { oneOf: ["x", wanted] }, { equals: [wanted] }]) {
          const verifier = given(TokenVerifier, key, { claims: [{ claim: "n", ...rule }] });
          const text = (n) => (Array.isArray(rule.equals) ? `[${n}]` : String(n));
          await verifier.verify(await token(text(wanted)));
          for (const other of [wanted - 1n, wanted + 1n]) await refuses(verifier, await token(text(other)), "claim_mismatch");
        }
      }
      const wrong = [2 ** 53, -(2 ** 63), 1e300, Infinity, NaN, undefined, 1n << 64n, [{ a: 2 ** 60 }]];
      for (const value of wrong) {
        for (const rule of [{ equals: value }, { oneOf: [1, value] }]) {
          const claims = [{ claim: "n", ...rule }];
          const error = await failure(async () => given(TokenVerifier, key, { claims }).verify("a.b.c"));
          equal(error.code, "config_invalid", String(value));
          ok(error instanceof ConfigurationError, "its class");
        }
      }
    },

    async "keys as issuers publish them"() {
      const key = await newKey("k1");
      const { jwk } = key;
      const token = await tokenOf(key);
      const text = (...keys) => JSON.stringify({ keys });
      for (const keys of [
        text(jwk, jwk),
        text({ ...jwk, alg: null, use: null, key_ops: null, x5c: null, d: null }),
        `\ufeff${text(jwk)}`,
      ]) {
        equal((await given(TokenVerifier, key, { keys }).verify(token)).keyId, "k1");
      }
      const other = await newKey("k1");
      await refuses(given(TokenVerifier, key, { keys: text(jwk, other.jwk) }), token, "ambiguous_key");
    },
  };
}

export function policies({ package: exports, pure }) {
  const all = {};
  for (const [name, test] of Object.entries(tests(exports))) all[`policy: ${name}`] = test;
  for (const [name, test] of Object.entries(tests(pure))) all[`policy, /pure: ${name}`] = test;
  return all;
}
