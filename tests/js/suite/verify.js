// `TokenVerifier` as applications use it.
import { equal, failure, ok } from "./expect.js";
import { audience, issuer, keyServer, newKey, tokenOf } from "./keys.js";

/** The parts of a token, longer than a name, must not be in what an error shows. */
function silent(error, token) {
  const shown = [String(error), error.stack, JSON.stringify(error), String(error.cause?.stack ?? "")].join();
  const pieces = token.split(".").filter(({ length }) => length >= 24);
  for (const piece of pieces) ok(!shown.includes(piece.slice(0, 24)), "the error shows the token");
}

export async function refuses(verifier, token, code) {
  const error = await failure(verifier.verify(token));
  equal(error.code, code);
  silent(error, token);
  return error;
}

export function given(TokenVerifier, key, more) {
  return TokenVerifier.oidc({ issuer, audience, keys: { keys: [key.jwk] }, ...more });
}

function tests({ TokenVerifier, VerifiedToken, TokenError, ConfigurationError, peekUnverified }, sync, granted) {
  return {
    async "roles and scopes are whole words"() {
      const key = await newKey("k1");
      const verifier = given(TokenVerifier, key);
      for (const { name, claims, roles, scopes, is_app: isApp } of granted) {
        const found = await verifier.verify(await tokenOf(key, claims));
        equal([found.roles, found.scopes, found.isApp], [roles, scopes, isApp], name);
        ok(roles.every((role) => found.hasRole(role)) && scopes.every((scope) => found.hasScope(scope)), name);
        equal([found.hasRole("Orders.Read"), found.hasScope("Orders")], [roles.includes("Orders.Read"), false], name);
      }
    },

    async "keys given directly"() {
      const key = await newKey("k1");
      const verifier = given(TokenVerifier, key);
      const token = await tokenOf(key, { roles: ["reader"] });
      for (let times = 0; times < 3; times += 1) {
        const promise = verifier.verify(token);
        // Of this realm, whatever realm the runtime's crypto is of.
        ok(promise instanceof Promise, "a promise");
        const verified = await promise;
        ok(verified instanceof VerifiedToken, "its class");
        const { subject, algorithm, keyId, profile, header, keySetAge } = verified;
        equal([subject, verified.issuer, verified.audience], ["worker", issuer, [audience]]);
        equal([algorithm, keyId, profile, keySetAge], ["ES256", "k1", "generic-oidc", undefined]);
        equal(header, { alg: "ES256", typ: "JWT", kid: "k1" });
        equal([verified.claims.roles, verified.expiresOn], [["reader"], verified.claims.exp]);
        ok(/^[\w-]{43}$/.test(verified.keyThumbprint), verified.keyThumbprint);
      }
    },

    async "refusals have a code, a class and no stack trace"() {
      const key = await newKey("k1");
      const verifier = given(TokenVerifier, key);
      const now = Math.floor(Date.now() / 1000);
      await refuses(verifier, await tokenOf(key, { exp: now - 100 }), "expired");
      await refuses(verifier, await tokenOf(key, { aud: "api://other" }), "audience_mismatch");
      await refuses(verifier, await tokenOf(key, { iss: "https://other.example" }), "unknown_issuer");
      await refuses(verifier, await tokenOf(key, {}, { kid: "nobody" }), "no_matching_key");
      const other = await newKey("k1");
      const error = await refuses(verifier, await tokenOf(other), "signature_invalid");
      ok(error instanceof TokenError && !error.retryable, "its class");
      const limit = Error.stackTraceLimit;
      await refuses(verifier, "a.b.c", "malformed");
      equal(Error.stackTraceLimit, limit, "the limit of others' traces");
      ok(!(error.stack ?? "").includes("\n    at "), error.stack);
    },

    async "what is not ASCII, not text or endless is no token"() {
      const key = await newKey("k1");
      const verifier = given(TokenVerifier, key);
      const token = await tokenOf(key);
      for (const end of ["\u00e9", "\ud800", "\u0000", "\u{1f600}", "\n", "="]) {
        await refuses(verifier, token + end, "malformed");
      }
      await refuses(verifier, "", "malformed");
      await refuses(verifier, `${token}.${"a".repeat(1_000_000)}`, "too_large");
      await refuses(verifier, "\u00e9".repeat(300_000), "too_large");
      for (const wrong of [undefined, null, 7, {}, [token]]) {
        equal((await failure(verifier.verify(wrong))).code, "request_invalid");
      }
      await verifier.verify(token);
    },

    async "wherever a character stands, it is a digit or refused"() {
      const key = await newKey("k1");
      const verifier = given(TokenVerifier, key);
      const token = await tokenOf(key, { filler: "y".repeat(40) });
      // Neighbours of the digits in ASCII, the standard alphabet, padding and controls.
      const foreign = [..."=+/ ,.:@[^`{", "\u0000", "\u007f"];
      for (let at = 0; at < token.length; at += 1) {
        if (token[at] === ".") continue;
        for (const character of foreign) {
          await refuses(verifier, token.slice(0, at) + character + token.slice(at + 1), "malformed");
        }
      }
      await verifier.verify(token);
    },

    async "text is read as it was written, wherever its escapes stand"() {
      const key = await newKey("k1");
      const verifier = given(TokenVerifier, key);
      for (let before = 0; before < 36; before += 1) {
        for (const special of ['"', "\\", "\n", "\u001f", "~", "\u00e9", "\u{1f600}"]) {
          const sub = "a".repeat(before) + special + "b".repeat(36 - before);
          const claims = { sub, [sub]: [sub, { [sub]: before }], last: true };
          const verified = await verifier.verify(await tokenOf(key, claims));
          equal([verified.subject, verified.claims[sub], verified.claims.last], [sub, claims[sub], true]);
        }
      }
    },

    async "what is known of one token decides nothing for the next"() {
      const [own, other] = [await newKey("k1"), await newKey("k1")];
      const entry = (name, key) => ({ issuer: `https://${name}.example`, audience, keys: { keys: [key.jwk] } });
      const verifier = new TokenVerifier({ issuers: [entry("own", own), entry("other", other)] });
      const of = (name, key, claims) => tokenOf(key, { iss: `https://${name}.example`, ...claims });
      const good = await of("own", own);
      for (let times = 0; times < 2; times += 1) {
        // The header of all is the same; each follows one that was good.
        for (const [token, code] of [
          [await of("own", own, { exp: 1 }), "expired"],
          [await of("own", own, { aud: "api://other" }), "audience_mismatch"],
          [await of("own", other), "signature_invalid"],
          [await of("other", own), "signature_invalid"],
          [good.replace(/[^.]*$/, (await of("own", own, { jti: "1" })).split(".")[2]), "signature_invalid"],
          [`${good}=`, "malformed"],
          [`${good}.${good.split(".")[2]}`, "malformed"],
          [`${good.split(".")[0]}.${good}`, "malformed"],
        ]) {
          equal((await verifier.verify(good)).subject, "worker");
          await refuses(verifier, token, code);
        }
        equal((await verifier.verify(await of("other", other, { sub: "somebody" }))).subject, "somebody");
        const together = [good, await of("other", other), await of("own", own, { exp: 1 }), good];
        equal((await verifier.verifyMany(together)).map(({ issuer, code }) => issuer ?? code), [
          "https://own.example",
          "https://other.example",
          "expired",
          "https://own.example",
        ]);
      }
    },

    async "a result shows all its members"() {
      const key = await newKey("k1");
      const verified = await given(TokenVerifier, key).verify(await tokenOf(key, { name: "J\u00f6rg", sub: "\ufeff\u{1f600}" }));
      const shown = JSON.parse(JSON.stringify(verified));
      equal([shown.subject, shown.claims.name, shown.claims.sub], ["\ufeff\u{1f600}", "J\u00f6rg", "\ufeff\u{1f600}"]);
      equal([shown.issuer, shown.audience, shown.expiresOn], [issuer, [audience], verified.claims.exp]);
      equal([shown.algorithm, shown.keyId, shown.header.kid, shown.profile], ["ES256", "k1", "k1", "generic-oidc"]);
      ok(verified.claims === verified.claims && verified.audience === verified.audience, "read once");
    },

    async "claims named like parts of objects are only claims"() {
      const key = await newKey("k1");
      const verifier = given(TokenVerifier, key, { cacheMaxBytes: 100_000 });
      const now = Math.floor(Date.now() / 1000);
      const start = `{"iss":"${issuer}","aud":"${audience}","exp":${now + 600},`;
      const payload = `${start}"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}},"toString":1}`;
      const token = await tokenOf(key, payload);
      for (let times = 0; times < 2; times += 1) {
        const { claims } = await verifier.verify(token);
        equal(claims.admin, undefined);
        equal({}.admin, undefined);
        equal(Object.getPrototypeOf(claims) === Object.prototype, true, "prototype");
        equal(Object.getOwnPropertyDescriptor(claims, "__proto__").value, { admin: true });
      }
      await refuses(verifier, await tokenOf(key, `${start}"sub":"a","sub":"b"}`), "malformed");
    },

    async "rules are data"() {
      const key = await newKey("k1");
      const rules = {
        claims: [
          { claim: "sub", glob: "repo:octo/*" },
          { claim: "/nested/level", equals: 2 },
          { claim: "ref", oneOf: ["main", "next"] },
          { claim: "forbidden", present: false },
        ],
        roles: ["reader", "writer"],
      };
      const verifier = given(TokenVerifier, key, rules);
      const good = { sub: "repo:octo/app", nested: { level: 2 }, ref: "main", roles: ["writer"] };
      await verifier.verify(await tokenOf(key, good));
      for (const wrong of [{ sub: "repo:other/app" }, { nested: { level: "2" } }, { ref: "topic" }, { forbidden: 1 }]) {
        await refuses(verifier, await tokenOf(key, { ...good, ...wrong }), "claim_mismatch");
      }
      await refuses(verifier, await tokenOf(key, { ...good, roles: undefined }), "claim_missing");
    },

    async "discovery, one fetch for many, rotation, and a flood of unknown keys"() {
      const [first, second] = [await newKey("k1"), await newKey("k2")];
      const server = keyServer([first]);
      const verifier = TokenVerifier.oidc({ issuer, audience, fetch: server.fetch });
      const token = await tokenOf(first);
      const many = await Promise.all(Array.from({ length: 50 }, () => verifier.verify(token)));
      ok(many.every(({ keyId }) => keyId === "k1"), "all are verified");
      equal(server.requests, [`${issuer}/.well-known/openid-configuration`, `${issuer}/keys`]);
      ok((await verifier.verify(token)).keySetAge >= 0, "the age of the keys");
      server.keys = [first, second];
      const rotated = await tokenOf(second);
      const clock = Date.now;
      // A key that is not in a set just fetched waits out a pause.
      Date.now = () => clock() + 60_000;
      const { keyId } = await verifier.verify(rotated).finally(() => (Date.now = clock));
      equal(keyId, "k2");
      const before = server.requests.length;
      for (let times = 0; times < 30; times += 1) {
        await refuses(verifier, await tokenOf(first, {}, { kid: `unknown-${times}` }), "no_matching_key");
      }
      ok(server.requests.length - before <= 2, `${server.requests.length - before} fetches`);
    },

    async "a snapshot makes a fetch unnecessary"() {
      const key = await newKey("k1");
      const server = keyServer([key]);
      const options = { issuer, audience, jwksUri: `${issuer}/keys` };
      const warm = TokenVerifier.oidc({ ...options, fetch: server.fetch });
      equal((await warm.loadKeys()).map(({ keys, unusable }) => [keys, unusable]), [[1, []]]);
      const snapshot = await warm.snapshot();
      const cold = TokenVerifier.oidc({ ...options, fetch: () => Promise.reject(new TypeError("no network")) });
      const token = await tokenOf(key);
      equal((await failure(cold.verify(token))).code, "keys_unavailable");
      const air = TokenVerifier.oidc({ ...options, fetch: () => Promise.reject(new TypeError("no network")) });
      equal(await air.loadSnapshot(snapshot), 1);
      equal((await air.verify(token)).subject, "worker");
      equal((await failure(air.loadSnapshot("{}"))).code, "malformed");
    },

    async "no keys to be had"() {
      const key = await newKey("k1");
      const verifier = TokenVerifier.oidc({ issuer, audience, fetch: keyServer(undefined).fetch });
      const error = await refuses(verifier, await tokenOf(key), "keys_unavailable");
      ok(error.retryable, "may be retried");
    },

    async "callers that give up"() {
      const key = await newKey("k1");
      const hang = (_, { signal }) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
      const verifier = TokenVerifier.oidc({ issuer, audience, fetch: hang });
      const controller = new AbortController();
      const waiting = verifier.verify(await tokenOf(key), { abortSignal: controller.signal });
      setTimeout(() => controller.abort(new Error("enough")), 20);
      equal((await failure(waiting)).message, "enough");
    },

    async "cached results are frozen, and end with the token"() {
      const key = await newKey("k1");
      const verifier = given(TokenVerifier, key, { cacheMaxBytes: 1_000_000, leewaySeconds: 0 });
      const token = await tokenOf(key, { list: [{ deep: 1 }] });
      await verifier.verify(token);
      const [second, third] = [await verifier.verify(token), await verifier.verify(token)];
      ok(second === third, "the same object");
      ok(Object.isFrozen(third) && Object.isFrozen(third.claims.list[0]), "frozen");
      const clock = Date.now;
      Date.now = () => clock() + 601_000;
      const error = await failure(verifier.verify(token)).finally(() => (Date.now = clock));
      equal(error.code, "expired");
    },

    async "cached results end with a change of keys"() {
      const key = await newKey("k1");
      const server = keyServer([key]);
      const verifier = TokenVerifier.oidc({ issuer, audience, fetch: server.fetch, cacheMaxBytes: 1_000_000 });
      const token = await tokenOf(key);
      await verifier.verify(token);
      const cached = await verifier.verify(token);
      ok((await verifier.verify(token)) === cached, "the same object");
      const next = await newKey("k2");
      server.keys = [next];
      const clock = Date.now;
      Date.now = () => clock() + 60_000;
      try {
        await verifier.verify(await tokenOf(next));
        await refuses(verifier, token, "no_matching_key");
      } finally {
        Date.now = clock;
      }
    },

    async "more at once than the core keeps"() {
      const key = await newKey("k1");
      const token = await tokenOf(key);
      const answers = await given(TokenVerifier, key).verifyMany(Array(1200).fill(token));
      equal([...new Set(answers.map((answer) => answer.subject ?? answer.code))], ["worker"]);
    },

    async "many at once"() {
      const key = await newKey("k1");
      const verifier = given(TokenVerifier, key);
      const answers = await verifier.verifyMany([await tokenOf(key), "x.y.z", await tokenOf(key)]);
      equal(answers.map((answer) => answer.subject ?? answer.code), ["worker", "malformed", "worker"]);
    },

    async "without waiting"() {
      const key = await newKey("k1");
      const token = await tokenOf(key);
      if (!sync) {
        equal((await failure(async () => given(TokenVerifier, key).verifySync(token))).code, "misuse");
        equal(given(TokenVerifier, key, { signatures: "wasm" }).verifySync(token).subject, "worker");
        return;
      }
      equal(given(TokenVerifier, key).verifySync(token).subject, "worker");
      equal(given(TokenVerifier, key, { cacheMaxBytes: 1_000_000 }).verifySync(token).subject, "worker");
      const server = keyServer([key]);
      const verifier = TokenVerifier.oidc({ issuer, audience, fetch: server.fetch });
      equal((await failure(async () => verifier.verifySync(token))).code, "keys_unavailable");
      await verifier.loadKeys();
      equal(verifier.verifySync(token).subject, "worker");
    },

    async "kinds of issuers"() {
      const tenantId = "8f2f1c6e-5d0a-4c57-9b3e-2a7d64c1e0b9";
      const key = await newKey("k1");
      const keys = { keys: [key.jwk] };
      TokenVerifier.entra({ tenantId, audience, appOnly: true, roles: ["Task.Read"] });
      TokenVerifier.entraMultiTenant({ tenants: "any", audience });
      TokenVerifier.entraMultiTenant({ tenants: [tenantId], audience, cloud: "usgov" });
      TokenVerifier.github({ audience, repository: "octo/app", ref: ["refs/heads/main"], subject: "repo:octo/*" });
      TokenVerifier.gitlab({ audience, projectPath: "group/app" });
      TokenVerifier.google({ audience, email: "worker@example.com" });
      TokenVerifier.spiffe({ trustDomain: "example.org", audience, jwksUri: "https://bundle.example/keys" });
      const cluster = TokenVerifier.kubernetes({ issuer, audience, keys, namespace: "prod", serviceAccount: ["app"] });
      const account = { namespace: "prod", serviceaccount: { name: "app", uid: "1" } };
      const claims = { sub: "system:serviceaccount:prod:app", "kubernetes.io": account };
      equal((await cluster.verify(await tokenOf(key, claims))).profile, "kubernetes");
      const other = { sub: "system:serviceaccount:dev:app", "kubernetes.io": { ...account, namespace: "dev" } };
      await refuses(cluster, await tokenOf(key, other), "claim_mismatch");
    },

    async "several issuers"() {
      const [one, two] = [await newKey("k1"), await newKey("k2")];
      const entry = (name, key) => ({ issuer: `https://${name}.example`, audience, keys: { keys: [key.jwk] } });
      const verifier = new TokenVerifier({ issuers: [entry("one", one), entry("two", two)] });
      equal((await verifier.verify(await tokenOf(two, { iss: "https://two.example" }))).keyId, "k2");
      await refuses(verifier, await tokenOf(two, { iss: "https://one.example" }), "no_matching_key");
    },

    async "keys on private networks"() {
      const key = await newKey("k1");
      const [server, home] = [keyServer([key]), "https://192.168.7.7"];
      const token = await tokenOf(key, { iss: home });
      const options = { issuer: home, audience, jwksUri: `${home}/openid/v1/jwks`, fetch: server.fetch };
      for (const allowed of [{}, { privateAddresses: "allow" }, { allowedNetworks: ["192.168.0.0/16"] }]) {
        equal((await TokenVerifier.oidc({ ...options, ...allowed }).verify(token)).keyId, "k1");
      }
      for (const [refused, named] of [
        [{ privateAddresses: "deny" }, "`privateAddresses`"],
        [{ allowedNetworks: ["10.0.0.0/8"] }, "`allowedNetworks`"],
        [{ allowedNetworks: [] }, "`allowedNetworks`"],
        [{ jwksUri: "https://169.254.169.254/" }, "no option allows it"],
      ]) {
        const error = await failure(async () => TokenVerifier.oidc({ ...options, ...refused }).verify(token));
        equal(error.code, "config_invalid", named);
        ok(error.message.includes(named), error.message);
      }
    },

    async "configurations that are wrong"() {
      for (const wrong of [{}, { audience: [] }, { audience, colour: 1 }, { audience, keys: "{" }, { audience, keys: '{"keys":[]},"require":[]' }]) {
        const error = await failure(async () => TokenVerifier.oidc({ issuer, ...wrong }).verify("a.b.c"));
        equal(error.code, "config_invalid", JSON.stringify(wrong));
        ok(error instanceof ConfigurationError, "its class");
      }
    },

    async "a look without verification"() {
      const token = await tokenOf(await newKey("k1"), { name: "J\u00f6rg" });
      const peeked = peekUnverified(token);
      equal([peeked.unverifiedHeader.kid, peeked.unverifiedClaims.name], ["k1", "J\u00f6rg"]);
      for (const wrong of ["", "a.b", "a.b.c", `${btoa("[]")}.e30.x`, 7, null]) {
        equal((await failure(async () => peekUnverified(wrong))).code, "malformed");
      }
    },
  };
}

export function verify({ package: exports, native, pure, granted }) {
  const all = {};
  const sync = native.verifiesSignatures === true;
  for (const [name, test] of Object.entries(tests(exports, sync, granted))) all[`verify: ${name}`] = test;
  for (const [name, test] of Object.entries(tests(pure, true, granted))) all[`verify, /pure: ${name}`] = test;
  return all;
}
