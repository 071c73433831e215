// `SharedTokenCache`: one cache of several objects; and the path of a federated managed identity.
import { equal, failure, ok } from "./expect.js";
import { assertion, clientId, endpoint, granted, respond, scope, sleep, tenantId } from "./stub.js";
import { atTime, until } from "./time.js";

const other = "11111111-1111-1111-1111-111111111111";

export function sharedCache({ package: { SharedTokenCache, WorkloadIdentity, callback } }) {
  const shared = (options = {}) => new SharedTokenCache({ flight: "shared", ...options });
  const identity = (cache, fetch, options = {}) =>
    new WorkloadIdentity({ tenantId, clientId, source: callback(() => assertion()), cache, fetch, ...options });
  const tokenOf = async (one, options) => (await one.getToken(scope, options)).token;

  return {
    async "objects of one client share tokens"() {
      const cache = shared();
      const [first, second] = [endpoint(), endpoint()];
      const token = await tokenOf(identity(cache, first.fetch));
      equal(await tokenOf(identity(cache, second.fetch)), token);
      equal([first.requests.length, second.requests.length], [1, 0]);
    },

    async "other clients get tokens of their own"() {
      const cache = shared();
      const { fetch, requests } = endpoint();
      const clients = [
        {},
        { clientId: other },
        { tenantId: other },
        { authorityHost: "https://login.microsoftonline.us" },
      ];
      const all = () => Promise.all(clients.map((client) => tokenOf(identity(cache, fetch, client))));
      const tokens = await all();
      equal(new Set(tokens).size, 4);
      equal(await all(), tokens);
      equal(requests.length, 4);
      const wide = identity(cache, fetch, { additionallyAllowedTenants: ["*"] });
      equal(await tokenOf(wide, { tenantId: other }), tokens[2]);
      equal((await failure(() => tokenOf(identity(cache, fetch), { tenantId: other }))).code, "tenant_not_configured");
    },

    async "promises of several objects make one request"() {
      const cache = shared();
      const { fetch, requests } = endpoint(async (number) => {
        await sleep(20);
        return respond(granted(`token-${number}`));
      });
      const tokens = await Promise.all(Array.from({ length: 50 }, () => tokenOf(identity(cache, fetch))));
      equal([new Set(tokens).size, requests.length], [1, 1]);
    },

    async "a leader that is aborted passes its request on"() {
      const cache = shared();
      const controller = new AbortController();
      const silent = endpoint((_, { signal }) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))));
      const leading = failure(() => tokenOf(identity(cache, silent.fetch), { abortSignal: controller.signal }));
      while (silent.requests.length === 0) await sleep(1);
      const { fetch, requests } = endpoint();
      const following = tokenOf(identity(cache, fetch));
      await sleep(5);
      controller.abort();
      equal((await leading).name, "AbortError");
      equal([await following, requests.length], ["token-1", 1]);
    },

    async "a new token replaces that of all objects"() {
      const cache = shared();
      const { fetch } = endpoint();
      const [first, second] = [identity(cache, fetch), identity(cache, fetch)];
      equal([await tokenOf(first), await tokenOf(second)], ["token-1", "token-1"]);
      equal(await tokenOf(first, { claims: '{"access_token":{}}' }), "token-2");
      equal([await tokenOf(first), await tokenOf(second)], ["token-2", "token-2"]);
    },

    async "the bound holds for all objects together"() {
      const { fetch, requests } = endpoint();
      const cache = shared({ maxEntries: 2 });
      const objects = [0, 1, 2].map((digit) => identity(cache, fetch, { clientId: `${digit}${clientId.slice(1)}` }));
      for (const each of objects) await tokenOf(each);
      await tokenOf(objects[2]);
      equal(requests.length, 3);
      await tokenOf(objects[0]);
      equal(requests.length, 4, "the first of three is gone");
      const off = identity(shared({ maxEntries: 0 }), fetch);
      await tokenOf(off);
      await tokenOf(off);
      equal(requests.length, 6);
    },

    async "one refresh for all objects"() {
      const cache = shared();
      let answer;
      const answered = new Promise((resolve) => (answer = resolve));
      const { fetch, requests } = endpoint(async (number) => {
        if (number === 1) return respond(granted("token-1", { refresh_in: 1 }));
        await answered;
        return respond(granted(`token-${number}`));
      });
      const [first, second] = [identity(cache, fetch), identity(cache, fetch)];
      await tokenOf(first);
      await atTime((now) => now + 2_000, async () => {
        equal([await tokenOf(second), await tokenOf(first)], ["token-1", "token-1"]);
        answer();
        await until(async () => (await tokenOf(first)) === "token-2", "the refreshed token");
        equal([await tokenOf(second), requests.length], ["token-2", 2]);
      });
    },

    async "wrong bounds and wrong caches"() {
      const { fetch } = endpoint();
      for (const name of ["maxEntries", "maxBytes"]) {
        for (const value of [-1, 1.5, "5", true, 2 ** 40, [5]]) {
          const error = await failure(async () => tokenOf(identity(shared({ [name]: value }), fetch)));
          equal(error.code, "config_invalid", String(value));
          ok(error.message.includes(name), error.message);
        }
      }
      for (const cache of [{}, "cache", 5, null, SharedTokenCache]) {
        const error = await failure(async () => tokenOf(identity(cache, fetch)));
        equal(error.code, "config_invalid");
        ok(error.message.includes("SharedTokenCache"), error.message);
      }
      for (const [options, name] of [[{ cacheMaxEntries: 5 }, "cacheMaxEntries"], [{ flight: "shared" }, "flight"]]) {
        const error = await failure(async () => tokenOf(identity(shared(), fetch, options)));
        equal(error.code, "config_invalid");
        ok(error.message.includes(name), error.message);
      }
      const generic = { clientId: undefined, tenantId: undefined, authority: { tokenEndpoint: "https://issuer.example/token" } };
      const error = await failure(async () => identity(shared(), fetch, generic).getToken("api"));
      ok(error.message.includes("client_id"), error.message);
    },

    async "the path of a federated managed identity separates tokens"() {
      const cache = shared();
      const { fetch, requests } = endpoint();
      const [first, second] = [identity(cache, fetch), identity(cache, fetch)];
      equal(await tokenOf(first), "token-1");
      equal(await tokenOf(first, { fmiPath: "agents/a" }), "token-2");
      equal(await tokenOf(first, { fmiPath: "agents/a" }), "token-2");
      equal(await tokenOf(second, { fmiPath: "agents/a" }), "token-2");
      const paths = requests.map(({ init }) => new URLSearchParams(init.body).get("fmi_path"));
      equal(paths, [null, "agents/a"]);
      for (const fmiPath of ["", " ", " a", "a\n", "a".repeat(1025), 5, ["a"]]) {
        const error = await failure(() => tokenOf(first, { fmiPath }));
        equal(error.code, "request_invalid", String(fmiPath));
        ok(error.message.includes("fmiPath"), error.message);
      }
    },

    async "the callback is told why it is asked"() {
      const told = [];
      const source = callback((request) => {
        told.push(request);
        if (told.length === 1) throw new DOMException("slow", "TimeoutError");
        return assertion();
      });
      const refusal = JSON.stringify({ error: "invalid_client", error_codes: [700024] });
      const { fetch } = endpoint((number) => (number === 1 ? respond(refusal, { status: 401 }) : respond(granted())));
      const one = identity(undefined, fetch, { source, flight: "shared" });
      const before = Date.now();
      await one.getToken(scope, { enableCae: true, fmiPath: "agents/a", requestOptions: { timeout: 9_000 } });
      equal(told.map(({ reason, attempt }) => [reason, attempt]), [["first", 1], ["first", 2], ["rejected", 3]]);
      const [{ authority, clientCapabilities, fmiPath, deadline, claims }] = told;
      equal(authority, `https://login.microsoftonline.com/${tenantId}`);
      equal([clientCapabilities, fmiPath, claims], [["cp1"], "agents/a", undefined]);
      ok(deadline >= before + 9_000 && deadline <= Date.now() + 9_000, "until when");
    },
  };
}
