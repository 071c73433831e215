/** The result of a verification. */

import type { KeyInfo } from "./protocol.js";

/** Claims as they were signed. */
export interface Claims {
  readonly iss?: string;
  readonly sub?: string;
  readonly aud?: string | readonly string[];
  /** Unix seconds. */
  readonly exp?: number;
  /** Unix seconds. */
  readonly nbf?: number;
  /** Unix seconds. */
  readonly iat?: number;
  readonly jti?: string;
  readonly [claim: string]: unknown;
}

/**
 * A token whose signature and claims have been verified. Only a verifier makes it.
 *
 * Claims are parsed when they are first read; `toJSON()` returns all members.
 */
export class VerifiedToken {
  readonly #key: KeyInfo;
  #claims: Claims | string;
  #audience: readonly string[] | undefined;

  /** @internal */
  constructor(key: KeyInfo, claims: Claims | string) {
    this.#key = key;
    this.#claims = claims;
  }

  /** All claims; they may hold a member of any name, also `__proto__`. */
  get claims(): Claims {
    if (typeof this.#claims === "string") this.#claims = JSON.parse(this.#claims) as Claims;
    return this.#claims;
  }

  /** `iss`; tokens of SPIFFE may have none. */
  get issuer(): string | undefined {
    return this.claims.iss;
  }

  get subject(): string | undefined {
    return this.claims.sub;
  }

  get audience(): readonly string[] {
    const { aud = [] } = this.claims;
    return (this.#audience ??= typeof aud === "string" ? [aud] : aud);
  }

  /** `exp`, unix seconds. */
  get expiresOn(): number {
    return this.claims.exp as number;
  }

  get algorithm(): string {
    return this.#key.algorithm;
  }

  /** `kid` of the key that verified the signature. */
  get keyId(): string | undefined {
    return this.#key.key_id;
  }

  /** Thumbprint of that key (RFC 7638), base64url. */
  get keyThumbprint(): string {
    return this.#key.key_thumbprint;
  }

  /** Age of the key set in seconds; absent for keys given directly. */
  get keySetAge(): number | undefined {
    return this.#key.key_set_age;
  }

  /** The rules that were applied: `docs/profiles.md`. */
  get profile(): string {
    return this.#key.profile;
  }

  get header(): { readonly alg: string; readonly typ?: string; readonly kid?: string } {
    return this.#key.header;
  }

  /** All members as a plain object: for `JSON.stringify`, copies and messages to workers. */
  toJSON(): object {
    const { claims, issuer, subject, audience, expiresOn } = this;
    const { algorithm, keyId, keyThumbprint, keySetAge, profile, header } = this;
    return { claims, issuer, subject, audience, expiresOn, algorithm, keyId, keyThumbprint, keySetAge, profile, header };
  }

  /** What `console.log` shows in Node.js, Deno and Bun. */
  [Symbol.for("nodejs.util.inspect.custom")](): object {
    return this.toJSON();
  }
}
