// `verify_node.mjs LIBRARY CORPUS RESULTS`: what a Node.js library says to each line, as its documentation shows.

import { createPublicKey } from "node:crypto";
import { closeSync, createReadStream, openSync, readFileSync, writeSync } from "node:fs";
import { createInterface } from "node:readline";

const leeway = 60;

async function jose() {
  const { createLocalJWKSet, jwtVerify } = await import("jose");
  return async ({ token, jwks, issuer, audience, algorithms, now }) => {
    const keys = createLocalJWKSet(typeof jwks === "string" ? JSON.parse(jwks) : jwks);
    await jwtVerify(token, keys, {
      issuer,
      audience,
      algorithms,
      clockTolerance: leeway,
      currentDate: new Date(now * 1000),
      requiredClaims: ["exp"],
    });
  };
}

/** It takes PEM; its documentation sends users of key sets to get-jwks, which looks for `kid` and `alg` and converts. */
async function fastJwt() {
  const { createDecoder, createVerifier } = await import("fast-jwt");
  const decode = createDecoder({ complete: true });
  return async ({ token, jwks, issuer, audience, algorithms, now }) => {
    const { keys } = typeof jwks === "string" ? JSON.parse(jwks) : jwks;
    const { kid, alg } = decode(token).header;
    const jwk = keys.find((key) => key.kid === kid && (key.alg === undefined || key.alg === alg));
    if (!jwk) throw new Error("no key");
    const key = createPublicKey({ key: jwk, format: "jwk" }).export({ type: "spki", format: "pem" });
    const verify = createVerifier({
      key,
      algorithms,
      allowedIss: issuer,
      allowedAud: audience,
      requiredClaims: ["iss", "aud", "exp"],
      clockTimestamp: now * 1000,
      clockTolerance: leeway * 1000,
    });
    verify(token);
  };
}

const libraries = { jose, "fast-jwt": fastJwt };
const [library, corpus, results] = process.argv.slice(2);
const verify = await libraries[library]();
const out = openSync(results, "w");
let pending = "";
for await (const text of createInterface({ input: createReadStream(corpus, "utf8"), crlfDelay: Infinity })) {
  const line = JSON.parse(text);
  let accepted = true;
  let reason = "";
  try {
    await verify(line);
  } catch (error) {
    accepted = false;
    reason = `${error?.code ?? error?.name}: ${error?.message}`.slice(0, 80);
  }
  pending += `${JSON.stringify({ name: line.name, accepted, reason })}\n`;
  if (pending.length > 65_536) {
    writeSync(out, pending);
    pending = "";
  }
}
writeSync(out, pending);
closeSync(out);
const { version } = JSON.parse(readFileSync(new URL(`node_modules/${library}/package.json`, import.meta.url), "utf8"));
console.log(`${library} ${version}`);
