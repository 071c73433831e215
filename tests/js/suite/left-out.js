// The sources of each module: all of them, or those that an edge runtime can use.
import { equal, failure, ok } from "./expect.js";
import { clientId, scope, tenantId } from "./stub.js";

const all = [
  "callback", "file", "github", "azure_pipelines", "gitlab", "circleci", "bitbucket", "terraform", "buildkite", "spacelift",
  "vercel", "fly", "modal", "spiffe", "managed_identity", "aws_irsa", "aws", "aws_cognito", "google_metadata",
  "google_service_account", "kubernetes", "environment", "url", "executable", "signed", "probe",
];

/** Those that edge runtimes cannot use, and a variable that shows each. */
const leftOut = {
  azure_pipelines: "SYSTEM_OIDCREQUESTURI",
  fly: "FLY_API_SOCKET",
  spiffe: "SPIFFE_ENDPOINT_SOCKET",
  managed_identity: "IDENTITY_ENDPOINT",
  aws_irsa: "AWS_WEB_IDENTITY_TOKEN_FILE",
  aws: "AWS_CONTAINER_CREDENTIALS_FULL_URI",
  aws_cognito: undefined,
  google_metadata: "K_SERVICE",
  google_service_account: undefined,
  kubernetes: "KUBERNETES_SERVICE_HOST",
  executable: undefined,
  probe: undefined,
};

const bytes = (value) => new TextEncoder().encode(JSON.stringify(value));
const rows = (native, { environment = {}, environment_paths = [] }) =>
  JSON.parse(native.sources(bytes({ environment, environment_paths })));

/** The source that the configuration of a transcript leads to, if the module leaves it out. */
export function sourceLeftOut(native, { name, config }) {
  // `NO_GCE_CHECK` is a variable of the source that is left out.
  if (name === "source-google-not-checked") return isEdge(native) ? "google_metadata" : undefined;
  const kind = config?.source?.kind ?? rows(native, config ?? {}).find(({ chosen }) => chosen)?.name;
  const source = kind ?? (config?.probe ? "probe" : undefined);
  return isEdge(native) && source in leftOut ? source : undefined;
}

const isEdge = (native) => rows(native, {}).some(({ why }) => why.includes("left out"));

export function sourcesOfModule({ native, tokenFile, package: exports }) {
  const { WorkloadIdentity, awsWebIdentity, detectSources, executable, fly, googleMetadata, managedIdentity, spiffe } = exports;
  const tokenOf = (options) => failure(async () => new WorkloadIdentity({ tenantId, clientId, ...options }).getToken(scope));
  const tests = {
    "the module's sources"() {
      const report = rows(native, {});
      equal(report.map(({ name }) => name), all);
      const absent = report.filter(({ why }) => why.includes("left out")).map(({ name }) => name);
      // Where there are files, there are sockets and programs.
      equal(absent, tokenFile ? [] : Object.keys(leftOut));
    },
  };
  if (tokenFile) return tests;
  for (const [name, variable] of Object.entries(leftOut)) {
    tests[`the source ${name} is left out`] = async () => {
      const error = await tokenOf({ source: name });
      equal([error.code, error.name], ["source_unsupported", "SourceError"]);
      ok(error.message.includes(`\`${name}\``) && error.message.includes("callback"), error.message);
      ok(error.hint.includes("Node.js"), error.hint);
      if (!variable) return;
      const environment = { [variable]: "s3cret" };
      const found = await failure(async () => WorkloadIdentity.fromEnvironment({ environment, tenantId, clientId }).getToken(scope));
      equal([found.code, found.message], ["source_unsupported", `${variable} is set, but ${error.message}`]);
      const [chosen] = (await detectSources({ environment })).filter((source) => source.chosen);
      equal([chosen.name, chosen.detected, chosen.why], [name, true, found.message]);
      equal((await tokenOf({ environment: { [variable]: " " } })).code, "source_not_found");
    };
  }
  tests["sources by their functions are left out"] = async () => {
    for (const make of [managedIdentity, fly, spiffe, awsWebIdentity, googleMetadata, () => executable({ command: ["/bin/a"] })]) {
      equal((await tokenOf({ source: make() })).code, "source_unsupported", String(make));
    }
    equal((await tokenOf({ environment: {}, probe: true })).code, "source_unsupported");
  };
  return tests;
}
