// The cases with WebCrypto: a bare signature, ours whole, jose whole. Runs in Node.js and in workers.

import { createLocalJWKSet, jwtVerify } from "jose";

const webCrypto = {
  RS256: { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" },
  EdDSA: { name: "Ed25519" },
};

function bytes(text) {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (letter) => letter.charCodeAt(0));
}

/** Does work so many times, one after another, and checks each result. */
function repeated(work, good) {
  return async (count) => {
    for (let at = 0; at < count; at += 1) {
      if (!good(await work())) throw new Error("a good token was not accepted");
    }
  };
}

/** The signature of a token alone, with key and bytes ready. */
export async function bare({ algorithm, jwk, good }) {
  const kind = webCrypto[algorithm];
  const { kty, n, e, crv, x } = jwk;
  const key = await crypto.subtle.importKey("jwk", { kty, n, e, crv, x }, kind, false, ["verify"]);
  const dot = good.lastIndexOf(".");
  const signature = bytes(good.slice(dot + 1));
  const data = new TextEncoder().encode(good.slice(0, dot));
  return repeated(() => crypto.subtle.verify(kind, key, signature, data), (accepted) => accepted === true);
}

/** Whole verifications by `TokenVerifier`; one reads the subject, the other the claims. */
export function whole(TokenVerifier, { algorithm, jwks, good, issuer, audience, subject }, options) {
  const verifier = TokenVerifier.oidc({ issuer, audience, keys: jwks, algorithms: [algorithm], ...options });
  return {
    ours: repeated(() => verifier.verify(good), (token) => token.subject === subject),
    claims: repeated(() => verifier.verify(good), ({ claims }) => claims.sub === subject),
  };
}

export function jose({ algorithm, jwks, good, issuer, audience, subject }) {
  const keys = createLocalJWKSet(jwks);
  const options = { issuer, audience, algorithms: [algorithm], requiredClaims: ["exp"] };
  return repeated(() => jwtVerify(good, keys, options), ({ payload }) => payload.sub === subject);
}
