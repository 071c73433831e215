// A refresh in the background that hangs does not keep the process alive.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { createServer as createTcpServer } from "node:net";
import { after, test } from "node:test";
import { newCertificate } from "../runners/certificate.js";
import { runProgram } from "../runners/child.js";
import { install } from "../runners/installed.js";
import { startIssuer } from "../runners/issuer.js";
import { granted } from "../suite/stub.js";
import { until } from "../suite/time.js";

const installed = await install();
const certificate = newCertificate("127.0.0.1");
const stops = [() => installed.remove()];
after(async () => {
  for (const stop of stops) await stop();
});

async function listening(server) {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const sockets = new Set();
  server.on("connection", (socket) => sockets.add(socket.on("error", () => undefined)));
  stops.push(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return server.address().port;
}

const answer = granted("token-1", { refresh_in: 1 });
const hang = {
  answer: () => undefined,
  body: (response) => response.writeHead(200).write("{"),
};

/** Token endpoints that answer once: where the second request hangs, and how many connections there were. */
async function endpoints() {
  const all = {};
  for (const [phase, second] of Object.entries(hang)) {
    const one = { count: 0 };
    const port = await listening(
      createServer((request, response) => {
        request.resume();
        one.count += 1;
        if (one.count === 1) response.end(answer);
        else second(response);
      }),
    );
    all[phase] = Object.assign(one, { url: `http://127.0.0.1:${port}` });
  }
  const secure = createSecureServer(certificate, (request, response) => request.resume() && response.end(answer));
  const tls = { count: 0 };
  const port = await listening(
    createTcpServer((socket) => {
      tls.count += 1;
      if (tls.count === 1) secure.emit("connection", socket);
    }),
  );
  all.tls = Object.assign(tls, { url: `https://127.0.0.1:${port}` });
  return all;
}

for (const name of ["workload-identity", "workload-identity-wasm"]) {
  test(`${name}: a refresh that hangs`, async () => {
    const servers = await endpoints();
    const issuer = await startIssuer();
    stops.push(() => issuer.stop());
    const token = await issuer.token({ exp: Math.floor(Date.now() / 1000) + 100_000 });
    // Answers when each server has got the request that hangs.
    const refreshes = () => issuer.requests.filter((path) => path === "/.well-known/openid-configuration").length;
    const begun = await listening(
      createServer(async (request, response) => {
        request.resume();
        await until(() => refreshes() === 2 && Object.values(servers).every(({ count }) => count === 2), "the refreshes");
        response.setHeader("connection", "close").end();
      }),
    );
    const { ms, subject } = await runProgram(
      installed,
      `import { TokenVerifier, WorkloadIdentity, callback } from "${name}";
      const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
      const clock = Date.now;
      // Only the time limits of the calls would end them.
      const timer = setTimeout;
      globalThis.setTimeout = (end, ms) => timer(end, ms * 1000);
      const identities = ${JSON.stringify(Object.values(servers).map(({ url }) => url))}.map(
        (authorityHost) =>
          new WorkloadIdentity({
            tenantId: "contoso.com",
            clientId: "3b1d7a52-c94e-4f08-8e67-90af5d2c6b14",
            authorityHost,
            ...(authorityHost.startsWith("https:") && { ca: ${JSON.stringify(certificate.ca)} }),
            source: callback(() => [part({ alg: "RS256" }), part({ iss: "i" }), "c2ln"].join(".")),
          }),
      );
      const tokens = () => Promise.all(identities.map((one) => one.getToken("https://vault.azure.net/.default")));
      const verifier = TokenVerifier.oidc({
        issuer: "${issuer.issuer}",
        audience: "${issuer.audience}",
        allowLoopbackHttp: true,
      });
      await tokens();
      await verifier.verify("${token}");
      await fetch("${issuer.issuer}/hang");
      // A token is due for a refresh after a second, keys after an hour.
      Date.now = () => clock() + 2_000;
      await tokens();
      Date.now = () => clock() + 2 * 3600_000;
      const { subject } = await verifier.verify("${token}");
      await fetch("http://127.0.0.1:${begun}");
      const ended = performance.now();
      process.on("exit", () => console.log(JSON.stringify({ ms: performance.now() - ended, subject })));`,
    );
    assert.ok(ms < 20_000, `the process ended ${ms} ms late`);
    assert.equal(subject, "worker");
    for (const [phase, { count }] of Object.entries(servers)) assert.equal(count, 2, phase);
    assert.equal(refreshes(), 2);
  });
}
