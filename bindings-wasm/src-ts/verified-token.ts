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

  /** The roles of the claim `roles`; empty if it is neither a list nor a string. */
  get roles(): readonly string[] {
    return words(this.claims["roles"]);
  }

  /** The scopes of the claims `scp` and `scope`. */
  get scopes(): readonly string[] {
    return scopeClaims.flatMap((name) => words(this.claims[name]));
  }

  /** Whether the token has exactly this role. */
  hasRole(role: string): boolean {
    return this.roles.includes(role);
  }

  /** Whether the token has exactly this scope. */
  hasScope(scope: string): boolean {
    return this.scopes.includes(scope);
  }

  /**
   * Whether an application, not a user, holds this token of an Entra tenant: `idtyp` is `app`, or the token has no
   * `idtyp`, no scopes, and `sub` equals `oid`.
   */
  get isApp(): boolean {
    const { claims } = this;
    if (Object.hasOwn(claims, "idtyp")) return claims["idtyp"] === "app";
    const isDelegated = scopeClaims.some((name) => Object.hasOwn(claims, name));
    return !isDelegated && typeof claims["oid"] === "string" && claims["oid"] === claims.sub;
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

/** The claims that hold scopes: Entra's `scp`, and `scope` of RFC 8693 and RFC 9068. */
const scopeClaims = ["scp", "scope"] as const;

/** The words of a claim: the strings of a list, or a string separated at blanks. */
function words(claim: unknown): string[] {
  if (typeof claim === "string") return claim.split(" ").filter((word) => word !== "");
  return Array.isArray(claim) ? claim.filter((item) => typeof item === "string") : [];
}
