// An issuer for the suite: keys of this run, tokens, and a `fetch` that serves the keys.

export const issuer = "https://issuer.example";
export const audience = "api://orders";
const encoder = new TextEncoder();

const base64url = (bytes) =>
  btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const part = (value) => base64url(encoder.encode(typeof value === "string" ? value : JSON.stringify(value)));

/** A P-256 key: every runtime has that algorithm. */
export async function newKey(kid) {
  const kind = { name: "ECDSA", namedCurve: "P-256" };
  const pair = await crypto.subtle.generateKey(kind, true, ["sign", "verify"]);
  const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", pair.publicKey);
  return { kid, pair, jwk: { kty, crv, x, y, kid, use: "sig", alg: "ES256" } };
}

/** A token; `claims` replace the usual ones, or are the payload's text. */
export async function tokenOf(key, claims = {}, header = {}) {
  const now = Math.floor(Date.now() / 1000);
  const usual = { iss: issuer, aud: audience, sub: "worker", iat: now, exp: now + 600 };
  const payload = typeof claims === "string" ? claims : { ...usual, ...claims };
  const input = `${part({ alg: "ES256", typ: "JWT", kid: key.kid, ...header })}.${part(payload)}`;
  const kind = { name: "ECDSA", hash: "SHA-256" };
  const signature = await crypto.subtle.sign(kind, key.pair.privateKey, encoder.encode(input));
  return `${input}.${base64url(new Uint8Array(signature))}`;
}

/** Serves discovery and `keys`, which tests may replace; counts what is asked for. */
export function keyServer(keys) {
  const server = {
    keys,
    requests: [],
    async fetch(url) {
      server.requests.push(url);
      const json = { "content-type": "application/json" };
      if (url.endsWith("/.well-known/openid-configuration")) {
        const document = { issuer, jwks_uri: `${issuer}/keys`, id_token_signing_alg_values_supported: ["ES256"] };
        return new Response(JSON.stringify(document), { headers: json });
      }
      if (!server.keys) return new Response("", { status: 503 });
      return new Response(JSON.stringify({ keys: server.keys.map(({ jwk }) => jwk) }), { headers: json });
    },
  };
  return server;
}
