// Gets a token in a job, as a client of Azure would through @azure/core-auth.
import { isTokenCredential, type AccessToken, type TokenCredential } from "@azure/core-auth";
import { AuthenticationError, WorkloadIdentity, gitHubActions } from "workload-identity";

const scope = "https://vault.azure.net/.default";
const identity = WorkloadIdentity.fromEnvironment();
const credential: TokenCredential = identity;
if (!isTokenCredential(credential)) throw new Error("not a credential of @azure/core-auth");

const token: AccessToken | null = await credential.getToken([scope], { requestOptions: { timeout: 60_000 } });
if (!token || token.expiresOnTimestamp <= Date.now()) throw new Error("no token");

const { ACTIONS_ID_TOKEN_REQUEST_URL: requestUrl = "", ACTIONS_ID_TOKEN_REQUEST_TOKEN: requestToken = "" } = process.env;
const source = gitHubActions({ requestUrl, requestToken, audience: "api://wrong" });
const wrong = WorkloadIdentity.fromEnvironment({ source });
const code = await wrong.getToken(scope).then(
  () => "a token",
  (error: unknown) => (error instanceof AuthenticationError ? error.code : String(error)),
);
if (code !== "trust_mismatch") throw new Error(code);
