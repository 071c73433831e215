// Servers that never finish one phase of an answer: they send a byte now and then.
import { once } from "node:events";
import { createServer } from "node:net";
import { createServer as createTlsServer } from "node:tls";

const everyMs = 50;
const head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n";

/** By phase: what is sent at once, and the byte that is repeated after it; none for silence. */
const phases = {
  tls: ["", ""],
  silence: ["", ""],
  head: [head, "x"],
  "body with a length": [`${head}content-length: 1000\r\n\r\n`, " "],
  "body until the end": [`${head}connection: close\r\n\r\n`, " "],
  "chunk extension": [`${head}transfer-encoding: chunked\r\n\r\n400;x=`, "x"],
  chunk: [`${head}transfer-encoding: chunked\r\n\r\n400\r\n`, " "],
  trailer: [`${head}transfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nx-slow: `, "x"],
};

/** The phases of an answer. */
const answerPhases = Object.keys(phases).filter((phase) => phase !== "tls");

/** Starts one, over TLS with a certificate; `port`, `sockets` and `stop`. In the phase `tls` the handshake never ends. */
export async function startSlowServer(phase, certificate) {
  const [first, byte] = phases[phase];
  const sockets = new Set();
  const answer = (socket) => {
    let timer;
    socket.on("error", () => undefined).on("close", () => clearInterval(timer));
    socket.once("data", () => {
      if (first) socket.write(first);
      if (byte) timer = setInterval(() => socket.write(byte), everyMs);
    });
  };
  const server = certificate ? createTlsServer(certificate, answer) : createServer(answer);
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined).on("close", () => sockets.delete(socket));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: server.address().port,
    sockets,
    stop() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** One for each phase over http, one that ends no handshake, and one over TLS: `origins` by name, `sockets`, `stop`. */
export async function startSlowServers(certificate) {
  const servers = new Map([
    ...(await Promise.all(answerPhases.map(async (phase) => [phase, await startSlowServer(phase)]))),
    ["tls", await startSlowServer("tls")],
    ["body over tls", await startSlowServer("body until the end", certificate)],
  ]);
  const origin = ([name, { port }]) => [name, `${name.endsWith("tls") ? "https" : "http"}://127.0.0.1:${port}`];
  return {
    origins: [...servers].map(origin),
    sockets: () => [...servers.values()].flatMap(({ sockets }) => [...sockets]),
    stop() {
      for (const { stop } of servers.values()) stop();
    },
  };
}
