/** Helpers for the tests of applications: an issuer of test tokens, a fake credential, and the emulator. */

export { FakeCredential } from "./credential.js";
export type { FakeCredentialOptions } from "./credential.js";
export { startEmulator } from "./emulator.js";
export type { Emulator, EmulatorOptions } from "./emulator.js";
export { TestIssuer } from "./issuer.js";
export type { TokenOptions } from "./issuer.js";
export type { EntraShape, GitHubShape, KubernetesShape, OidcShape } from "./token-shapes.js";
