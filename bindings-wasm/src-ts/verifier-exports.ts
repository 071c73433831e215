/** What the entries `/verify` and `/pure` export beside `TokenVerifier`. */

export type { ErrorCode } from "./codes.js";
export {
  AuthenticationError,
  ConfigurationError,
  InternalError,
  SourceError,
  TokenError,
  TransportError,
  WorkloadIdentityError,
} from "./errors.js";
export { Issuer } from "./issuers.js";
export type {
  ClaimRule,
  EntraIssuer,
  EntraMultiTenantIssuer,
  GitHubIssuer,
  GitLabIssuer,
  GoogleIssuer,
  IssuerRules,
  KubernetesIssuer,
  OidcIssuer,
  OneOrMore,
  SignatureAlgorithm,
  SpiffeIssuer,
} from "./issuers.js";
export type { AbortSignalLike } from "./timeouts.js";
export type { Presented } from "./protocol.js";
export type { IssuerKeys, TokenVerifierOptions, VerifierSettings, VerifyOptions } from "./token-verifier.js";
export type { Fetch } from "./transport.js";
export { peekUnverified } from "./unverified.js";
export type { UnverifiedClaims } from "./unverified.js";
export { VerifiedToken } from "./verified-token.js";
export type { Claims } from "./verified-token.js";
export { Verdict } from "./verdict.js";
export type { CredentialVerdict, FieldVerdict, TrustCheck, TrustField } from "./verdict.js";
