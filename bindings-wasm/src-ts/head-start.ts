/**
 * Signatures that begin before their token is judged, where WebCrypto computes on threads of its own: both then take their
 * time at once. A guess decides nothing. It is taken only if the judge asks for the same, and else nobody looks at it.
 */

import { verifyWith, type ImportedKey } from "./web-crypto.js";

/** A key that may be imported already. */
interface Key {
  readonly imported: ImportedKey | undefined;
}

/** What was begun: with which key, for how many bytes of the token, and for which signature. */
interface Begun<K extends Key> {
  readonly key: K;
  readonly signed: number;
  readonly signature: Uint8Array;
  readonly verifying: Promise<boolean>;
}

/** More headers than any issuers use at once. Then all are forgotten. */
const maxHeaders = 64;

export class HeadStart<K extends Key> {
  /** By the header as it stands in tokens; only good tokens get there. */
  readonly #keys = new Map<string, K>();
  /** Whether the last token was good: a flood of bad ones shall not keep the threads busy. */
  #worthwhile = false;

  /** Begins for a token, given as text and as bytes, if its header is known. */
  begin(token: string, bytes: Uint8Array<ArrayBuffer>): Begun<K> | undefined {
    if (!this.#worthwhile) return undefined;
    const key = this.#keys.get(token.slice(0, token.indexOf(".")));
    if (!key?.imported) return undefined;
    const signed = token.lastIndexOf(".");
    const signature = decoded(token.slice(signed + 1));
    if (!signature) return undefined;
    const verifying = verifyWith(key.imported, bytes.subarray(0, signed), signature);
    verifying.catch(() => undefined);
    return { key, signed, signature, verifying };
  }

  /** A token with this header was good, and that was its key. */
  good(header: string, key: K): void {
    this.#worthwhile = true;
    if (this.#keys.get(header) === key) return;
    if (this.#keys.size >= maxHeaders) this.#keys.clear();
    this.#keys.set(header, key);
  }

  bad(): void {
    this.#worthwhile = false;
  }
}

/** Whether something was begun that is just what is asked. */
export function isAsked<K extends Key>(begun: Begun<K>, key: K, signed: number, signature: Uint8Array): boolean {
  const same = begun.key === key && begun.signed === signed && begun.signature.length === signature.length;
  return same && signature.every((byte, at) => byte === begun.signature[at]);
}

function decoded(base64url: string): Uint8Array<ArrayBuffer> | undefined {
  let binary;
  try {
    binary = atob(base64url.replaceAll("-", "+").replaceAll("_", "/"));
  } catch {
    return undefined;
  }
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < bytes.length; at += 1) bytes[at] = binary.charCodeAt(at);
  return bytes;
}
