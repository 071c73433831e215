/** An RSA key that signs test tokens with WebCrypto. */

const algorithm = {
  name: "RSASSA-PKCS1-v1_5",
  modulusLength: 2048,
  publicExponent: new Uint8Array([1, 0, 1]),
  hash: "SHA-256",
};
const encoder = new TextEncoder();

/** A new RSA key of 2048 bits, which signs with RS256 (RFC 7518, section 3.3). */
export class SigningKey {
  readonly #pair: Promise<CryptoKeyPair>;

  constructor(readonly kid: string) {
    this.#pair = crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  }

  /** The public key (RFC 7517). */
  async jwk(): Promise<JsonWebKey & { readonly kid: string }> {
    const { kty = "RSA", n = "", e = "" } = await crypto.subtle.exportKey("jwk", (await this.#pair).publicKey);
    return { kty, use: "sig", kid: this.kid, n, e };
  }

  /** A token in compact form (RFC 7515, section 7.1). */
  async sign(header: object, claims: object): Promise<string> {
    const signed = [header, claims].map((part) => base64url(encoder.encode(JSON.stringify(part)))).join(".");
    const { privateKey } = await this.#pair;
    const signature = await crypto.subtle.sign(algorithm.name, privateKey, encoder.encode(signed));
    return `${signed}.${base64url(new Uint8Array(signature))}`;
  }
}

function base64url(bytes: Uint8Array): string {
  const text = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
