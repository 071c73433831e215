/** How Node.js reaches a server: directly, or through a tunnel of a proxy (`CONNECT`, RFC 9110 section 9.3.6). */

import { proxyFor, type Environment, type Net, type Proxy } from "./proxy.js";

export interface Socket {
  readonly connecting: boolean;
  unref(): unknown;
  destroy(): unknown;
  once(event: "connect" | "close", listener: () => void): unknown;
}

/** The part of a stream that is used. */
export interface Readable {
  once(event: "readable", listener: () => void): this;
  once(event: "error", listener: (error: Error) => void): this;
  read(): Uint8Array | null;
  unshift(chunk: Uint8Array): void;
}

/** The part of an answer of `node:http` that is used. */
export interface Message extends Readable {
  readonly statusCode: number;
  readonly rawHeaders: readonly string[];
  readonly headers: { readonly "content-encoding"?: string };
}

export interface Request {
  on(event: "response", listener: (message: Message) => void): this;
  on(event: "connect", listener: (message: Message, socket: Socket) => void): this;
  on(event: "socket", listener: (socket: Socket) => void): this;
  on(event: "error", listener: (error: Error) => void): this;
  end(body?: unknown): unknown;
  destroy(error: Error): unknown;
}

interface TlsOptions {
  secureContext?: object;
}

/** How a request gets its socket. */
export interface Connection extends TlsOptions {
  /** A new connection, which ends with its answer. */
  agent?: false;
  createConnection?: () => Socket;
}

export interface RequestOptions extends Connection {
  method: string;
  path?: string;
  headers?: unknown;
  signal: AbortSignal;
}

interface Http {
  request(url: URL, options: RequestOptions): Request;
}

/** The parts of the modules of Node.js that are used. */
export interface NodeModules {
  readonly http: Http;
  readonly https: Http;
  readonly net: Net;
  readonly tls: {
    readonly rootCertificates: readonly string[];
    /** Not in Node.js 20. */
    getCACertificates?(type: "default"): string[];
    createSecureContext(options: { ca: string[] }): object;
    connect(options: TlsOptions & { socket: Socket; host: string; servername: string }): Socket;
  };
  readonly zlib: Record<"createGunzip" | "createInflate" | "createInflateRaw" | "createBrotliDecompress", () => Readable>;
  readonly stream: {
    pipeline(from: Readable, to: Readable, ended: () => void): Readable;
    readonly Readable: { toWeb(readable: Readable): ReadableStream };
  };
  readonly fs: { readFileSync(path: string, encoding: "utf8"): string };
}

/** A proxy's answer to `CONNECT` that opens no tunnel. */
class ProxyResponseError extends Error {
  override readonly name = "ProxyResponseError";

  constructor(status: number) {
    super(`Proxy response (${status})`);
  }
}

/** Makes the function that finds the way to a server. `watch` is called with each request that it sends. */
export function connectionTo(environment: Environment, modules: NodeModules) {
  // Reading the authorities takes milliseconds.
  const secureContexts = new WeakMap<readonly string[], object>();
  const tlsOptions = (ca: readonly string[] | undefined): TlsOptions => {
    if (!ca) return {};
    const secureContext = secureContexts.get(ca) ?? trusting(ca, environment, modules);
    secureContexts.set(ca, secureContext);
    return { secureContext };
  };
  return async (
    target: URL,
    ca: readonly string[] | undefined,
    signal: AbortSignal,
    watch: (request: Request) => Request,
  ): Promise<Connection> => {
    const options = tlsOptions(ca);
    const proxy = proxyFor(target, environment, modules.net);
    if (!proxy) return { agent: false, ...options };
    const socket = await tunnel(proxy, target, { agent: false, signal, ...options }, watch, modules);
    if (target.protocol === "http:") return { createConnection: () => socket };
    const host = target.hostname.replace(/^\[(.*)\]$/, "$1");
    // The name for TLS is no address (RFC 6066, section 3).
    const servername = modules.net.isIP(host) ? "" : host;
    return { createConnection: () => modules.tls.connect({ ...options, socket, host, servername }) };
  };
}

/** A connection to the target through the proxy. */
function tunnel(
  { url, authorization }: Proxy,
  target: URL,
  options: Omit<RequestOptions, "method">,
  watch: (request: Request) => Request,
  { http, https }: NodeModules,
): Promise<Socket> {
  const host = `${target.hostname}:${target.port || (target.protocol === "https:" ? 443 : 80)}`;
  const headers = { host, ...(authorization !== undefined && { "proxy-authorization": authorization }) };
  const { request: open } = url.protocol === "https:" ? https : http;
  return new Promise((resolve, reject) => {
    watch(open(url, { ...options, method: "CONNECT", path: host, headers }))
      .on("connect", ({ statusCode }, socket) => {
        if (statusCode >= 200 && statusCode < 300) return resolve(socket);
        socket.destroy();
        reject(new ProxyResponseError(statusCode));
      })
      .on("error", reject)
      .end();
  });
}

/** A context for TLS that trusts these authorities beside those of Node.js. */
function trusting(ca: readonly string[], environment: Environment, { tls, fs }: NodeModules): object {
  const known = tls.getCACertificates?.("default") ?? [...tls.rootCertificates, ...extra()];
  return tls.createSecureContext({ ca: [...known, ...ca] });

  function extra(): string[] {
    const path = environment("NODE_EXTRA_CA_CERTS");
    try {
      return path ? [fs.readFileSync(path, "utf8")] : [];
    } catch {
      // Node.js itself warns of a file that it cannot read.
      return [];
    }
  }
}
