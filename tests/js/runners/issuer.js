// An OpenID Connect issuer on loopback: discovery, keys, tokens.
import { once } from "node:events";
import { createServer } from "node:http";
import { audience, newKey, tokenOf } from "../suite/keys.js";

/** Starts it. `keys` may be replaced; `requests` are the paths that were asked for. After a request for `/hang` no other gets an answer. */
export async function startIssuer() {
  const first = await newKey("k1");
  const started = { keys: [first], requests: [], audience };
  const server = createServer((request, response) => {
    started.requests.push(request.url);
    if (started.isHanging) return;
    const keys = started.keys.map(({ jwk }) => jwk);
    const documents = {
      "/.well-known/openid-configuration": { issuer: started.issuer, jwks_uri: `${started.issuer}/keys` },
      "/keys": { keys },
    };
    const document = documents[request.url];
    started.isHanging = request.url === "/hang";
    response.writeHead(document ? 200 : 404, { "content-type": "application/json" });
    response.end(JSON.stringify(document ?? {}));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  started.issuer = `http://127.0.0.1:${server.address().port}`;
  started.token = (claims, key = started.keys[0]) => tokenOf(key, { iss: started.issuer, ...claims });
  started.stop = () => {
    server.close();
    server.closeAllConnections();
  };
  return started;
}

/** What every example must answer at `base`. */
export async function talkTo(base, issuer, assert) {
  const ask = (headers) => fetch(`${base}/orders`, { headers });
  const bearer = async (claims) => ask({ authorization: `Bearer ${await issuer.token(claims)}` });
  const good = await bearer();
  assert.equal(good.status, 200);
  assert.deepEqual(await good.json(), { orders: [], caller: "worker" });
  const bare = await ask({});
  assert.deepEqual([bare.status, bare.headers.get("www-authenticate")], [401, "Bearer"]);
  const expired = await bearer({ exp: 1_700_000_000 });
  assert.equal(expired.status, 401);
  assert.equal(expired.headers.get("www-authenticate"), 'Bearer error="invalid_token", error_description="expired"');
  assert.equal((await bearer({ aud: "api://other" })).status, 401);
  assert.equal((await ask({ authorization: "Bearer a.b.c" })).status, 401);
}
