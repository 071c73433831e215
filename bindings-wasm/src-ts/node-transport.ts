/** The `fetch` of Node.js, over its modules `http` and `https`: the environment's proxies, own certificate authorities, sockets that end with the request. */

import { connectionTo, type Message, type NodeModules, type Readable, type Request, type RequestOptions, type Socket } from "./node-connection.js";
import type { Connections } from "./platform.js";
import type { Environment } from "./proxy.js";
import { startTimer } from "./timeouts.js";
import type { Fetch, FetchInit } from "./transport.js";

/** Names the package and says nothing about the machine. */
const userAgent = "workload-identity-node";

/** A pending connect keeps a process alive even if its socket does not, so one in the background must be short. */
const backgroundConnectMs = 2000;

/** Makes the `fetch` for the requests of one client. */
export function nodeTransport(environment: Environment, modules: NodeModules): (connections: Connections) => Fetch {
  const connectionOf = connectionTo(environment, modules);
  return (connections) => {
    const fetch = async (url: string, init: FetchInit) => {
      const signal = init.signal as AbortSignal;
      const watch = (request: Request) => {
        if (connections.background) request.on("socket", (socket) => release(socket, request));
        return request;
      };
      const target = new URL(url);
      const connection = await connectionOf(target, connections, signal, watch);
      const { request: open } = target.protocol === "https:" ? modules.https : modules.http;
      return new Promise<Response>((resolve, reject) => {
        const headers = { ...init.headers, "user-agent": userAgent };
        const options: RequestOptions = { method: init.method as string, headers, signal, ...connection };
        watch(open(target, options))
          .on("response", (message) => resolve(responseOf(message, modules)))
          .on("error", reject)
          .end(init.body ?? undefined);
      });
    };
    return Object.assign(fetch, { connections: true });
  };
}

/** Lets the process end while the request is under way. */
function release(socket: Socket, request: Request): void {
  socket.unref();
  // TLS within a tunnel.
  if (!socket.connecting) return;
  const limit = startTimer(() => request.destroy(new ConnectTimeout()), backgroundConnectMs, true);
  socket.once("close", () => clearTimeout(limit));
  socket.once("connect", () => {
    clearTimeout(limit);
    // Each address that is tried has a handle of its own.
    socket.unref();
  });
}

class ConnectTimeout extends Error {
  readonly code = "ETIMEDOUT";
}

/** Servers may use these although they were not asked for. */
const decoders: Record<string, keyof NodeModules["zlib"]> = {
  gzip: "createGunzip",
  "x-gzip": "createGunzip",
  deflate: "createInflate",
  br: "createBrotliDecompress",
};

async function firstByte(body: Readable): Promise<number | undefined> {
  await new Promise<void>((resolve, reject) => body.once("readable", resolve).once("error", reject));
  const chunk = body.read();
  if (chunk) body.unshift(chunk);
  return chunk?.[0];
}

async function responseOf(message: Message, { zlib, stream }: NodeModules): Promise<Response> {
  const headers = new Headers();
  const { rawHeaders, statusCode } = message;
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) headers.append(rawHeaders[at] as string, rawHeaders[at + 1] as string);
  const codings = (message.headers["content-encoding"] ?? "").split(",").map((coding) => coding.trim().toLowerCase());
  // A response of these statuses has no body.
  let isEmpty = [204, 205, 304].includes(statusCode);
  let body: Readable = message;
  for (const coding of codings.reverse()) {
    const decoder = decoders[coding];
    if (!decoder || isEmpty) continue;
    const first = await firstByte(body);
    isEmpty = first === undefined;
    if (first === undefined) continue;
    // Senders disagree on the frame of deflate. The zlib format (RFC 1950) begins with 8, by which browsers tell it.
    const isRaw = coding === "deflate" && (first & 15) !== 8;
    // The reader of the last one gets the errors of all.
    body = stream.pipeline(body, zlib[isRaw ? "createInflateRaw" : decoder](), () => undefined);
  }
  return new Response(isEmpty ? null : stream.Readable.toWeb(body), { status: statusCode, headers });
}
