/** The entry `/pure`: the option `signatures` is `"wasm"` unless it is given. */

import { TokenVerifier as Verifier } from "./token-verifier.js";

export * from "./verifier-exports.js";

/** A `TokenVerifier` whose signatures are verified by the WebAssembly module. */
export class TokenVerifier extends Verifier {
  protected static override readonly signatures = "wasm";
}
