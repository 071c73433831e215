/** The entry `/pure`: signatures are computed by the module itself, so that nothing has to be waited for. */

import type { Ability } from "./platform.js";
import { TokenVerifier as Verifier } from "./token-verifier.js";

export * from "./verification.js";

/** A `TokenVerifier` whose signatures are Rust's own. */
export class TokenVerifier extends Verifier {
  protected static override readonly ability: Ability = "pure";
}
