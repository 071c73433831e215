// The verifiers side by side: issuer, audience, algorithm and times are checked, and the claims come back.

import { readFileSync } from "node:fs";
import { JwtVerifier } from "aws-jwt-verify";
import { createVerifier } from "fast-jwt";
import { createLocalJWKSet, jwtVerify } from "jose";
import jsonwebtoken from "jsonwebtoken";
import { TokenVerifier } from "workload-identity";
import { audience, issuer } from "./_tokens.mjs";

/** A package with its version, from the file beside it: not all export it. */
export function named(name) {
  const { version } = JSON.parse(readFileSync(new URL(`node_modules/${name}/package.json`, import.meta.url), "utf8"));
  return `${name} ${version}`;
}

/** With the whole key set: the key is looked up each time. */
export const ours = ({ jwks, algorithm }, options = {}) =>
  TokenVerifier.oidc({ issuer, audience, keys: jwks, algorithms: [algorithm], ...options });

/** With one key as PEM, which it prepares once. */
export function fastJwt({ pem, algorithm }, cache = false) {
  const options = { key: pem, algorithms: [algorithm], allowedIss: issuer, allowedAud: audience, cache };
  return { name: named("fast-jwt"), verify: createVerifier({ ...options, requiredClaims: ["exp", "iss", "aud"] }) };
}

export function awsJwtVerify({ jwks }) {
  const verifier = JwtVerifier.create({ issuer, audience, jwksUri: `${issuer}/keys` });
  verifier.cacheJwks(jwks);
  return { name: named("aws-jwt-verify"), verify: (token) => verifier.verifySync(token) };
}

export function jsonWebToken({ publicKey, algorithm }) {
  const options = { algorithms: [algorithm], issuer, audience };
  return { name: named("jsonwebtoken"), verify: (token) => jsonwebtoken.verify(token, publicKey, options) };
}

export function jose({ jwks, algorithm }) {
  const keys = createLocalJWKSet(jwks);
  const options = { issuer, audience, algorithms: [algorithm], requiredClaims: ["exp"] };
  return { name: named("jose"), verify: async (token) => (await jwtVerify(token, keys, options)).payload };
}
