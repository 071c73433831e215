/** The sources of workload tokens, one file for each. */

export { azurePipelines } from "./azure-pipelines.js";
export type { AzurePipelinesOptions } from "./azure-pipelines.js";
export { callback } from "./callback.js";
export { gitHubActions } from "./github-actions.js";
export { googleMetadata, googleServiceAccount } from "./google.js";
export { kubernetesTokenRequest } from "./kubernetes-token-request.js";
export { managedIdentity } from "./managed-identity.js";
export type { ManagedIdentityOptions } from "./managed-identity.js";
export { signed } from "./signed.js";
export { spiffe } from "./spiffe.js";
export { tokenFile } from "./token-file.js";
export type { AssertionCallback, AssertionRequest, SignCallback, TokenSource } from "./token-source.js";
