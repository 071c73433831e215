/** The entry `/verify`: everything for verifying tokens. */

export * from "./verifier-exports.js";
export { TokenVerifier } from "./token-verifier.js";
