// Management of federated credentials, with answers of no good service, and at the emulator's Graph and ARM.
import { equal, failure, ok } from "./expect.js";
import { azureSignal, endpoint, respond, silence } from "./stub.js";

const appId = "11111111-2222-3333-4444-555555555555";
const issuer = "https://token.actions.githubusercontent.com";
const canary = "c4n4ry-s3cr3t";
const graph = `https://graph.microsoft.com/v1.0/applications(appId='${appId}')/federatedIdentityCredentials`;

const wanted = (name, more = {}) => ({ name, issuer, subject: `repo:octo/${name}:ref:refs/heads/main`, ...more });
const json = (value, status = 200, headers = {}) => respond(JSON.stringify(value), { status, headers });
const stored = (name) => ({ id: name, audiences: ["api://AzureADTokenExchange"], ...wanted(name) });
const page = (names, link) => json({ value: names.map(stored), ...(link && { "@odata.nextLink": link }) });
const refusal = (status, code, headers) => json({ error: { code, message: canary } }, status, headers);

/** A `TokenCredential` of `@azure/core-auth`, and how it was called. */
function given(token = canary) {
  const calls = [];
  const getToken = async (scopes, options) => {
    calls.push({ scopes, claims: options?.claims });
    return token === undefined ? null : { token, expiresOnTimestamp: Date.now() + 3_600_000 };
  };
  return { calls, getToken };
}

/** A service that answers in turn; the last answer is that of all further requests. */
const service = (...answers) => endpoint((number) => answers[Math.min(number, answers.length) - 1]());

