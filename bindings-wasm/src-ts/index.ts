/** What both npm packages export. */

export type { ConnectionOptions } from "./connection-options.js";
export { detectSources } from "./detection.js";
export type { DetectedSource, DetectionOptions } from "./detection.js";
export type { TokenStore } from "./effects.js";
export { SharedTokenCache } from "./shared-token-cache.js";
export type { SharedTokenCacheOptions } from "./shared-token-cache.js";
export * from "./sources/index.js";
export { buildSubject, explain, parseSubject, Preflight, preflight } from "./trust.js";
export type { FederatedCredential } from "./federated-credential.js";
export type { Credentials, ExplainOptions, IssuerDocument, Problem, Subject } from "./trust.js";
export * from "./verify.js";
export { WorkloadIdentity } from "./workload-identity.js";
export type { AccessToken, GetTokenOptions, WorkloadIdentityOptions } from "./workload-identity.js";
