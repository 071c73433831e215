/** A look into a token without any verification. */

import { errorOf } from "./errors.js";

declare const unverified: unique symbol;

/** What a token says of itself. Anybody can write such a token: nothing here may decide anything. */
export interface UnverifiedClaims {
  readonly [unverified]: true;
  readonly unverifiedHeader: Readonly<Record<string, unknown>>;
  readonly unverifiedClaims: Readonly<Record<string, unknown>>;
}

const longest = 262_144;

/**
 * Reads header and claims of a token for logs and diagnosis. The type cannot be taken for verified claims.
 *
 * ```ts
 * console.debug(peekUnverified(token).unverifiedClaims.iss);
 * ```
 */
export function peekUnverified(token: string): UnverifiedClaims {
  const parts = typeof token === "string" && token.length <= longest ? token.split(".") : [];
  const [header, payload] = parts;
  if (parts.length !== 3 || header === undefined || payload === undefined) throw malformed();
  const peeked = { unverifiedHeader: object(header), unverifiedClaims: object(payload) };
  return peeked as unknown as UnverifiedClaims;
}

function object(part: string): Record<string, unknown> {
  let value: unknown;
  try {
    if (!/^[\w-]*$/.test(part)) throw malformed();
    const binary = atob(part.replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw malformed();
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw malformed();
  return value as Record<string, unknown>;
}

function malformed(): Error {
  const message = "the token is not a JWT in compact form";
  return errorOf({ code: "malformed", message, fault: "input", retryable: false });
}
