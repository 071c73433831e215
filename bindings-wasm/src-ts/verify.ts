/** The entry `/verify`. */

export * from "./verification.js";
export { TokenVerifier } from "./token-verifier.js";
