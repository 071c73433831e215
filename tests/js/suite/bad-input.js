// Every wrong input has its documented code, its class, and leaves the object usable.
import { equal, failure, ok } from "./expect.js";
import { assertion, clientId, endpoint, granted, respond, scope, tenantId } from "./stub.js";

export function badInput({ package: exports }) {
  const { WorkloadIdentity, callback, gitHubActions } = exports;
  const good = { tenantId, clientId, source: callback(() => assertion()), flight: "shared" };
  const tests = {};

  const configurations = [
    ["no tenant", { tenantId: undefined }, "environment_incomplete"],
    ["a tenant that is none", { tenantId: "not a tenant" }, "tenant_invalid"],
    ["a tenant with Unicode", { tenantId: "ünïcödé\u{1f600}.example" }, "tenant_invalid"],
    ["a reserved tenant", { tenantId: "common" }, "tenant_reserved"],
    ["a client id that is none", { clientId: "42" }, "client_id_invalid"],
    ["an authority over http", { authorityHost: "http://login.example" }, "authority_insecure"],
    ["an authority that is none", { authorityHost: "https://" }, "authority_invalid"],
    ["a metadata service", { authorityHost: "https://169.254.169.254" }, "authority_invalid"],
    ["a hidden metadata service", { authority: { issuer: "https://[::ffff:a9fe:a9fe]" } }, "authority_invalid"],
    ["a denied address", { authority: { issuer: "https://10.0.0.1" }, privateAddresses: "deny" }, "authority_invalid"],
    [
      "an address outside the networks",
      { authority: { tokenEndpoint: "https://10.0.0.1/t" }, allowedNetworks: ["10.1.0.0/16"] },
      "authority_invalid",
    ],
    ["no networks", { allowedNetworks: [] }, "config_invalid"],
    ["a network that is none", { allowedNetworks: ["10.0.0.1/8"] }, "config_invalid"],
    ["a word that is none", { privateAddresses: "no" }, "config_invalid"],
    ["a number for a tenant", { tenantId: 7 }, "config_invalid"],
    ["a negative cache", { cacheMaxEntries: -1 }, "config_invalid"],
    ["a negative size", { cacheMaxBytes: -1 }, "config_invalid"],
    ["no source", { source: undefined }, "source_not_found"],
  ];
  for (const [name, wrong, code] of configurations) {
    tests[`configuration: ${name}`] = async () => {
      // Where the module is downloaded first, getToken reports it.
      const error = await failure(async () => new WorkloadIdentity({ ...good, ...wrong }).getToken(scope));
      equal([error.code, error.retryable], [code, false]);
      ok(error instanceof exports.WorkloadIdentityError, "of our own class");
      const platform = ["source_not_found", "environment_incomplete"].includes(code);
      equal(error.name, platform ? "CredentialUnavailableError" : "ConfigurationError");
    };
  }

  tests["messages name options as they are spelled here"] = async () => {
    const keys = { keys: [] };
    const verifier = (options) => exports.TokenVerifier.oidc({ issuer: "https://a.example", audience: "a", keys, ...options });
    for (const [make, named] of [
      [() => new WorkloadIdentity({ ...good, tenantId: "no tenant" }), "tenantId is"],
      [() => new WorkloadIdentity({ ...good, clientId: "42" }), "clientId is"],
      [() => new WorkloadIdentity({ ...good, authorityHost: "http://a.example" }), "authorityHost uses"],
      [() => new WorkloadIdentity({ ...good, allowedNetworks: [] }), "`allowedNetworks`"],
      [() => new WorkloadIdentity({ ...good, cacheMaxEntries: -1 }), "`cacheMaxEntries`"],
      [() => new WorkloadIdentity({ ...good, cacheMaxBytes: -1 }), "`cacheMaxBytes`"],
      [() => new WorkloadIdentity({ ...good, additionallyAllowedTenants: [] }), "`additionallyAllowedTenants`"],
      [() => verifier({ authorizedParties: [] }), "`issuers.authorizedParties`"],
      [() => verifier({ maxAgeSeconds: 0 }), "`issuers.maxAgeSeconds`"],
      [() => verifier({ leewaySeconds: 301 }), "`leewaySeconds`"],
      [() => verifier({ claims: [{ claim: "sub", oneOf: [] }] }), "`issuers.claims.oneOf`"],
      [() => verifier({ audience: undefined, dangerouslyWithoutAudience: true }), "about `client_id`"],
      [() => verifier({ keys: undefined, jwksUri: "http://127.0.0.1/" }), "`allowLoopbackHttp`"],
      [() => exports.TokenVerifier.entra({ tenantId: "x", audience: "a" }), "`issuers.tenantId`"],
    ]) {
      // Where the module is downloaded first, a call reports it.
      const error = await failure(async () => {
        const made = make();
        return made.verify ? made.verify("a.b.c") : made.getToken(scope);
      });
      ok(error.message.includes(named), `${named}: ${error.message}`);
    }
  };

  const requests = [
    ["no scope", [], "scope_missing"],
    ["an empty scope", "", "scope_invalid"],
    ["two resources", [scope, "https://graph.microsoft.com/.default"], "scope_multiple_resources"],
    ["a scope without .default", "https://vault.azure.net/read", "scope_not_default"],
    ["a scope with Unicode", "https://ünï/.default", "scope_invalid"],
    ["no string", 5, "request_invalid"],
    ["nothing", undefined, "scope_missing"],
  ];
  for (const [name, scopes, code] of requests) {
    tests[`request: ${name}`] = async () => {
      const { fetch, requests: sent } = endpoint();
      const one = new WorkloadIdentity({ ...good, fetch });
      equal((await failure(one.getToken(scopes))).code, code);
      equal(sent.length, 0);
      equal((await one.getToken(scope)).token, "token-1");
    };
  }
  tests["request: a tenant that is not allowed"] = async () => {
    const one = new WorkloadIdentity({ ...good, fetch: endpoint().fetch });
    const error = await failure(one.getToken(scope, { tenantId: "other.example" }));
    equal(error.code, "tenant_not_configured");
  };
  tests["request: claims that are no JSON"] = async () => {
    const one = new WorkloadIdentity({ ...good, fetch: endpoint().fetch });
    equal((await failure(one.getToken(scope, { claims: "{" }))).code, "claims_invalid");
  };

  const html = "<html><body>Sign in to the proxy</body></html>";
  const answers = [
    ["HTML", () => respond(html, { headers: { "content-type": "text/html" } }), "response_not_json"],
    ["an empty body", () => respond(""), "response_empty"],
    ["10 MB", () => respond("x".repeat(10 << 20)), "response_too_large"],
    ["a redirect", () => respond(null, { status: 302, headers: { location: "https://evil.example/" } }), "response_redirect"],
    ["a wrong token_type", () => respond(granted("t", { token_type: "pop" })), "token_type_unsupported"],
    ["a negative expires_in", () => respond(granted("t", { expires_in: -1 })), "expires_in_invalid"],
    ["no expires_in", () => respond(granted("t", { expires_in: undefined })), "expires_in_invalid"],
    [
      "a duplicate member",
      () => respond('{"token_type":"Bearer","expires_in":1,"access_token":"a","access\\u005ftoken":"b"}'),
      "response_duplicate_member",
    ],
    ["an array", () => respond("[]"), "response_invalid"],
    ["Unicode", () => respond('"\u{1f600}\u202e"'), "response_invalid"],
  ];
  for (const [name, answer, code] of answers) {
    tests[`answer: ${name}`] = async () => {
      let bad = true;
      const one = new WorkloadIdentity({
        ...good,
        fetch: endpoint(() => (bad ? answer() : respond(granted("good")))).fetch,
      });
      const error = await failure(one.getToken(scope));
      equal(error.code, code);
      equal(error.name, "AuthenticationError");
      bad = false;
      equal((await one.getToken(scope)).token, "good");
    };
  }

  const assertions = [
    ["an expired one", () => assertion("s", -3600), "assertion_expired"],
    ["no JWT", () => "not a jwt", "assertion_malformed"],
    ["an empty one", () => "", "assertion_malformed"],
    ["no string", () => 42, "callback_failed", "returned number"],
    ["null", () => null, "callback_failed", "returned null"],
    ["undefined", () => undefined, "callback_failed", "returned undefined"],
    ["an exception", () => { throw new RangeError("boom"); }, "callback_failed"],
  ];
  for (const [name, give, code, named = ""] of assertions) {
    tests[`assertion: ${name}`] = async () => {
      let bad = true;
      const one = new WorkloadIdentity({
        ...good,
        source: callback(() => (bad ? give() : assertion())),
        fetch: endpoint().fetch,
      });
      const error = await failure(one.getToken(scope));
      equal([error.code, error.name], [code, "SourceError"]);
      ok(error.message.includes(named), error.message);
      bad = false;
      equal((await one.getToken(scope)).token, "token-1");
    };
  }

  tests["GitHub without permission names it"] = async () => {
    const environment = { AZURE_TENANT_ID: tenantId, AZURE_CLIENT_ID: clientId, GITHUB_ACTIONS: "true" };
    const error = await failure(async () => WorkloadIdentity.fromEnvironment({ environment }).getToken(scope));
    equal(error.code, "github_permission_missing");
    ok(error.message.includes("permissions: id-token: write"), error.message);
  };
  tests["GitHub's request URL must be one"] = async () => {
    const source = gitHubActions({ requestUrl: "nonsense", requestToken: "t" });
    const error = await failure(async () => new WorkloadIdentity({ ...good, source }).getToken(scope));
    ok(["source_rejected", "config_invalid", "environment_incomplete"].includes(error.code), error.code);
  };
  return tests;
}
