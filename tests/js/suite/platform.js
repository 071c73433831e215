// Files and environment: only where the runtime has them, and a clear word where it has not.
import { equal, failure, ok } from "./expect.js";
import { clientId, scope, tenantId } from "./stub.js";

export function platform({ emulator, tokenFile: path, package: exports }) {
  const { WorkloadIdentity, detectSources, tokenFile } = exports;
  const authorityHost = new URL(emulator.authority).origin;
  const options = { tenantId: emulator.tenant_id, clientId: emulator.client_id, authorityHost };
  if (!path) {
    return {
      async "no file system: tokenFile says so"() {
        const work = () => new WorkloadIdentity({ tenantId, clientId, source: tokenFile("/token") });
        const error = await failure(async () => work());
        equal([error.code, error.name], ["config_invalid", "ConfigurationError"]);
        ok(error.message.includes("no file system"), error.message);
      },
      async "no file system: a token file of the environment is unsupported"() {
        const environment = { AZURE_FEDERATED_TOKEN_FILE: "/token", AZURE_AUTHORITY_HOST: authorityHost };
        const one = WorkloadIdentity.fromEnvironment({ environment, tenantId, clientId });
        const error = await failure(one.getToken(scope));
        equal([error.code, error.name], ["source_unsupported", "SourceError"]);
        ok(error.message.includes("callback"), error.message);
      },
      async "an environment that is passed as an object"() {
        const environment = {
          AZURE_TENANT_ID: emulator.tenant_id,
          AZURE_CLIENT_ID: emulator.client_id,
          AZURE_AUTHORITY_HOST: authorityHost,
          ACTIONS_ID_TOKEN_REQUEST_URL: emulator.github_request_url,
          ACTIONS_ID_TOKEN_REQUEST_TOKEN: emulator.github_request_token,
          SOME_BINDING: { not: "a string" },
        };
        ok((await WorkloadIdentity.fromEnvironment({ environment }).getToken(scope)).token, "a token");
        const chosen = (await detectSources({ environment })).filter((source) => source.chosen);
        equal(chosen.map(({ name }) => name), ["github"]);
      },
    };
  }
  return {
    async "a token file is exchanged"() {
      ok((await new WorkloadIdentity({ ...options, source: tokenFile(path) }).getToken(scope)).token, "a token");
    },
    async "the runtime's environment is read"() {
      ok((await WorkloadIdentity.fromEnvironment().getToken(scope)).token, "a token");
    },
    async "a missing file, a folder and a device have their codes"() {
      const cases = [
        [`${path}.missing`, "token_file_missing"],
        [path.replace(/[^/]*$/, ""), "token_file_unreadable"],
        ["/dev/zero", "token_file_too_large"],
        ["/dev/null", "token_file_empty"],
      ];
      for (const [wrong, code] of cases) {
        const one = new WorkloadIdentity({ ...options, source: tokenFile(wrong) });
        const error = await failure(one.getToken(scope));
        const name = code === "token_file_missing" ? "CredentialUnavailableError" : "SourceError";
        equal([error.code, error.name], [code, name], wrong);
      }
    },
  };
}
