import { createServer } from "node:net";
import { once } from "node:events";

/** A port of loopback that nobody uses right now, for programs that cannot tell which one they took. */
export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}
