/** Verified tokens by their text: the option `cacheMaxBytes`. */

import type { VerifiedToken } from "./verified-token.js";

interface Entry {
  readonly verified: VerifiedToken;
  readonly bytes: number;
  /** Unix milliseconds. */
  readonly from: number;
  /** The core must be asked again from then on. */
  readonly until: number;
}

/** Bounded in bytes; the least recently used token is removed first. */
export class VerifiedTokenCache {
  /** In the order of their last use. */
  readonly #entries = new Map<string, Entry>();
  #bytes = 0;

  constructor(private readonly maxBytes: number) {}

  get(token: string, now: number): VerifiedToken | undefined {
    const entry = this.#entries.get(token);
    if (!entry) return undefined;
    this.#entries.delete(token);
    if (now < entry.from || now >= entry.until) {
      this.#bytes -= entry.bytes;
      return undefined;
    }
    this.#entries.set(token, entry);
    return entry.verified;
  }

  /** Freezes `verified`, since it is handed out more than once. */
  add(token: string, verified: VerifiedToken, from: number, until: number): void {
    const { claims, audience, header } = verified;
    for (const value of [claims, audience, header]) freeze(value);
    Object.freeze(verified);
    // The token, its claims, and the objects around them.
    const bytes = 512 + 3 * token.length;
    if (bytes > this.maxBytes) return;
    for (const [oldest, entry] of this.#entries) {
      if (this.#bytes + bytes <= this.maxBytes) break;
      this.#entries.delete(oldest);
      this.#bytes -= entry.bytes;
    }
    this.#entries.set(token, { verified, bytes, from, until });
    this.#bytes += bytes;
  }

  clear(): void {
    this.#entries.clear();
    this.#bytes = 0;
  }
}

/** Freezes a value and all in it. */
function freeze(value: unknown): void {
  if (typeof value === "object" && value !== null) {
    for (const inner of Object.values(value)) freeze(inner);
    Object.freeze(value);
  }
}
