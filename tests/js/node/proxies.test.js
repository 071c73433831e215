// Proxies of the environment: the tables that all languages share, and tunnels over http and https.
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import net from "node:net";
import { join } from "node:path";
import { after, afterEach, test } from "node:test";
import { pathToFileURL } from "node:url";
import { newCertificate } from "../runners/certificate.js";
import { startProxy } from "../runners/connect-proxy.js";
import { install } from "../runners/installed.js";
import { startSlowServer } from "../runners/slow-server.js";
import { startTokenServer } from "../runners/token-server.js";
import { failure } from "../suite/expect.js";
import { assertion, clientId, scope } from "../suite/stub.js";

const host = "login.field.example";
const certificate = newCertificate(host, "127.0.0.1");
const { ca } = certificate;
const installed = await install();
const server = await startTokenServer(certificate, host);
const started = [server];
after(async () => {
  for (const { stop } of started) stop();
  await installed.remove();
});

const variables = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"].flatMap((name) => [name, name.toLowerCase()]);
const clear = () => variables.forEach((name) => delete process.env[name]);
clear();
afterEach(clear);

async function rows(name) {
  const text = await readFile(join(import.meta.dirname, "../../vectors", name), "utf8");
  return text.split("\n").filter((line) => line && !line.startsWith("#")).map((line) => line.split("\t"));
}

async function proxy(options) {
  const one = await startProxy({ port: server.port, ...options });
  started.push(one);
  return one;
}

for (const name of ["workload-identity", "workload-identity-wasm"]) {
  const { package: exports } = await installed.load(name);
  const { proxyFor } = await import(pathToFileURL(installed.path(name, "dist/proxy.js")).href);
  const { TokenVerifier, WorkloadIdentity, callback } = exports;

  test(`${name}: the table of NO_PROXY`, async () => {
    const cases = await rows("no_proxy.tsv");
    assert.ok(cases.length > 50);
    for (const [noProxy, asked, direct] of cases) {
      const environment = { HTTPS_PROXY: "http://proxy.example:3128", NO_PROXY: noProxy };
      const found = proxyFor(new URL(`https://${asked}/`), (name) => environment[name], net);
      assert.equal(found === undefined ? "yes" : "no", direct, `${noProxy} ${asked}`);
    }
  });

  test(`${name}: the table of the variables`, async () => {
    const cases = await rows("proxies.tsv");
    assert.ok(cases.length > 20);
    for (const [text, url, expected] of cases) {
      const environment = Object.fromEntries(text.split(" ").map((pair) => pair.split("=")));
      const found = proxyFor(new URL(url), (name) => environment[name], net)?.url;
      const port = found?.port || (found?.protocol === "https:" ? 443 : 80);
      assert.equal(found ? `${found.protocol}//${found.hostname}:${port}` : "direct", expected, text);
    }
  });

  const getToken = (options, timeout) =>
    new WorkloadIdentity({
      clientId,
      authority: { tokenEndpoint: `https://${host}/token` },
      source: callback(() => assertion()),
      ca,
      ...options,
    }).getToken(scope, { requestOptions: { timeout } });

  test(`${name}: tokens and keys come through a proxy`, async () => {
    const { port, requests } = await proxy({});
    for (const variable of ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]) {
      clear();
      process.env[variable] = `http://127.0.0.1:${port}`;
      assert.equal((await getToken()).token, "token-1", variable);
    }
    const verifier = TokenVerifier.oidc({ issuer: server.issuer, audience: server.audience, ca });
    assert.equal((await verifier.verify(await server.token())).subject, "worker");
    assert.equal(requests.length, 6);
    for (const request of requests) assert.deepEqual(request, { target: `${host}:443`, authorization: undefined });
  });

  test(`${name}: a proxy over TLS, with credentials`, async () => {
    const { port, requests } = await proxy({ certificate, credentials: "user:p@ss" });
    process.env.HTTPS_PROXY = `https://user:p%40ss@127.0.0.1:${port}`;
    assert.equal((await getToken()).token, "token-1");
    assert.equal(requests.length, 1);
    const { code } = await failure(getToken({ ca: newCertificate("other.example").ca }));
    assert.equal(code, "network_tls");
  });

  test(`${name}: a proxy that wants credentials`, async () => {
    const { port, requests } = await proxy({ credentials: "user:secret-9" });
    for (const user of ["", "user:wrong-7@"]) {
      process.env.HTTPS_PROXY = `http://${user}127.0.0.1:${port}`;
      const error = await failure(getToken());
      assert.deepEqual([error.code, error.retryable], ["proxy_authentication_required", false]);
      assert.doesNotMatch(error.message, /wrong-7/);
    }
    assert.equal(requests.length, 2, "the request is not repeated");
  });

  test(`${name}: other failures of a proxy`, async () => {
    const refusing = await proxy({ status: 502 });
    process.env.HTTPS_PROXY = `http://127.0.0.1:${refusing.port}`;
    const refused = await failure(getToken());
    assert.equal(refused.code, "network_refused");
    assert.match(refused.message, /the proxy answered with status 502/);

    const silent = await startSlowServer("silence");
    started.push(silent);
    process.env.HTTPS_PROXY = `http://127.0.0.1:${silent.port}`;
    assert.match((await failure(getToken({}, 1500))).code, /^(network_timeout|deadline_exceeded)$/);
    // The server sees the end a moment later.
    await Promise.all([...silent.sockets].map((socket) => once(socket, "close")));

    for (const wrong of ["socks5://127.0.0.1:1", "http://", "ftp://proxy.example"]) {
      process.env.HTTPS_PROXY = wrong;
      assert.match((await failure(getToken())).message, /HTTPS_PROXY is not the URL of an http or https proxy/, wrong);
    }
  });

  test(`${name}: a name that cannot be resolved tells of proxies`, async () => {
    const none = await failure(getToken());
    assert.equal(none.code, "network_dns");
    assert.match(none.message, /no proxy is set/);
    process.env.https_proxy = "http://proxy.example:3128";
    for (const noProxy of ["", host]) {
      process.env.NO_PROXY = noProxy;
      const error = await failure(getToken());
      assert.equal(error.code, "network_dns");
      assert.match(error.message, /https_proxy is set/);
      assert.doesNotMatch(error.message, /3128/);
    }
  });
}
