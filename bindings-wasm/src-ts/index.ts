/** What both npm packages export. */

export type { TokenStore } from "./effects.js";
export * from "./sources/index.js";
export * from "./verify.js";
export { WorkloadIdentity } from "./workload-identity.js";
export type { AccessToken, GetTokenOptions, WorkloadIdentityOptions } from "./workload-identity.js";
