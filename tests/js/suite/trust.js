// `explain`, `preflight` and subjects: tests/vectors/trust.json, bad input, and texts of tokens that are data.
import { equal, failure, ok } from "./expect.js";
import { clientId, endpoint, respond, scope, tenantId } from "./stub.js";

const issuer = "https://token.actions.githubusercontent.com";
const audience = "api://AzureADTokenExchange";
// What attacks terminals and pages: an escape sequence, a bell, an override of the direction, markup.
const hostile = "repo:o/a\x1b[31m\x07\u202e<script>alert('&')</script>\r\n";
const escaped = String.raw`repo:o/a\u{1b}[31m\u{7}\u{202e}\u{3c}script\u{3e}alert('\u{26}')\u{3c}/script\u{3e}\u{d}\u{a}`;

const part = (value) => {
  const binary = String.fromCharCode(...new TextEncoder().encode(JSON.stringify(value)));
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
};
const token = (claims, alg = "RS256") => [part({ alg, kid: "k" }), part(claims), part("signature")].join(".");
const github = (sub = "repo:octo/app:pull_request", more = {}) => ({ iss: issuer, sub, aud: audience, ...more });

function harmless(report, advice) {
  for (const text of [report, ...advice]) ok(/^[ -~\n]*$/.test(text), text);
  ok(!/[<>&]/.test(report), report);
}

/** What a row of the table says. */
function outcome(verdict) {
  const fields = verdict.credentials[verdict.nearest]?.fields ?? [];
  const position = fields.find(({ field }) => field === verdict.field)?.position;
  const { accepted, aadsts, field, difference } = verdict;
  return { accepted, aadsts, field, difference, position };
}

