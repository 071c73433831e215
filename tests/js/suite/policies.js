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
        "claims without a type": () => given(TokenVerifier, key, { claims: "" }),
        "issuers without a type": () => new TokenVerifier({ issuers: [null] }),
        "bundles of none": () => TokenVerifier.spiffe({ audience, bundles: {} }),
        "rule for a blank": () => given(TokenVerifier, key, { claims: [{ claim: "sub", equals: " " }] }),
      };
      for (const blank of ["", " ", [""], [null], [[]], ["octo/app", " "]]) {
        makes[`repository ${JSON.stringify(blank)}`] = () => TokenVerifier.github({ audience, repository: blank });
        makes[`audience ${JSON.stringify(blank)}`] = () => TokenVerifier.github({ audience: blank });
      }
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

    async "an error says what an API answers"() {
      const key = await newKey("k1");
      const answer = async (options, claims, header) => {
        const error = await failure(given(TokenVerifier, key, options).verify(await tokenOf(key, claims, header)));
        return [error.httpStatus, error.claim, error.rule, error.wwwAuthenticate];
      };
      const invalid = (text) => `Bearer error="invalid_token", error_description="${text}"`;
      const lacks = "A claim does not have a value that the policy allows";
      equal(await answer({}, { exp: 1 }), [401, "exp", undefined, invalid("The token has expired: exp")]);
      const party = await answer({ authorizedParties: ["a"] }, { azp: "b" });
      equal(party, [401, "azp", "authorizedParties", invalid(`${lacks}: azp`)]);
      const rule = await answer({ claims: [{ claim: "/a/b\r\n\"", equals: 1 }] }, {});
      equal(rule, [401, "/a/b\r\n\"", "claims", invalid("A required claim is missing: /a/b??'")]);
      const scopes = await answer({ scopes: ["files.read", "files.write"] }, { scp: "user.read" });
      const insufficient = `Bearer error="insufficient_scope", error_description="${lacks}: `;
      equal(scopes, [403, "scp", "scopes", `${insufficient}scp", scope="files.read files.write"`]);
      equal(await answer({ roles: ["a"] }, { roles: ["b"] }), [403, "roles", "roles", `${insufficient}roles"`]);
      const none = new TokenVerifier({ issuers: [{ issuer, audience, jwksUri: `${issuer}/keys` }], fetch: () => Promise.reject(new TypeError("down")), timeout: 1000 });
      const { httpStatus, wwwAuthenticate, retryable } = await failure(none.verify(await tokenOf(key)));
      equal([httpStatus, wwwAuthenticate, retryable], [503, undefined, true]);
      const missing = await failure(none.verify(undefined));
      equal([missing.code, missing.httpStatus, missing.wwwAuthenticate], ["request_invalid", 401, "Bearer"]);
    },

    async "what stands around a token is named"() {
      const key = await newKey("k1");
      const token = await tokenOf(key);
      for (const [text, word] of [
        [`Bearer ${token}`, "`Bearer `"],
        [`bearer ${token}`, "`Bearer `"],
        [`"${token}"`, "quotation marks"],
        [`'${token}'`, "quotation marks"],
        [`\ufeff${token}`, "byte order mark"],
        [` ${token}`, "white space"],
        [`${token}\n`, "white space"],
      ]) {
        const error = await refuses(given(TokenVerifier, key), text, "malformed");
        ok(error.message.includes(word), error.message);
      }
    },

    async "tokens without an audience, or without a subject, are asked for"() {
      const key = await newKey("k1");
      const keys = { keys: [key.jwk] };
      const claims = [{ claim: "client_id", equals: "app" }, { claim: "token_use", equals: "access" }];
      const cognito = TokenVerifier.oidc({ issuer, keys, dangerouslyWithoutAudience: true, claims });
      const access = { aud: undefined, client_id: "app", token_use: "access" };
      equal((await cognito.verify(await tokenOf(key, access))).claims.client_id, "app");
      await refuses(cognito, await tokenOf(key, { ...access, aud: audience }), "audience_mismatch");
      await refuses(cognito, await tokenOf(key, { ...access, client_id: "other" }), "claim_mismatch");
      const alone = { issuer, keys, dangerouslyWithoutAudience: true, claims: claims.slice(1) };
      equal((await failure(async () => TokenVerifier.oidc(alone).verify("a.b.c"))).code, "config_invalid");
      const machine = { sub: undefined, client_id: "app", jti: "1" };
      const at = await tokenOf(key, machine, { typ: "at+jwt" });
      await refuses(TokenVerifier.rfc9068({ issuer, audience, keys }), at, "claim_missing");
      const verified = await TokenVerifier.rfc9068({ issuer, audience, keys, without: ["sub"] }).verify(at);
      equal([verified.profile, verified.subject], ["rfc9068", undefined]);
    },

    async "each trust domain has its own bundle"() {
      const [a, b] = [await newKey("k1"), await newKey("k1")];
      const bundle = ({ jwk: { alg, ...jwk } }) => ({ keys: [{ ...jwk, use: "jwt-svid" }] });
      const bundles = { "a.example": bundle(a), "b.example": bundle(b) };
      const verifier = TokenVerifier.spiffe({ audience, bundles });
      const svid = (key, domain) => tokenOf(key, { sub: `spiffe://${domain}/x` });
      equal((await verifier.verify(await svid(a, "a.example"))).subject, "spiffe://a.example/x");
      equal((await verifier.verify(await svid(b, "b.example"))).subject, "spiffe://b.example/x");
      await refuses(verifier, await svid(a, "b.example"), "signature_invalid");
      await refuses(verifier, await svid(b, "a.example"), "signature_invalid");
      const shared = { "a.example": bundle(a), "b.example": bundle(a) };
      for (const wrong of [
        { bundles: shared },
        { bundles: {} },
        { bundles, trustDomain: "a.example" },
        { trustDomain: ["a.example", "b.example"], keys: bundle(a) },
      ]) {
        const error = await failure(async () => TokenVerifier.spiffe({ audience, ...wrong }).verify("a.b.c"));
        equal(error.code, "config_invalid");
      }
    },

    async "a cloud is named by any of its hosts"() {
      const tenantId = "8f2f1c6e-5d0a-4c57-9b3e-2a7d64c1e0b9";
      for (const cloud of ["public", "usgov", "china", "login.windows.net", "login.microsoft.com", "sts.windows.net", "login.usgovcloudapi.net", "login.chinacloudapi.cn"]) {
        const error = await failure(TokenVerifier.entra({ tenantId, audience, cloud }).verify("a.b.c"));
        equal([cloud, error.code], [cloud, "malformed"]);
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
