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

/** What is said of every token that a key verifies. */
export interface KeyFacts {
  /** The algorithm as the token's header spells it. */
  readonly alg: string;
  readonly algorithm: string;
  readonly profile: string;
  readonly keyId: string | undefined;
  readonly keyThumbprint: string;
}

/** A verdict as it was read. Claims are parsed when somebody asks for them: most of a token is never looked at. */
export class Verdict {
  #claims: Claims | undefined;
  #audience: readonly string[] | undefined;
  #header: VerifiedToken["header"] | undefined;

  constructor(
    /** Holds the payload, from a place on. */
    private readonly text: string,
    private readonly payloadAt: number,
    readonly key: KeyFacts,
    readonly subject: string | undefined,
    private readonly typ: string | undefined,
    private readonly hasKeyId: boolean,
    readonly keySetAge: number | undefined,
  ) {}

  /** The verdict of a step. */
  static of(wire: WireVerdict): Verdict {
    const claims = wire.claims as Claims;
    const { algorithm, profile, key_id: keyId, key_thumbprint: keyThumbprint, header } = wire;
    const key = { alg: header.alg, algorithm, profile, keyId, keyThumbprint };
    const verdict = new Verdict("", 0, key, claims.sub, header.typ, header.kid !== undefined, wire.key_set_age);
    verdict.#claims = claims;
    return verdict;
  }

  get claims(): Claims {
    return (this.#claims ??= JSON.parse(this.text.slice(this.payloadAt)) as Claims);
  }

  get audience(): readonly string[] {
    if (this.#audience) return this.#audience;
    const { aud } = this.claims;
    return (this.#audience = typeof aud === "string" ? [aud] : (aud ?? []));
  }

  get header(): VerifiedToken["header"] {
    const { typ, hasKeyId } = this;
    const { alg, keyId } = this.key;
    return (this.#header ??= {
      alg,
      ...(typ !== undefined && { typ }),
      ...(hasKeyId && keyId !== undefined && { kid: keyId }),
    });
  }

  /** Reads and freezes everything: it is handed out more than once. */
  freeze(): void {
    frozen(this.claims);
    frozen(this.audience);
    frozen(this.header);
  }
}

/**
 * A token whose signature and claims have been verified. Only a verifier makes it.
 *
 * Its members are read when they are asked for; `toJSON()` gives them all.
 */
export class VerifiedToken {
  readonly #verdict: Verdict;

  /** @internal */
  constructor(verdict: Verdict) {
    this.#verdict = verdict;
  }

  /** All claims; they may hold a member of any name, also `__proto__`. */
  get claims(): Claims {
    return this.#verdict.claims;
  }

  /** `iss`; tokens of SPIFFE may have none. */
  get issuer(): string | undefined {
    return this.#verdict.claims.iss;
  }

  get subject(): string | undefined {
    return this.#verdict.subject;
  }

  get audience(): readonly string[] {
    return this.#verdict.audience;
  }

  /** `exp`, unix seconds. */
  get expiresOn(): number {
    return this.#verdict.claims.exp as number;
  }

  get algorithm(): string {
    return this.#verdict.key.algorithm;
  }

  /** `kid` of the key that verified the signature. */
  get keyId(): string | undefined {
    return this.#verdict.key.keyId;
  }

  /** Thumbprint of that key (RFC 7638), base64url. */
  get keyThumbprint(): string {
    return this.#verdict.key.keyThumbprint;
  }

  /** How old the key set was, in seconds; absent for keys given directly. */
  get keySetAge(): number | undefined {
    return this.#verdict.keySetAge;
  }

  /** The rules that were applied: `docs/profiles.md`. */
  get profile(): string {
    return this.#verdict.key.profile;
  }

  get header(): { readonly alg: string; readonly typ?: string; readonly kid?: string } {
    return this.#verdict.header;
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

/** Freezes a value and all in it. */
function frozen(value: unknown): void {
  if (typeof value === "object" && value !== null) {
    for (const inner of Object.values(value)) frozen(inner);
    Object.freeze(value);
  }
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
  keep(serial: number, verdict: Verdict, bytes: number): VerifiedToken {
    const cost = 512 + 2 * bytes;
    if (this.#youngBytes + cost > this.maxBytes / 2) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#youngBytes = 0;
    }
    this.#youngBytes += cost;
    verdict.freeze();
    const token = new VerifiedToken(verdict);
    Object.freeze(token);
    this.#young.set(serial, token);
    return token;
  }
}
