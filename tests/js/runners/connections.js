// Servers for requests with connection options, and the program that sends such requests, in every runtime with sockets.
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { createServer as createSocketServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { until } from "../suite/time.js";
import { newCertificate } from "./certificate.js";

const listening = (server, where) => new Promise((resolve) => server.listen(where, () => resolve(server.address().port)));

/** Starts the servers. `facts` is JSON for the program, `environment` names a proxy that refuses every request. */
export async function startConnectionServers() {
  const folder = await mkdtemp(join(tmpdir(), "wi-"));
  const certificate = newCertificate("cluster.example");
  const answer = (request, response) => {
    let body = "";
    request.on("data", (part) => (body += part));
    request.on("end", () => {
      const text = JSON.stringify({ method: request.method, host: request.headers.host, body, servername: request.socket.servername });
      if (request.url === "/gzip") return response.setHeader("content-encoding", "gzip").end(gzipSync(text));
      if (request.url === "/long") return response.end("x".repeat(100_000));
      response.end(text);
    });
  };
  const [plain, tls, unix] = [createServer(answer), createTlsServer(certificate, answer), createServer(answer)];
  const sockets = new Set();
  const silent = createSocketServer((socket) => sockets.add(socket.on("error", () => undefined)));
  let proxied = 0;
  const proxy = createServer((_, response) => {
    proxied += 1;
    response.statusCode = 502;
    response.end();
  }).on("connect", (_, socket) => {
    proxied += 1;
    socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
  });
  const socket = join(folder, "api.sock");
  const silentSocket = join(folder, "silent.sock");
  await Promise.all([listening(unix, socket), listening(silent, silentSocket)]);
  const [plainPort, tlsPort, proxyPort] = await Promise.all([plain, tls, proxy].map((server) => listening(server, { port: 0, host: "127.0.0.1" })));
  const proxyUrl = `http://127.0.0.1:${proxyPort}`;
  return {
    facts: {
      plain: plainPort,
      tls: tlsPort,
      socket,
      silentSocket,
      ca: certificate.ca,
      otherCa: newCertificate("cluster.example").ca,
      sha1: new X509Certificate(certificate.cert).fingerprint.replaceAll(":", "").toLowerCase(),
      folder,
    },
    environment: { HTTPS_PROXY: proxyUrl, HTTP_PROXY: proxyUrl, NO_PROXY: "", WI_TEST_VARIABLE: "value", DENO_NO_UPDATE_CHECK: "1" },
    /** How many requests the proxy got. */
    proxied: () => proxied,
    async stop() {
      for (const server of [plain, tls, unix, proxy]) server.close().closeAllConnections();
      for (const open of sockets) open.destroy();
      silent.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The text of a program that performs the effects. It prints JSON: of each effect how it ended. */
export const connectionProgram = (entry, effectsModule, facts) => `
import ${JSON.stringify(entry)};
import { perform } from ${JSON.stringify(effectsModule)};
const facts = ${JSON.stringify(facts)};
const run = async (effect, abort) => {
  const began = Date.now();
  const { outcome } = await perform({ id: 1, timeout_ms: 60_000, max_bytes: 1000, headers: {}, body: "", method: "GET", ...effect }, {}, abort, false);
  const { kind, status, head, body } = outcome;
  const text = (bytes) => new TextDecoder().decode(bytes);
  return { kind, status, word: kind === "failed" ? text(head) : undefined, body: text(body), ms: Date.now() - began };
};
const http = (url, members) => run({ kind: "http", url, direct: true, ...members });
const local = "http://localhost";
const secure = "https://127.0.0.1:" + facts.tls;
const execute = (script, members) =>
  run({ kind: "ask_host", name: "execute", payload: { command: ["/bin/sh", "-c", script], environment: { WI_ADDED: "added" }, max_bytes: 1000 }, ...members });
const program = (path) => run({ kind: "ask_host", name: "execute", payload: { command: [path], environment: {}, max_bytes: 1000 } });
const ended = {
  direct: await http("http://127.0.0.1:" + facts.plain + "/", {}),
  put: await http("http://127.0.0.1:" + facts.plain + "/", { method: "PUT", body: "sent" }),
  socket: await http(local + "/", { unix_socket: facts.socket, method: "POST", body: "sent" }),
  gzip: await http(local + "/gzip", { unix_socket: facts.socket }),
  long: await http(local + "/long", { unix_socket: facts.socket }),
  silent: await http(local + "/", { unix_socket: facts.silentSocket, timeout_ms: 300 }),
  noSocket: await http(local + "/", { unix_socket: facts.folder + "/none.sock" }),
  ca: await http(secure, { ca: facts.ca, server_name: "cluster.example" }),
  otherCa: await http(secure, { ca: facts.otherCa, server_name: "cluster.example" }),
  otherName: await http(secure, { ca: facts.ca, server_name: "other.example" }),
  noName: await http(secure, { ca: facts.ca }),
  pin: await http(secure, { certificate_sha1: facts.sha1 }),
  otherPin: await http(secure, { certificate_sha1: "0".repeat(40) }),
  variable: await run({ kind: "ask_host", name: "environment", payload: { variable: "WI_TEST_VARIABLE" } }),
  noVariable: await run({ kind: "ask_host", name: "environment", payload: { variable: "WI_TEST_NONE" } }),
  unknown: await run({ kind: "ask_host", name: "levitate", payload: {} }),
  output: await execute("cat; echo $WI_ADDED $WI_TEST_VARIABLE; echo secret >&2"),
  forks: await execute("sleep 600 & echo $!"),
  hangs: await execute("sleep 601", { timeout_ms: 400 }),
  floods: await execute("yes"),
  fails: await execute("echo secret >&2; exit 3"),
  missing: await program(facts.folder + "/missing"),
  notExecutable: await program(facts.folder),
};
console.log(JSON.stringify(ended));
`;

/** The expected end of each effect: the status or the word, and what is in the body. */
const expected = {
  direct: [200, '"method":"GET"'],
  put: [200, '"method":"PUT","host":"127.0.0.1'],
  socket: [200, '"method":"POST","host":"localhost","body":"sent"'],
  gzip: [200, '"method":"GET"'],
  long: [200, "xxx"],
  silent: ["timeout", ""],
  noSocket: ["not_found", ""],
  ca: [200, '"servername":"cluster.example"'],
  otherCa: ["tls", ""],
  otherName: ["tls", ""],
  noName: ["tls", ""],
  pin: [200, '"method":"GET"'],
  otherPin: ["tls", ""],
  variable: [0, "value"],
  noVariable: ["not_found", "WI_TEST_NONE"],
  unknown: ["unsupported", "levitate"],
  output: [0, "added value\n"],
  forks: [0, ""],
  hangs: ["timeout", ""],
  floods: [0, "y\ny\n"],
  fails: ["other", "exit status 3"],
  missing: ["not_found", ""],
  notExecutable: ["denied", ""],
};

/** Checks what the program printed. */
export async function assertEnded(ended) {
  assert.deepEqual(Object.keys(ended), Object.keys(expected));
  for (const [name, [how, part]] of Object.entries(expected)) {
    const { status, word, body, ms } = ended[name];
    const shown = `${name}: ${JSON.stringify(ended[name])}`;
    assert.equal(word ?? status, how, shown);
    assert.ok(body.includes(part), shown);
    // Silence, a program that hangs and a child that does not end are far longer.
    assert.ok(!body.includes("secret") && ms < 30_000, shown);
  }
  assert.equal(ended.long.body.length, 1001);
  assert.equal(ended.floods.body.length, 1001);
  assert.equal(ended.output.body, "added value\n");
  await until(() => hasEnded(Number(ended.forks.body)), "the end of the program's child");
}

/** Whether a process does not run. It may be listed until it is waited for. */
function hasEnded(pid) {
  try {
    const [state] = readFileSync(`/proc/${pid}/stat`, "utf8").replace(/.*\)\s*/s, "");
    return "ZX".includes(state);
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
    return true;
  }
}
