// A token as Entra issues them, and the key set that its key is in.

import { createPublicKey, generateKeyPairSync, sign } from "node:crypto";

export const tenant = "11111111-2222-3333-4444-555555555555";
export const issuer = `https://login.microsoftonline.com/${tenant}/v2.0`;
export const audience = "66666666-7777-8888-9999-000000000000";
export const subject = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee";
// Entra publishes about so many.
const rsaKeys = 6;

const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** 25 claims of an app's access token. */
function claims(now, expires) {
  return {
    aud: audience,
    iss: issuer,
    iat: now - 60,
    nbf: now - 60,
    exp: expires,
    aio: `k2RgYPj${"x".repeat(60)}`,
    azp: "12121212-3434-5656-7878-909090909090",
    azpacr: "2",
    idtyp: "app",
    oid: subject,
    rh: `1.AAAA${"y".repeat(40)}`,
    sub: subject,
    tid: tenant,
    uti: "q7ZbKTdWQEe9RzjkqbUAAA",
    ver: "2.0",
    roles: ["Orders.Read.All", "Orders.Write.All"],
    appidacr: "2",
    xms_cc: ["cp1"],
    xms_ftd: "z".repeat(40),
    xms_idrel: "7 16",
    xms_tcdt: 1577836800,
    wids: ["0997a1d0-0d1d-4acb-b408-d5ca73121e90"],
    tenant_region_scope: "EU",
    app_displayname: "orders-worker",
    nested: { amr: ["rsa"], ratio: 0.5, flag: true },
  };
}

function signed(algorithm, key, kid, expires) {
  const now = Math.floor(Date.now() / 1000);
  const data = `${part({ typ: "JWT", alg: algorithm, kid })}.${part(claims(now, now + expires))}`;
  const digest = algorithm === "EdDSA" ? null : "sha256";
  const signature = sign(digest, Buffer.from(data), { key, dsaEncoding: "ieee-p1363" });
  return `${data}.${signature.toString("base64url")}`;
}

/** For RS256 with 2048 bits, ES256 and EdDSA, with one key set for all: a good token and one for each cheap refusal. */
export function tokens() {
  const pairs = Array.from({ length: rsaKeys }, (_, at) => ["RS256", `rsa-${at}`, generateKeyPairSync("rsa", { modulusLength: 2048 })]);
  pairs.push(["ES256", "ec-0", generateKeyPairSync("ec", { namedCurve: "P-256" })]);
  pairs.push(["EdDSA", "ed-0", generateKeyPairSync("ed25519")]);
  const keys = pairs.map(([alg, kid, pair]) => ({ kid, use: "sig", alg, ...pair.publicKey.export({ format: "jwk" }) }));
  const made = {};
  for (const [algorithm, kid, { privateKey }] of [pairs[3], ...pairs.slice(rsaKeys)]) {
    const jwk = keys.find((key) => key.kid === kid);
    const publicKey = createPublicKey({ key: jwk, format: "jwk" });
    made[algorithm] = {
      algorithm,
      jwks: { keys },
      jwk,
      publicKey,
      pem: publicKey.export({ type: "spki", format: "pem" }),
      good: signed(algorithm, privateKey, kid, 86_400),
      unknownKey: signed(algorithm, privateKey, "nobody", 86_400),
      expired: signed(algorithm, privateKey, kid, -3600),
    };
  }
  return made;
}
