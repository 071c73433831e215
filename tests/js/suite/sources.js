// The sources of CI platforms and the generic ones: from the environment, by name, by function, and their log.
import { equal, failure, ok } from "./expect.js";
import { assertion, clientId, endpoint, granted, respond, scope, tenantId } from "./stub.js";

const ids = { tenantId, clientId, flight: "shared" };

/** Answers Buildkite's agent API and Entra. */
const service = () =>
  endpoint((_number, _init, url) => {
    if (url.includes("/oidc/tokens")) return respond(JSON.stringify({ token: assertion() }));
    return respond(granted());
  });

export function sources({ package: exports, tokenFile }) {
  const { WorkloadIdentity, detectSources, executable, gitLab, modal, terraform, tokenUrl } = exports;
  const identityOf = (source, environment, more) =>
    new WorkloadIdentity({ ...ids, source, environment, fetch: service().fetch, ...more });
  const issued = async (...given) => (await identityOf(...given).getToken(scope)).token;
  const tests = {};

  for (const [name, environment] of [
    ["gitlab", { GITLAB_CI: "true", AZURE_ID_TOKEN: assertion() }],
    ["circleci", { CIRCLE_OIDC_TOKEN_V2: assertion() }],
    ["bitbucket", { BITBUCKET_STEP_OIDC_TOKEN: assertion() }],
    ["terraform", { TFC_WORKLOAD_IDENTITY_TOKEN: assertion() }],
    ["buildkite", { BUILDKITE_AGENT_ACCESS_TOKEN: "t", BUILDKITE_JOB_ID: "1" }],
    ["spacelift", { SPACELIFT_OIDC_TOKEN: assertion() }],
    ["vercel", { VERCEL_OIDC_TOKEN: assertion() }],
    ["modal", { MODAL_IDENTITY_TOKEN: assertion() }],
  ]) {
    tests[`source ${name} of an environment`] = async () => {
      equal(await issued(name, environment), "token-1");
      equal(await issued("auto", environment), "token-1");
      const found = await detectSources({ environment });
      equal(found.filter(({ chosen }) => chosen).map((row) => row.name), [name]);
    };
  }

  tests["the log names the source and those not used"] = async () => {
    const lines = [];
    const environment = { GITLAB_CI: "true", AZURE_ID_TOKEN: assertion(), MODAL_IDENTITY_TOKEN: assertion() };
    await issued(undefined, environment, { log: (line) => lines.push(line) });
    const found = lines.filter((line) => line.startsWith("token source"));
    equal(found[0], "token source gitlab: GitLab CI/CD: AZURE_ID_TOKEN is set");
    ok(found[1].startsWith("token source modal is not used, gitlab comes first"), found[1]);
    ok(!lines.join("\n").includes("eyJ"), "no token in the log");
  };

  tests["sources by their functions"] = async () => {
    equal(await issued(gitLab({ variable: "MY_TOKEN" }), { MY_TOKEN: assertion(), MODAL_IDENTITY_TOKEN: "x" }), "token-1");
    equal(await issued(modal(), { MODAL_IDENTITY_TOKEN: assertion() }), "token-1");
  };

  for (const [name, make, code] of [
    ["of no kind", () => "nope", "config_invalid"],
    ["without its variable", () => terraform(), "environment_incomplete"],
    ["at a metadata service", () => tokenUrl({ url: "https://169.254.169.254/" }), "config_invalid"],
    ["with a header of two lines", () => tokenUrl({ url: "https://a.example/", headers: { a: "s3cret\nx" } }), "config_invalid"],
    // A module for runtimes without files has no programs and no metadata services.
    ...(tokenFile ? [["of a program without leave", () => executable({ command: ["/bin/true"] }), "config_invalid"]] : []),
  ]) {
    tests[`a source ${name}`] = async () => {
      const error = await failure(async () => identityOf(make(), {}).getToken(scope));
      equal(error.code, code);
      ok(!String(error).includes("s3cret"), "no secret in the message");
    };
  }
  if (!tokenFile) return tests;
  tests["a metadata service is looked for when asked"] = async () => {
    const { fetch, requests } = endpoint(() => new Response("<html>sign in</html>"));
    const looked = (probe) =>
      failure(async () => new WorkloadIdentity({ ...ids, environment: {}, fetch, probe }).getToken(scope));
    const [absent, none] = [await looked(undefined), await looked(true)];
    equal([absent.code, none.code], ["source_not_found", "source_not_found"]);
    ok(!absent.message.includes("metadata"), absent.message);
    ok(none.message.includes("Google's metadata server ("), none.message);
    ok(requests.every(({ url }) => url.startsWith("http://169.254.169.254/")), "constant addresses");
  };
  return tests;
}