export function trust({ package: exports, trustCases, tokenFile: path }) {
  const { buildSubject, callback, explain, parseSubject, preflight, tokenFile, WorkloadIdentity } = exports;
  const identity = (options) => new WorkloadIdentity({ tenantId, clientId, ...options });

  return {
    async "the decision table of trust"() {
      ok(trustCases.length >= 150, "the table");
      for (const { name, claims, credentials, accepted, aadsts, field, difference, position } of trustCases) {
        const verdict = await explain({ claims, credentials });
        equal(outcome(verdict), { accepted, aadsts, field, difference, position }, name);
        ok(/^[ -~\n]*$/.test(String(verdict)), name);
      }
    },

    async "a verdict names the character, and its report is text"() {
      const credentials = [{ name: "prod", issuer, subject: "repo:octo/app:environment:prod", audience }];
      const verdict = await explain({ token: token(github()), credentials });
      const lines = String(verdict).split("\n");
      equal(lines.slice(0, 7), [
        "refused: AADSTS700213",
        "prod",
        "  issuer: equal",
        "  subject: job_context at character 14",
        "    expected:  repo:octo/app:environment:prod",
        "    presented: repo:octo/app:pull_request",
        "  audience: equal",
      ]);
      ok(lines.includes("to do"), String(verdict));
      equal(verdict.credentials[0].warnings, []);
    },

    async "texts of a token are data"() {
      const credentials = [{ name: hostile, issuer, subject: "repo:o/a:ref:refs/heads/main" }];
      const verdict = await explain({ token: token(github(hostile)), credentials });
      equal([verdict.credentials[0].name, verdict.credentials[0].fields[1].presented], [hostile, hostile]);
      ok(`${verdict}`.includes(escaped), `${verdict}`);
      harmless(`${verdict}`, verdict.fix);
      const report = await preflight(token(github(hostile)));
      equal(report.subject, hostile);
      ok(`${report}`.includes(escaped), `${report}`);
      harmless(`${report}`, report.entra.problems.map(({ message }) => message));
    },

    async "documents, the time and the answer of Entra"() {
      const credentials = [{ issuer, subject: "repo:octo/app:pull_request" }];
      const one = token(github(undefined, { iat: 1000, exp: 1300 }));
      ok((await explain({ token: one, credentials, now: 1_100_000 })).accepted, "in its lifetime");
      const late = await explain({ token: one, credentials, now: 9_000_000, jwks: { keys: [] }, discovery: "{}" });
      equal([late.accepted, late.checks.find(({ check }) => check === "lifetime").outcome], [false, "fail"]);
      const error = "AADSTS700212: No matching record found for presented assertion audience 'x'. See";
      const answered = await explain({ error, credentials });
      equal([answered.aadsts, answered.field], [700212, "audience"]);
    },

    async "preflight of a token"() {
      const good = await preflight(token(github(undefined, { iat: 100, exp: 400 })));
      equal([good.algorithm, good.issuer, good.subject], ["RS256", issuer, "repo:octo/app:pull_request"]);
      equal([good.audience, good.lifetimeSeconds], [[audience], 300]);
      equal(good.entra, { possible: true, problems: [] });
      const cases = {
        algorithm_not_rs256: token(github(), "ES256"),
        private_issuer: token({ iss: "https://10.0.0.1", sub: "s", aud: audience }),
        per_run_subject: token({ iss: "https://oidc.fly.io/o", sub: "o:app:148e12345b7789", aud: audience }),
        entra_issued: token({ iss: "https://sts.windows.net/t/", sub: "s", aud: audience }),
      };
      for (const [wanted, given] of Object.entries(cases)) {
        const { possible, problems } = (await preflight(given)).entra;
        equal([possible, problems.map(({ code }) => code)], [false, [wanted]]);
      }
      const jwks = { keys: Array.from({ length: 101 }, (_, kid) => ({ kid: `${kid}` })) };
      const { problems } = (await preflight(token(github()), { jwks })).entra;
      equal(problems.map(({ code }) => code), ["too_many_keys", "signing_key_missing"]);
    },

    async "subjects are built and taken apart"() {
      const parts = { environment: "prod", owner: "octo", repo: "app" };
      const subject = await buildSubject("github", "environment", parts);
      equal(subject, "repo:octo/app:environment:prod");
      const parsed = await parseSubject(subject, issuer);
      equal([parsed.platform, parsed.form, parsed.generation, parsed.perRun], ["github", "environment", 1, []]);
      equal(parsed.parts, parts);
      equal((await parseSubject("\x1b?")).platform, null);
      const error = await failure(buildSubject("github", "environment", { owner: "octo", repo: "app" }));
      ok(error.message.includes("environment"), error.message);
    },

    async "bad input of explain has its code"() {
      const cases = [
        [{}, "request_invalid"],
        [undefined, "request_invalid"],
        [null, "request_invalid"],
        ["a.b.c", "request_invalid"],
        [{ token: "x", claims: {} }, "request_invalid"],
        [{ token: 7 }, "request_invalid"],
        [{ tokn: "x" }, "request_invalid"],
        [{ token: "no token" }, "malformed"],
        [{ token: "a.b.c.d.e" }, "encrypted_unsupported"],
        [{ token: "x".repeat(1_000_000) }, "too_large"],
        [{ claims: ["iss"] }, "request_invalid"],
        [{ claims: { x: 1n } }, "request_invalid"],
        [{ claims: github(), credentials: [7] }, "request_invalid"],
        [{ claims: github(), credentials: [{ issuer }] }, "request_invalid"],
        [{ claims: github(), credentials: [{ subjectt: "s" }] }, "request_invalid"],
        [{ claims: github(), credentials: "/absent/credentials.json" }, "config_invalid"],
        [{ error: "no number" }, "request_invalid"],
      ];
      for (const [options, code] of cases) {
        equal((await failure(explain(options))).code, code, JSON.stringify(Object.keys(options ?? {})));
      }
    },

    async "preflight of a source"() {
      const report = await preflight(token(github(hostile)));
      equal(await identity({ source: callback(() => token(github(hostile))) }).preflight(), report);
      const { fetch, requests } = endpoint(() => respond(JSON.stringify({ value: token(github(hostile)) })));
      const environment = {
        ACTIONS_ID_TOKEN_REQUEST_URL: "https://pipelines.example/token?a=b",
        ACTIONS_ID_TOKEN_REQUEST_TOKEN: "secret",
      };
      equal(await identity({ environment, fetch }).preflight(), report);
      equal(requests.length, 1);
      const wrong = await failure(identity({ source: callback(() => "no token") }).preflight());
      equal([wrong.code, wrong.name], ["malformed", "TokenError"]);
      const cause = new Error("none");
      const refused = await failure(identity({ source: callback(() => Promise.reject(cause)) }).preflight());
      equal([refused.cause === cause, refused.name], [true, "SourceError"]);
      const gone = identity({ source: callback(() => token(github())) });
      const reason = new Error("gone");
      ok((await failure(gone.preflight({ abortSignal: AbortSignal.abort(reason) }))) === reason, "the reason");
      const absent = identity({ environment: {}, required: false });
      equal((await failure(absent.preflight())).code, "source_not_found");
      if (path) ok((await identity({ source: tokenFile(path) }).preflight()).issuer, "an issuer");
    },

    async "a refused trust is explained"() {
      const error_description =
        "AADSTS700213: No matching federated identity record found for presented assertion subject 'repo:octo/app:pull_request'. Trace";
      const body = JSON.stringify({ error: "invalid_client", error_description, error_codes: [700213] });
      const { fetch } = endpoint(() => respond(body, { status: 401 }));
      const error = await failure(identity({ source: callback(() => token(github())), fetch }).getToken(scope));
      equal([error.code, error.name], ["trust_mismatch", "AuthenticationError"]);
      const { issuer: iss, subject: sub, audience: aud } = error.presented;
      equal([iss, sub, aud], [issuer, "repo:octo/app:pull_request", [audience]]);
      equal([error.explanation.aadsts, error.explanation.field], [700213, "subject"]);
      ok(error.explanation.fix.some((step) => step.startsWith("az ad app federated-credential create")), `${error.explanation}`);
    },
  };
}