function stubs({ FederatedCredentials, TrustFile, parseTrustFile }) {
  const at = ({ fetch }, more = {}) =>
    new FederatedCredentials({ credential: given(), appId, fetch, ...more });
  const tests = {
    async "pages and throttling"() {
      const link = `${graph}?$skiptoken=2`;
      const slow = () => json({}, 429, { "retry-after": "1" });
      const one = service(() => page(["one"], link), slow, () => page(["two"]));
      equal((await at(one).list()).map(({ name }) => name), ["one", "two"]);
      equal([one.requests[0].url, one.requests[2].url], [graph, link]);
      equal(new Headers(one.requests[0].init.headers).get("authorization"), `Bearer ${canary}`);
    },

    async "a challenge is answered once"() {
      const challenge = { "www-authenticate": `Bearer error="insufficient_claims", claims="${btoa('{"a":1}')}"` };
      const denied = () => refusal(401, "InvalidAuthenticationToken", challenge);
      const credential = given();
      await at(service(denied, () => page([])), { credential }).list();
      equal(credential.calls[0].scopes, ["https://graph.microsoft.com/.default"]);
      equal(credential.calls.map(({ claims }) => claims && JSON.parse(claims)), [undefined, { a: 1 }]);
      const error = await failure(at(service(denied), { credential }).list());
      equal([error.code, credential.calls.length], ["management_refused", 4]);
    },

    async "half applied is reported"() {
      const denied = () => refusal(403, "Authorization_RequestDenied");
      const one = service(() => page([]), () => json(stored("first"), 201), denied);
      const error = await failure(at(one).apply(["first", "second", "third"].map((name) => wanted(name))));
      equal([error.code, error.name, error.applied.complete], ["management_refused", "AuthenticationError", false]);
      equal(error.applied.changes.map(({ outcome }) => outcome), ["done", "failed", "not_tried"]);
      equal(error.applied.changes[1].error.code, "management_refused");
      ok(`${error.applied}`.includes("+ second: failed"), `${error.applied}`);
    },

    async "an abort ends a call"() {
      for (const controller of [new AbortController(), azureSignal()]) {
        const { fetch, requests } = endpoint((_number, init) => silence(init.signal));
        const calling = at({ fetch }).list({ abortSignal: controller.signal ?? controller });
        while (requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
        controller.abort();
        equal((await failure(calling)).name, "AbortError");
      }
    },

    async "a time limit"() {
      const one = service(() => json({}, 429, { "retry-after": "60" }));
      const error = await failure(at(one).list({ requestOptions: { timeout: 500 } }));
      ok(error.retryable, error.message);
    },

    async "a log without the token"() {
      const lines = [];
      await at(service(() => page(["one"])), { log: (line) => lines.push(line) }).list();
      ok(lines.some((line) => line.startsWith(`GET ${graph} -> 200`)), lines.join("\n"));
      ok(!lines.join("\n").includes(canary), "no token in the log");
    },

    async "a credential that gives no token"() {
      const one = service(() => page([]));
      const error = await failure(at(one, { credential: { getToken: async () => null } }).list());
      ok(error.message.includes("getToken"), error.message);
      equal(one.requests.length, 0);
      const wrong = await failure(async () => at(one, { credential: canary }));
      equal([wrong.code, wrong.name], ["config_invalid", "ConfigurationError"]);
    },

    async "a trust file"() {
      const text = `version: 1\nidentity:\n  app_id: ${appId}\ncredentials:\n  - name: from-file\n    issuer: ${issuer}\n    subject: s\n`;
      const trust = await parseTrustFile(text);
      ok(trust instanceof TrustFile, "a TrustFile");
      equal([trust.identity.appId, trust.credentials[0].name], [appId, "from-file"]);
      const plan = await at(service(() => page([]))).plan(trust);
      equal(plan.changes.map(({ action, name }) => [action, name]), [["add", "from-file"]]);
      const other = at(service(() => page([])), { appId: undefined, appObjectId: appId });
      const refused = await failure(other.plan(trust));
      equal([refused.code, refused.message.includes("another `identity`")], ["config_invalid", true]);
      // Ids are compared without case, whichever of both is the canonical one.
      const spelled = "AAAAAAAA-2222-3333-4444-BBBBBBBBBBBB";
      for (const [written, given] of [[spelled, spelled.toLowerCase()], [spelled.toLowerCase(), spelled]]) {
        const declared = await parseTrustFile(text.replace(appId, written));
        equal(declared.identity.appId, spelled.toLowerCase());
        equal((await at(service(() => page([])), { appId: given }).plan(declared)).changes.length, 1);
      }
      for (const wrong of ["version: 1\n\tx", "a: &a [*a]", "{", ""]) {
        equal((await failure(parseTrustFile(wrong))).name, "ConfigurationError", wrong);
      }
    },
  };

  for (const [name, answer, code] of [
    ["403", () => refusal(403, "Authorization_RequestDenied"), "management_refused"],
    ["404", () => refusal(404, "Request_ResourceNotFound"), "identity_not_found"],
    ["HTML", () => respond(`<html>${canary}`), "response_not_json"],
    ["an empty body", () => respond(""), "response_empty"],
    ["another form", () => json({ value: canary }), "response_invalid"],
    ["a page elsewhere", () => page(["one"], `https://attacker.example/${canary}`), "response_invalid"],
  ]) {
    tests[`an answer that is refused: ${name}`] = async () => {
      const one = service(answer);
      const error = await failure(at(one).list());
      equal(error.code, code, error.message);
      ok(!`${error.stack} ${JSON.stringify(error)}`.includes(`Bearer ${canary}`), "no token in the error");
      ok(one.requests.every(({ url }) => url.startsWith(graph)), "no request elsewhere");
    };
  }

  for (const [name, options] of [
    ["no identity", { appId: undefined }],
    ["two identities", { appObjectId: appId }],
    ["an id that is none", { appId: "my-app" }],
    ["a resource id that is none", { appId: undefined, managedIdentity: "/subscriptions/x" }],
    ["Graph over http", { graphUrl: "http://graph.example" }],
    ["a metadata service for Graph", { graphUrl: "https://169.254.169.254/" }],
  ]) {
    tests[`options that are wrong: ${name}`] = async () => {
      const one = service(() => page([]));
      const error = await failure(async () => at(one, options).list());
      equal([error.code, error.name, one.requests.length], ["config_invalid", "ConfigurationError", 0]);
    };
  }

  for (const [name, credential] of [
    ["a short name", wanted("ab")],
    ["no issuer", wanted("abc", { issuer: "" })],
    ["a long subject", wanted("abc", { subject: "x".repeat(601) })],
    ["no subject", { name: "abc", issuer }],
    ["another member", wanted("abc", { other: 1 })],
    ["a number", { name: 7 }],
  ]) {
    tests[`a credential that is wrong: ${name}`] = async () => {
      const one = service(() => page([]));
      for (const call of [() => at(one).create(credential), () => at(one).apply([credential])]) {
        equal((await failure(call)).code, "request_invalid");
      }
      equal(one.requests.length, 0);
    };
  }
  return tests;
}

function atEmulator({ FederatedCredentials }, { WorkloadIdentity, gitHubActions }, facts) {
  const credential = new WorkloadIdentity({
    tenantId: facts.tenant_id,
    clientId: facts.client_id,
    authorityHost: new URL(facts.authority).origin,
    source: gitHubActions({ requestUrl: facts.github_request_url, requestToken: facts.github_request_token }),
  });
  const tests = {};
  for (const [service, identity] of [
    ["Graph", { appId: facts.client_id }],
    ["ARM", { managedIdentity: facts.managed_identity_id }],
  ]) {
    const urls = { graphUrl: facts.graph_url, armUrl: facts.arm_url };
    const credentials = () => new FederatedCredentials({ credential, ...identity, ...urls });

    tests[`${service}: one credential, and a whole list`] = async () => {
      const one = credentials();
      const run = `run-${crypto.randomUUID()}`;
      const created = await one.create(wanted(run));
      equal(await one.get(run), created);
      equal((await failure(one.create(wanted(run)))).code, "credential_conflict");
      const subject = `repo:octo/${run}-new:ref:refs/heads/main`;
      equal((await one.update({ name: run, subject })).subject, subject);
      equal((await one.upsert(wanted(run))).subject, created.subject);
      const list = [wanted(run, { subject }), wanted(`${run}-a`), wanted(`${run}-b`)];
      const plan = await one.plan(list);
      equal(plan.changes.map(({ action }) => action), ["update", "add", "add"]);
      const applied = await one.apply(list);
      equal([applied.complete, applied.changes.every(({ outcome }) => outcome === "done")], [true, true]);
      const again = await one.apply(list);
      equal([again.changes, again.unchanged], [[], 3]);
      const stay = (await one.list()).filter(({ name }) => !name.startsWith(run));
      const pruned = await one.apply(stay, { prune: true });
      equal(pruned.changes.map(({ action }) => action), ["remove", "remove", "remove"]);
      equal(await one.delete(run), false);
      equal((await failure(one.get(run))).code, "credential_not_found");
    };
  }
  return tests;
}

export function management({ management: exports, package: all, emulator, isPage }) {
  // A page of another origin is not answered.
  const tests = { ...stubs(exports), ...(isPage ? {} : atEmulator(exports, all, emulator)) };
  return Object.fromEntries(Object.entries(tests).map(([name, test]) => [`management, ${name}`, test]));
}
