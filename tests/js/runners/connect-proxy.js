// A proxy that only knows CONNECT. Whatever host is asked for, it connects to one port of loopback.
import { once } from "node:events";
import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { connect } from "node:net";

/** Starts it; `requests` has the target and the credentials of each CONNECT. `status` is answered in place of 200. */
export async function startProxy({ port, certificate, credentials, status }) {
  const server = certificate ? createTlsServer(certificate) : createServer();
  const proxy = { requests: [], port: undefined };
  const sockets = new Set();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
  });
  server.on("tlsClientError", () => undefined);
  server.on("connect", (request, socket) => {
    const authorization = request.headers["proxy-authorization"];
    proxy.requests.push({ target: request.url, authorization });
    socket.on("error", () => undefined);
    const wanted = credentials && `Basic ${Buffer.from(credentials).toString("base64")}`;
    const refusal = wanted !== undefined && authorization !== wanted ? 407 : status;
    if (refusal) return socket.end(`HTTP/1.1 ${refusal} Refused\r\ncontent-length: 0\r\n\r\n`);
    const target = connect(port, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      target.pipe(socket).pipe(target);
    });
    target.on("error", () => socket.destroy());
    socket.on("close", () => target.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  proxy.port = server.address().port;
  proxy.stop = () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  return proxy;
}
