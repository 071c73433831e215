/** How Node.js reaches a server: directly, over a Unix socket, or through a tunnel of a proxy (`CONNECT`, RFC 9110 section 9.3.6). */

import type { ConnectionOptions } from "./connection-options.js";
import type { Connections } from "./platform.js";
import { proxyFor, type Environment, type Net, type Proxy } from "./proxy.js";

export interface Socket {
  readonly connecting: boolean;
  unref(): unknown;
  destroy(): unknown;
  once(event: "connect" | "secureConnect" | "close", listener: () => void): unknown;
  once(event: "error", listener: (error: Error) => void): unknown;
}

interface TlsSocket extends Socket {
  /** `fingerprint` is that of SHA-1. */
  getPeerCertificate(): { readonly fingerprint?: string };
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
  servername?: string;
  checkServerIdentity?: (host: string, certificate: object) => Error | undefined;
  rejectUnauthorized?: boolean;
}

/** How a request gets its socket. */
export interface Connection extends TlsOptions {
  /** A new connection, which ends with its answer. */
  agent?: false;
  socketPath?: string;
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
    createSecureContext(options: { ca: string[]; allowPartialTrustChain?: boolean }): object;
    checkServerIdentity(host: string, certificate: object): Error | undefined;
    connect(options: TlsOptions & { socket?: Socket; host: string; port?: number; path?: string; servername: string }): TlsSocket;
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

/** The server has another certificate than the request says. */
class CertificateMismatchError extends Error {
  override readonly name = "CertificateMismatchError";
  readonly code = "ERR_TLS_CERT_MISMATCH";
}

/** Makes the function that finds the way to a server. `watch` is called with each request that it sends. */
export function connectionTo(environment: Environment, modules: NodeModules) {
  // Reading the authorities takes milliseconds.
  const secureContexts = new WeakMap<readonly string[], object>();
  const usual = (ca: readonly string[] | undefined): TlsOptions => {
    if (!ca) return {};
    const secureContext = secureContexts.get(ca) ?? trusting(ca, environment, modules);
    secureContexts.set(ca, secureContext);
    return { secureContext };
  };
  return async (
    target: URL,
    { ca, background, connection = {} }: Connections,
    signal: AbortSignal,
    watch: (request: Request) => Request,
  ): Promise<Connection> => {
    const host = target.hostname.replace(/^\[(.*)\]$/, "$1");
    const options = { ...usual(ca), ...tlsOptions(connection, modules) };
    const { unixSocket, direct, certificateSha1 } = connection;
    const proxy = direct || unixSocket !== undefined ? undefined : proxyFor(target, environment, modules.net);
    if (!proxy && certificateSha1 === undefined) {
      return { agent: false, ...options, ...(unixSocket !== undefined && { socketPath: unixSocket }) };
    }
    const carrier = proxy && (await tunnel(proxy, target, { agent: false, signal, ...usual(ca) }, watch, modules));
    if (carrier && target.protocol === "http:") return { createConnection: () => carrier };
    const way = carrier ? { socket: carrier } : unixSocket === undefined ? { port: Number(target.port || 443) } : { path: unixSocket };
    // The name for TLS is no address (RFC 6066, section 3).
    const servername = options.servername ?? (modules.net.isIP(host) ? "" : host);
    const connect = () => modules.tls.connect({ ...options, ...way, host, servername });
    if (certificateSha1 === undefined) return { createConnection: connect };
    const socket = connect();
    if (background) socket.unref();
    await pinned(socket, certificateSha1, signal);
    return { createConnection: () => socket };
  };
}

/** What the options of a request change in TLS. */
function tlsOptions({ ca, serverName, certificateSha1 }: ConnectionOptions, { net, tls }: NodeModules): TlsOptions {
  return {
    // Each of them ends a chain, also one that another authority has issued.
    ...(ca !== undefined && { secureContext: tls.createSecureContext({ ca: [ca], allowPartialTrustChain: true }) }),
    ...(serverName !== undefined && {
      servername: net.isIP(serverName) ? "" : serverName,
      checkServerIdentity: (_: string, certificate: object) => tls.checkServerIdentity(serverName, certificate),
    }),
    // `pinned` compares the certificate before anything is sent.
    ...(certificateSha1 !== undefined && { rejectUnauthorized: false }),
  };
}

/** Waits for TLS. Rejects, and closes the socket, if the server has another certificate than the one with this thumbprint. */
function pinned(socket: TlsSocket, thumbprint: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown) => {
      signal.removeEventListener("abort", onAbort);
      socket.destroy();
      reject(error as Error);
    };
    const onAbort = () => fail(signal.reason);
    signal.addEventListener("abort", onAbort);
    socket.once("error", fail);
    socket.once("secureConnect", () => {
      const found = (socket.getPeerCertificate().fingerprint ?? "").replaceAll(":", "").toLowerCase();
      if (found !== thumbprint.toLowerCase()) return fail(new CertificateMismatchError());
      signal.removeEventListener("abort", onAbort);
      resolve();
    });
  });
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
