// What getToken does, over a stubbed endpoint.
import { equal, failure, ok } from "./expect.js";
import { assertion, azureSignal, clientId, endpoint, granted, respond, scope, silence, sleep, tenantId } from "./stub.js";
import { atTime, soon, until } from "./time.js";

export function acquire({ package: { WorkloadIdentity, callback, signed } }) {
  const identity = (fetch, options = {}) =>
    new WorkloadIdentity({
      tenantId,
      clientId,
      source: callback(() => assertion()),
      flight: "shared",
      fetch,
      ...options,
    });

  return {
    async "a token has the shape of core-auth's AccessToken"() {
      const { fetch, requests } = endpoint(() => respond(granted("token-1", { expires_in: 10_800 })));
      const before = Date.now();
      const token = await identity(fetch).getToken(scope);
      const lasts = token.expiresOnTimestamp - 10_800_000;
      equal(token.token, "token-1");
      equal(token.tokenType, "Bearer");
      // To the second.
      ok(lasts > before - 1_000 && lasts <= Date.now(), "expiry in milliseconds");
      ok(token.refreshAfterTimestamp > before, "refresh in milliseconds");
      const [{ url, init }] = requests;
      equal(url, `https://login.microsoftonline.com/${tenantId}/oauth2/v2.0/token`);
      equal([init.method, init.redirect], ["POST", "manual"]);
      const form = new URLSearchParams(init.body);
      equal(form.get("scope"), scope);
      equal(form.get("client_assertion_type"), "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
    },

    async "the callback is told what the token is for"() {
      let told;
      const source = callback((request) => ((told = request), assertion()));
      await identity(endpoint().fetch, { source }).getToken(scope, { context: "caller-1" });
      equal([told.audience, told.tenantId, told.clientId], ["api://AzureADTokenExchange", tenantId, clientId]);
      equal([told.context, told.signal.aborted], ["caller-1", false]);
      ok(told.tokenEndpoint.endsWith("/token") && told.correlationId.length === 36, "where, and under which name");
    },

    async "a hit asks nobody and is the same for a list of one"() {
      const { fetch, requests } = endpoint();
      const one = identity(fetch);
      const first = await one.getToken(scope);
      equal(await one.getToken([scope]), first);
      equal(await one.getToken(scope, { tracingOptions: {}, abortSignal: undefined }), first);
      equal(requests.length, 1);
    },

    async "forceRefresh replaces the kept token"() {
      const { fetch, requests } = endpoint();
      const one = identity(fetch);
      equal((await one.getToken(scope)).token, "token-1");
      equal((await one.getToken(scope, { forceRefresh: true })).token, "token-2");
      equal((await one.getToken(scope)).token, "token-2");
      equal(requests.length, 2);
    },

    async "requests that differ do not share"() {
      const { fetch, requests } = endpoint();
      const one = identity(fetch, { additionallyAllowedTenants: ["*"] });
      const tokens = [
        await one.getToken(scope),
        await one.getToken("https://graph.microsoft.com/.default"),
        await one.getToken(scope, { tenantId: "11111111-1111-1111-1111-111111111111" }),
        await one.getToken(scope, { enableCae: true }),
        await one.getToken(scope, { claims: '{"access_token":{"nbf":{"value":"1"}}}' }),
      ];
      equal(tokens.map(({ token }) => token), [1, 2, 3, 4, 5].map((number) => `token-${number}`));
      ok(requests[2].url.includes("11111111-1111-1111-1111-111111111111"), "the other tenant");
      ok(new URLSearchParams(requests[3].init.body).get("claims").includes("cp1"), "capability");
    },

    async "the host's map is bounded, and off with the cache"() {
      const { fetch, requests } = endpoint();
      const off = identity(fetch, { cacheMaxEntries: 0 });
      await off.getToken(scope);
      await off.getToken(scope);
      equal(requests.length, 2);
      const small = identity(fetch, { cacheMaxEntries: 2 });
      for (const name of ["a", "b", "c", "a"]) await small.getToken(`https://${name}.example/.default`);
      equal(requests.length, 6, "the first of three is gone");
    },

    async "a thousand promises make one request"() {
      const { fetch, requests } = endpoint(async (number) => {
        await sleep(20);
        return respond(granted(`token-${number}`));
      });
      const one = identity(fetch);
      const tokens = await Promise.all(Array.from({ length: 1000 }, () => one.getToken(scope)));
      equal(requests.length, 1);
      ok(tokens.every(({ token }) => token === "token-1"), "all have the one token");
    },

    async "an aborted leader is replaced at once"() {
      const { fetch, requests } = endpoint((number, { signal }) =>
        number === 1 ? silence(signal) : respond(granted(`token-${number}`)),
      );
      const one = identity(fetch);
      const controller = new AbortController();
      const leader = failure(one.getToken(scope, { abortSignal: controller.signal }));
      const followers = Array.from({ length: 10 }, () => one.getToken(scope));
      await until(() => requests.length === 1, "the request of the leader");
      const now = Date.now();
      // No lease runs out while the clock stands still.
      await atTime(() => now, async () => {
        controller.abort(new Error("changed my mind"));
        equal((await leader).message, "changed my mind");
        for (const { token } of await soon(Promise.all(followers), "another leader")) equal(token, "token-2");
      });
      equal(requests.length, 2);
    },

    async "an aborted follower leaves the others alone"() {
      const { fetch, requests } = endpoint(async () => {
        await sleep(30);
        return respond(granted());
      });
      const one = identity(fetch);
      const controller = new AbortController();
      const leader = one.getToken(scope);
      const follower = failure(one.getToken(scope, { abortSignal: controller.signal }));
      controller.abort();
      equal((await follower).name, "AbortError");
      equal((await leader).token, "token-1");
      equal((await failure(one.getToken(scope, { abortSignal: controller.signal }))).name, "AbortError");
      equal(requests.length, 1);
    },

    async "a signal of @azure/abort-controller aborts"() {
      const { fetch, requests } = endpoint((_, { signal }) => silence(signal));
      const one = identity(fetch);
      const signal = azureSignal();
      const waiting = failure(one.getToken(scope, { abortSignal: signal }));
      await until(() => requests.length === 1, "the request");
      equal(signal.listeners.size, 1);
      signal.abort();
      equal((await waiting).name, "AbortError");
      equal(signal.listeners.size, 0, "no listener stays");
      equal((await failure(one.getToken(scope, { abortSignal: signal }))).name, "AbortError");
      equal(requests.length, 1);
    },

    async "one failure reaches all, and a later good call works"() {
      let good = false;
      const { fetch, requests } = endpoint(async () => {
        await sleep(20);
        const refusal = { error: "unauthorized_client", error_description: "AADSTS700016: unknown app" };
        return good ? respond(granted("good")) : respond(JSON.stringify(refusal), { status: 400 });
      });
      const one = identity(fetch);
      const errors = await Promise.all(Array.from({ length: 100 }, () => failure(one.getToken(scope))));
      equal(requests.length, 1);
      ok(errors.every(({ code }) => code === errors[0].code), "the same code");
      equal(errors[0].aadsts, [700016]);
      good = true;
      equal((await one.getToken(scope)).token, "good");
    },

    async "a deadline ends the waiting"() {
      const { fetch } = endpoint((_, { signal }) => silence(signal));
      const one = identity(fetch, { timeout: 120_000 });
      const waiting = failure(one.getToken(scope, { requestOptions: { timeout: 150 } }));
      const error = await soon(waiting, "the end of the call");
      equal([error.retryable, error.code === "deadline_exceeded" || error.code === "network_timeout"], [true, true]);
    },

    async "a due refresh happens in the background, once"() {
      const work = [];
      const keepers = [(promise) => void work.push(promise), () => { throw new Error("no request"); }, undefined];
      for (const [index, waitUntil] of keepers.entries()) {
        const { fetch, requests } = endpoint(async (number) => {
          if (number === 1) return respond(granted("token-1", { expires_in: 7200, refresh_in: 1 }));
          await sleep(20);
          return respond(granted(`token-${number}`));
        });
        const one = identity(fetch, waitUntil ? { waitUntil } : {});
        equal((await one.getToken(scope)).token, "token-1");
        await atTime((now) => now + 2_000, async () => {
          const served = await Promise.all(Array.from({ length: 50 }, () => one.getToken(scope)));
          ok(served.every(({ token }) => token === "token-1"), "nobody waits");
          if (index === 0) equal(work.length, 1);
          await Promise.all(work);
          await until(async () => (await one.getToken(scope)).token === "token-2", "the refreshed token");
          equal(requests.length, 2);
        });
      }
    },

    async "flights per request wait for nobody"() {
      const { fetch, requests } = endpoint(async (number) => {
        await sleep(20);
        return respond(granted(`token-${number}`));
      });
      const one = identity(fetch, { flight: "per_request" });
      await Promise.all([one.getToken(scope), one.getToken(scope)]);
      equal(requests.length, 2);
    },

    async "a client assertion is signed by the host"() {
      const keys = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign", "verify"]);
      const { fetch, requests } = endpoint();
      const source = signed({
        key: "kms/1",
        algorithm: "ES256",
        sign: (input) => crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, keys.privateKey, input),
      });
      await identity(fetch, { source }).getToken(scope);
      const jwt = new URLSearchParams(requests[0].init.body).get("client_assertion");
      const [head, claims, signature] = jwt.split(".");
      const raw = (text) =>
        Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
      const input = new TextEncoder().encode(`${head}.${claims}`);
      ok(
        await crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, keys.publicKey, raw(signature), input),
        "the signature is good",
      );
      equal(JSON.parse(atob(claims.replaceAll("-", "+").replaceAll("_", "/"))).sub, clientId);
    },

    async "a shared store is asked before the network"() {
      const kept = new Map();
      const store = {
        load: async (key) => kept.get(key),
        save: async (key, value) => void kept.set(key, value),
      };
      const { fetch, requests } = endpoint();
      equal((await identity(fetch, { store }).getToken(scope)).token, "token-1");
      equal((await identity(fetch, { store }).getToken(scope)).token, "token-1");
      equal([requests.length, kept.size], [1, 1]);
    },
  };
}
