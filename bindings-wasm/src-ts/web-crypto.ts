/** Signatures by the runtime's WebCrypto: keys by JWK, algorithms by their names in JOSE. */

/** The runtime's WebCrypto does not offer the algorithm. */
export class UnsupportedAlgorithmError extends Error {
  override readonly name = "UnsupportedAlgorithmError";
}

interface Algorithms {
  /** For importing a key. */
  readonly key: RsaHashedImportParams | EcKeyImportParams | Algorithm;
  /** For using it: a name where that is enough, which is faster than an object. */
  readonly use: string | RsaPssParams | EcdsaParams;
}

const pkcs1 = (hash: string): Algorithms => {
  const name = "RSASSA-PKCS1-v1_5";
  return { key: { name, hash }, use: name };
};
const pss = (hash: string, saltLength: number): Algorithms => {
  const name = "RSA-PSS";
  return { key: { name, hash }, use: { name, saltLength } };
};
const ecdsa = (namedCurve: string, hash: string): Algorithms => {
  const name = "ECDSA";
  return { key: { name, namedCurve }, use: { name, hash } };
};
const ed25519: Algorithms = { key: { name: "Ed25519" }, use: "Ed25519" };

const algorithms = new Map<string, Algorithms>([
  ["RS256", pkcs1("SHA-256")],
  ["RS384", pkcs1("SHA-384")],
  ["RS512", pkcs1("SHA-512")],
  ["PS256", pss("SHA-256", 32)],
  ["PS384", pss("SHA-384", 48)],
  ["PS512", pss("SHA-512", 64)],
  ["ES256", ecdsa("P-256", "SHA-256")],
  ["ES384", ecdsa("P-384", "SHA-384")],
  ["ES512", ecdsa("P-521", "SHA-512")],
  ["Ed25519", ed25519],
  ["EdDSA", ed25519],
]);

/** A key with the algorithm it is used with. */
export interface ImportedKey {
  readonly use: Algorithms["use"];
  readonly key: CryptoKey;
}

/**
 * Imports a public key. Throws an `UnsupportedAlgorithmError` if the runtime lacks the algorithm. Returns nothing if the
 * numbers are not a key, such as those of a point that is not on its curve: no signature verifies with it.
 */
export async function importKey(algorithm: string, jwk: JsonWebKey): Promise<ImportedKey | undefined> {
  const webCrypto = algorithmsOf(algorithm);
  // Only the numbers: runtimes differ in what they make of `use`, `alg` and the rest.
  const { kty, n, e, crv, x, y } = jwk;
  const members = kty === "RSA" ? { kty, n, e } : kty === "OKP" ? { kty, crv, x } : { kty, crv, x, y };
  try {
    const numbers = members as JsonWebKey;
    return { use: webCrypto.use, key: await crypto.subtle.importKey("jwk", numbers, webCrypto.key, false, ["verify"]) };
  } catch (error) {
    const { name } = error as { name?: string };
    // Ed25519 and P-521 are not everywhere, and not every runtime reports that as `NotSupportedError`.
    const rare = name !== "DataError" && (algorithm === "ES512" || webCrypto === ed25519);
    if (name === "NotSupportedError" || rare) throw new UnsupportedAlgorithmError(name);
    return undefined;
  }
}

/** Starts to verify. The bytes may change as soon as this has returned. */
export function verifyWith(
  { use, key }: ImportedKey,
  input: Uint8Array<ArrayBuffer>,
  signature: Uint8Array<ArrayBuffer>,
): Promise<boolean> {
  return crypto.subtle.verify(use, key, signature, input);
}

/** Deno checks a point when the key is used, not when it is imported. */
export function isInvalidKey(error: unknown): boolean {
  return error instanceof TypeError;
}

/** Verifies with a key that is not kept. */
export async function verifyOnce(
  algorithm: string,
  jwk: JsonWebKey,
  input: Uint8Array<ArrayBuffer>,
  signature: Uint8Array<ArrayBuffer>,
): Promise<boolean> {
  const key = await importKey(algorithm, jwk);
  if (!key) return false;
  try {
    return await verifyWith(key, input, signature);
  } catch (error) {
    if (isInvalidKey(error)) return false;
    throw error;
  }
}

/** Signs in JOSE's form with a private `CryptoKey`. */
export async function signWith(
  algorithm: string,
  key: CryptoKey,
  input: Uint8Array<ArrayBuffer>,
): Promise<ArrayBuffer> {
  return crypto.subtle.sign(algorithmsOf(algorithm).use, key, input);
}

function algorithmsOf(algorithm: string): Algorithms {
  const found = algorithms.get(algorithm);
  if (!found) throw new UnsupportedAlgorithmError(algorithm);
  return found;
}
