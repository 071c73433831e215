/** What both npm packages export. */

export type { ErrorCode } from "./codes.js";
export type { TokenStore } from "./effects.js";
export {
  AuthenticationError,
  ConfigurationError,
  InternalError,
  SourceError,
  TokenError,
  TransportError,
  WorkloadIdentityError,
} from "./errors.js";
export type { AbortSignalLike } from "./patience.js";
export type { Presented } from "./protocol.js";
export { callback, gitHubActions, signed, tokenFile } from "./sources.js";
export type { AssertionCallback, AssertionRequest, SignCallback, TokenSource } from "./sources.js";
export type { Fetch } from "./transport.js";
export { WorkloadIdentity } from "./workload-identity.js";
export type { AccessToken, GetTokenOptions, WorkloadIdentityOptions } from "./workload-identity.js";
