/** The sources of workload tokens, one file for each. */

export { awsCognito, awsIrsa, awsWebIdentity, type AwsCredentials } from "./aws.js";
export { azurePipelines } from "./azure-pipelines.js";
export type { AzurePipelinesOptions } from "./azure-pipelines.js";
export { bitbucket } from "./bitbucket.js";
export { buildkite } from "./buildkite.js";
export { callback } from "./callback.js";
export { circleCi } from "./circleci.js";
export { environmentVariable } from "./environment-variable.js";
export { executable } from "./executable.js";
export { fly } from "./fly.js";
export { gitHubActions } from "./github-actions.js";
export { gitLab } from "./gitlab.js";
export { googleMetadata, googleServiceAccount } from "./google.js";
export { kubernetesTokenRequest } from "./kubernetes-token-request.js";
export { managedIdentity } from "./managed-identity.js";
export type { ManagedIdentityOptions } from "./managed-identity.js";
export { modal } from "./modal.js";
export { signed } from "./signed.js";
export { spacelift } from "./spacelift.js";
export { spiffe } from "./spiffe.js";
export { terraform } from "./terraform.js";
export { tokenFile } from "./token-file.js";
export { tokenUrl } from "./token-url.js";
export { vercel } from "./vercel.js";
export type { AssertionCallback, AssertionRequest, SignCallback, TokenSource } from "./token-source.js";
