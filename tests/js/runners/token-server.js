// A token endpoint and an issuer over TLS, on a port of loopback; `name` is what clients call it.
import { once } from "node:events";
import { createServer } from "node:https";
import { audience, newKey, tokenOf } from "../suite/keys.js";
import { granted } from "../suite/stub.js";

/** Starts it with a certificate for `name`. `answer` may be replaced. */
export async function startTokenServer(certificate, name) {
  const key = await newKey("k1");
  const started = { audience, requests: [] };
  const server = createServer(certificate, (request, response) => {
    started.requests.push({ path: request.url, headers: request.headers });
    request.resume();
    const documents = {
      "/token": granted(),
      "/.well-known/openid-configuration": JSON.stringify({ issuer: started.issuer, jwks_uri: `${started.issuer}/keys` }),
      "/keys": JSON.stringify({ keys: [key.jwk] }),
    };
    const { headers = {}, body = documents[request.url] } = started.answer ?? {};
    response.writeHead(200, { "content-type": "application/json", ...headers });
    response.end(body);
  });
  server.on("tlsClientError", () => undefined).listen(0, "127.0.0.1");
  await once(server, "listening");
  started.port = server.address().port;
  started.issuer = name === "127.0.0.1" ? `https://127.0.0.1:${started.port}` : `https://${name}`;
  started.token = () => tokenOf(key, { iss: started.issuer });
  started.stop = () => {
    server.close();
    server.closeAllConnections();
  };
  return started;
}
