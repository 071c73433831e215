/** What a verification gives. */

import type { WireVerdict } from "./protocol.js";

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

/** A token whose signature and claims have been verified. Only a verifier makes it. */
export class VerifiedToken {
  /** All claims; they may hold a member of any name, also `__proto__`. */
  readonly claims: Claims;
  /** `iss`; tokens of SPIFFE may have none. */
  readonly issuer: string | undefined;
  readonly subject: string | undefined;
  readonly audience: readonly string[];
  /** `exp`, unix seconds. */
  readonly expiresOn: number;
  readonly algorithm: string;
  /** `kid` of the key that verified the signature. */
  readonly keyId: string | undefined;
  /** Thumbprint of that key (RFC 7638), base64url. */
  readonly keyThumbprint: string;
  /** How old the key set was, in seconds; absent for keys given directly. */
  readonly keySetAge: number | undefined;
  /** The rules that were applied: `docs/profiles.md`. */
  readonly profile: string;
  readonly header: { readonly alg: string; readonly typ?: string; readonly kid?: string };

  /** @internal */
  constructor(verdict: WireVerdict) {
    const claims = verdict.claims as Claims;
    const { aud } = claims;
    this.claims = claims;
    this.issuer = verdict.issuer;
    this.subject = claims.sub;
    this.audience = typeof aud === "string" ? [aud] : (aud ?? []);
    this.expiresOn = claims.exp as number;
    this.algorithm = verdict.algorithm;
    this.keyId = verdict.key_id;
    this.keyThumbprint = verdict.key_thumbprint;
    this.keySetAge = verdict.key_set_age;
    this.profile = verdict.profile;
    this.header = verdict.header;
  }
}

/** Freezes a value and all in it: it is handed out more than once. */
export function frozen<T>(value: T): T {
  if (typeof value === "object" && value !== null) {
    for (const inner of Object.values(value)) frozen(inner);
    Object.freeze(value);
  }
  return value;
}

/** Results of remembered verdicts by their serial, bounded in bytes as the core's own memory of them is. */
export class Remembered {
  #young = new Map<number, VerifiedToken>();
  #old = new Map<number, VerifiedToken>();
  #youngBytes = 0;

  constructor(private readonly maxBytes: number) {}

  get(serial: number): VerifiedToken | undefined {
    const found = this.#young.get(serial);
    if (found) return found;
    const old = this.#old.get(serial);
    if (old) this.#young.set(serial, old);
    return old;
  }

  /** `bytes`: what the result was read from. */
  keep(serial: number, token: VerifiedToken, bytes: number): VerifiedToken {
    const cost = 512 + 2 * bytes;
    if (this.#youngBytes + cost > this.maxBytes / 2) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#youngBytes = 0;
    }
    this.#youngBytes += cost;
    this.#young.set(serial, frozen(token));
    return token;
  }
}
