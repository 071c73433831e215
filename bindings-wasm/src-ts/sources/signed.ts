/** A client assertion that the application signs. */

import { signWith } from "../web-crypto.js";
import type { SignCallback, TokenSource } from "./token-source.js";

/** A client assertion (RFC 7523, section 2.2) signed with a key that stays in a vault, an HSM or WebCrypto. */
export function signed(key: {
  /** Your name of the key, handed to `sign`. */
  key: string;
  algorithm: "PS256" | "RS256" | "ES256" | "ES384" | "EdDSA" | "Ed25519";
  /** Signs, or a private `CryptoKey` for the algorithm, which need not be extractable. */
  sign: SignCallback | CryptoKey;
  /** SHA-256 thumbprint of the certificate, base64url (`x5t#S256`). */
  certificateThumbprint?: string;
  /** Certificate chain, base64 DER, leaf first (`x5c`). */
  certificateChain?: string[];
  /** The public key, to check each signature before it is sent: one by another key is refused here. */
  publicKey?: JsonWebKey;
}): TokenSource {
  const { algorithm, sign } = key;
  return {
    config: {
      kind: "signed",
      key: key.key,
      algorithm,
      x5t_s256: key.certificateThumbprint,
      x5c: key.certificateChain,
      public_jwk: key.publicKey,
    },
    sign: typeof sign === "function" ? sign : (input) => signWith(algorithm, sign, input),
  };
}
