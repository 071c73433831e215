/** Signatures by the runtime's WebCrypto: keys by JWK, algorithms by their names in JOSE. */

/** The runtime's crypto does not offer the algorithm. */
export class Unoffered extends Error {
  override readonly name = "Unoffered";
}

interface Kind {
  /** What a key is imported as. */
  readonly key: RsaHashedImportParams | EcKeyImportParams | Algorithm;
  /** What it is used with: a name where that is enough, since runtimes read the members of an object one by one. */
  readonly use: string | RsaPssParams | EcdsaParams;
}

const pkcs1 = (hash: string): Kind => {
  const name = "RSASSA-PKCS1-v1_5";
  return { key: { name, hash }, use: name };
};
const pss = (hash: string, saltLength: number): Kind => {
  const name = "RSA-PSS";
  return { key: { name, hash }, use: { name, saltLength } };
};
const ecdsa = (namedCurve: string, hash: string): Kind => {
  const name = "ECDSA";
  return { key: { name, namedCurve }, use: { name, hash } };
};
const ed25519: Kind = { key: { name: "Ed25519" }, use: "Ed25519" };

const kinds = new Map<string, Kind>([
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

/** A key with what it is used with. */
export interface ImportedKey {
  readonly use: Kind["use"];
  readonly key: CryptoKey;
}

/**
 * Imports a public key. `Unoffered` if the runtime lacks the algorithm; nothing if the numbers are not a key, such as
 * those of a point that is not on its curve: no signature verifies with it.
 */
export async function importKey(algorithm: string, jwk: JsonWebKey): Promise<ImportedKey | undefined> {
  const kind = kindOf(algorithm);
  // Only the numbers: runtimes differ in what they make of `use`, `alg` and the rest.
  const { kty, n, e, crv, x, y } = jwk;
  const members = kty === "RSA" ? { kty, n, e } : kty === "OKP" ? { kty, crv, x } : { kty, crv, x, y };
  try {
    const numbers = members as JsonWebKey;
    return { use: kind.use, key: await crypto.subtle.importKey("jwk", numbers, kind.key, false, ["verify"]) };
  } catch (error) {
    const { name } = error as { name?: string };
    // Ed25519 and P-521 are not everywhere, and not every runtime has the right word for that.
    const rare = name !== "DataError" && (algorithm === "ES512" || kind === ed25519);
    if (name === "NotSupportedError" || rare) throw new Unoffered(name);
    return undefined;
  }
}

/** Starts to verify; the bytes may change as soon as this has returned. Rejects where a key turns out to be none. */
export function verifyWith(
  { use, key }: ImportedKey,
  input: Uint8Array<ArrayBuffer>,
  signature: Uint8Array<ArrayBuffer>,
): Promise<boolean> {
  return crypto.subtle.verify(use, key, signature, input);
}

/** Deno looks at a point only when the key is used. */
export function isNoKey(error: unknown): boolean {
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
    if (isNoKey(error)) return false;
    throw error;
  }
}

/** Signs in JOSE's form with a private `CryptoKey`. */
export async function signWith(
  algorithm: string,
  key: CryptoKey,
  input: Uint8Array<ArrayBuffer>,
): Promise<ArrayBuffer> {
  return crypto.subtle.sign(kindOf(algorithm).use, key, input);
}

function kindOf(algorithm: string): Kind {
  const kind = kinds.get(algorithm);
  if (!kind) throw new Unoffered(algorithm);
  return kind;
}
