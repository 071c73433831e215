/** Checks tokens with the keys that the core has: one call, or two with WebCrypto between them. */

import { nativeError, refusal, type WorkloadIdentityError } from "./errors.js";
import type { CheckStep, NativeVerifier, SignatureResult, VerifySignature } from "./protocol.js";
import { VerifiedToken } from "./verified-token.js";
import { VerifiedTokenCache } from "./verified-token-cache.js";
import { importKey, isInvalidKey, UnsupportedAlgorithmError, verifyWith, type ImportedKey } from "./web-crypto.js";

/** The token, the error that refuses it, or nothing if keys must be fetched first. */
export type CheckResult = VerifiedToken | WorkloadIdentityError | undefined;

/** Longer tokens are refused for their length, whatever the configuration. */
const maxTokenLength = 262_144;
/** The length of a token unless the configuration allows more. */
const usualTokenLength = 16_384;
/** The core drops the oldest of more verifications. */
const maxPending = 1000;
const maxKeys = 256;
const encoder = new TextEncoder();

export class Verification {
  readonly #buffer = new Uint8Array(usualTokenLength);
  readonly #keys = new Map<string, ImportedKey>();
  readonly #cache: VerifiedTokenCache | undefined;
  #pending = 0;

  constructor(
    readonly native: NativeVerifier,
    cacheMaxBytes: number,
  ) {
    this.#cache = cacheMaxBytes > 0 ? new VerifiedTokenCache(cacheMaxBytes) : undefined;
  }

  /** Returns errors instead of throwing them: that is cheaper when a server is flooded with bad tokens. */
  check(token: string, now: number): CheckResult | Promise<VerifiedToken> {
    const cached = this.#cache?.get(token, now);
    if (cached || this.#pending >= maxPending) return cached;
    const bytes = this.#encode(token);
    const step = JSON.parse(this.native.check(bytes, now)) as CheckStep;
    switch (step.step) {
      case "verify_signature":
        return this.#verifySignature(step, bytes);
      case "done": {
        const verified = new VerifiedToken(step.value, step.value.claims);
        if (step.fresh_until !== undefined) this.#cache?.add(token, verified, now, step.fresh_until);
        return verified;
      }
      case "fail":
        return refusal(step.error);
      default:
        return undefined;
    }
  }

  /** To be called when the keys of an issuer may have changed. */
  clearCache(): void {
    this.#cache?.clear();
  }

  /** Characters that are not ASCII are encoded as well: the core refuses them. */
  #encode(token: string): Uint8Array<ArrayBuffer> {
    const { read, written } = encoder.encodeInto(token, this.#buffer);
    if (read === token.length) return this.#buffer.subarray(0, written);
    return encoder.encode(token.slice(0, maxTokenLength + 1));
  }

  #verifySignature(step: VerifySignature, bytes: Uint8Array<ArrayBuffer>): Promise<VerifiedToken> {
    const { verification, algorithm, key_thumbprint: thumbprint } = step;
    const signature = this.native.signature(verification) as Uint8Array<ArrayBuffer>;
    const signed = bytes.subarray(0, step.signed_bytes);
    const key = this.#keys.get(algorithm + thumbprint);
    this.#pending += 1;
    // WebCrypto copies its arguments before it returns. While a key is imported, another token may get the buffer.
    const verifying = key
      ? verifyWith(key, signed, signature)
      : this.#verifyWithNewKey(step, signed.slice(), signature);
    // Callbacks: an async function costs as much as the rest of this method.
    return verifying.then(
      (valid) => this.#complete(step, valid ? "valid" : "invalid"),
      (error: unknown) => this.#complete(step, resultOf(error), error),
    );
  }

  async #verifyWithNewKey(
    { verification, algorithm, key_thumbprint: thumbprint }: VerifySignature,
    signed: Uint8Array<ArrayBuffer>,
    signature: Uint8Array<ArrayBuffer>,
  ): Promise<boolean> {
    const jwk = JSON.parse(this.native.jwk(verification) ?? "{}") as JsonWebKey;
    const key = await importKey(algorithm, jwk);
    if (!key) return false;
    if (this.#keys.size >= maxKeys) this.#keys.clear();
    this.#keys.set(algorithm + thumbprint, key);
    return verifyWith(key, signed, signature);
  }

  #complete(step: VerifySignature, result: SignatureResult, cause?: unknown): VerifiedToken {
    this.#pending -= 1;
    let payload;
    try {
      payload = this.native.complete(step.verification, result);
    } catch (thrown) {
      throw nativeError(thrown, (wire) => refusal(wire, cause));
    }
    return new VerifiedToken(step, payload);
  }
}

function resultOf(error: unknown): SignatureResult {
  if (error instanceof UnsupportedAlgorithmError) return "not_found";
  return isInvalidKey(error) ? "invalid" : "other";
}
