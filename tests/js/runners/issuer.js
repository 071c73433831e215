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
  const ask = (path, headers) => fetch(`${base}${path}`, { headers });
  const bearer = async (path, claims) => ask(path, { authorization: `bearer ${await issuer.token(claims)}` });
  const challenge = (response) => [response.status, response.headers.get("www-authenticate")];
  const me = await bearer("/me");
  assert.equal(me.status, 200);
  assert.deepEqual(await me.json(), { subject: "worker" });
  assert.deepEqual(challenge(await ask("/me", {})), [401, "Bearer"]);
  for (const claims of [{ exp: 1_700_000_000 }, { aud: "api://other" }]) {
    const [status, header] = challenge(await bearer("/me", claims));
    assert.equal(status, 401);
    assert.match(header, /^Bearer error="invalid_token"/);
  }
  assert.equal((await ask("/me", { authorization: "Bearer a.b.c" })).status, 401);
  const granted = await bearer("/orders", { roles: ["Orders.Read"] });
  assert.deepEqual([granted.status, await granted.json()], [200, ["first", "second"]]);
  for (const roles of [undefined, "Not.Orders.Read.At.All", ["Orders.Read.All"], 5, null]) {
    const [status, header] = challenge(await bearer("/orders", { roles }));
    assert.equal(status, 403);
    assert.equal(header, 'Bearer error="insufficient_scope", scope="Orders.Read"');
  }
}
