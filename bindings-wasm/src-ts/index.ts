/** What both npm packages export. */

export type { TokenStore } from "./effects.js";
export { callback, gitHubActions, signed, tokenFile } from "./sources.js";
export type { AssertionCallback, AssertionRequest, SignCallback, TokenSource } from "./sources.js";
export * from "./verify.js";
export { WorkloadIdentity } from "./workload-identity.js";
export type { AccessToken, GetTokenOptions, WorkloadIdentityOptions } from "./workload-identity.js";
