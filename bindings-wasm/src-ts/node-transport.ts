/** The `fetch` of Node.js: undici with the environment's proxies, own certificate authorities, and sockets that end with the request. */

import type { Connections } from "./platform.js";
import { proxyFor, type Environment, type Net } from "./proxy.js";
import type { Fetch } from "./transport.js";

interface Socket {
  unref(): unknown;
  once(event: "connect", listener: () => void): unknown;
  destroy(): unknown;
}

/** Opens a socket, and calls back when it can be used. */
type Connect = (options: object, callback: (...all: unknown[]) => void) => Socket;

/** The part of `undici` that is used. */
export interface Undici {
  fetch: Fetch;
  Agent: new (options: object) => object;
  Client: new (origin: URL, options: object) => object;
  ProxyAgent: new (options: object) => object;
  buildConnector(options: object): Connect;
}

/** The part of `node:tls` that is used. */
export interface Tls {
  readonly rootCertificates: readonly string[];
  /** Not in Node.js 20. */
  getCACertificates?(type: "default"): string[];
  createSecureContext(options: { ca: string[] }): object;
}

/** What the transport needs from its runtime. */
export interface NodeModules {
  readonly net: Net;
  readonly tls: Tls;
  /** Loaded at the first request: a program that brings its own `fetch` never needs it. */
  undici(): Promise<Undici>;
  readFileSync(path: string, encoding: "utf8"): string;
}

/** The time limit of the effect bounds every phase; undici's own limits would end a longer one. */
const noLimits = { headersTimeout: 0, bodyTimeout: 0 };

/** A pending connect keeps a process alive even if its socket does not, so one in the background must be short. */
const backgroundConnectMs = 2000;

/** Makes the `fetch` for the requests of one client. */
export function nodeTransport(environment: Environment, modules: NodeModules): (connections: Connections) => Fetch {
  // Reading the authorities takes milliseconds.
  const secureContexts = new WeakMap<readonly string[], object>();
  const secureContext = (ca: readonly string[]) => {
    const context = secureContexts.get(ca) ?? trusting(ca, environment, modules);
    secureContexts.set(ca, context);
    return context;
  };
  return ({ ca, background }) =>
    async (url, init) => {
      const { fetch, Agent, Client, ProxyAgent, buildConnector } = await modules.undici();
      const proxy = proxyFor(new URL(url), environment, modules.net);
      const signal = init.signal as AbortSignal;
      const tls = {
        timeout: background ? backgroundConnectMs : 0,
        ...(ca && { secureContext: secureContext(ca) }),
      };
      // undici closes no socket that is still connecting when the request is aborted.
      const held =
        (connect: Connect): Connect =>
        (options, callback) => {
          const socket = connect(options, callback);
          if (signal.aborted) socket.destroy();
          signal.addEventListener("abort", () => socket.destroy());
          if (background) {
            socket.unref();
            // Each address that is tried has a handle of its own.
            socket.once("connect", () => socket.unref());
          }
          return socket;
        };
      // Without pipelining, a connection ends with its answer.
      const shared = { ...noLimits, pipelining: 0 };
      const dispatcher = proxy
        ? new ProxyAgent({
            ...shared,
            uri: proxy.url.href,
            token: proxy.authorization,
            requestTls: tls,
            proxyTls: tls,
            clientFactory: (origin: URL, { connect }: { connect: Connect }) => {
              // The name for TLS comes from the host then, which may be an address.
              const unnamed: Connect = (options, callback) => connect({ ...options, servername: undefined }, callback);
              return new Client(origin, { ...noLimits, connect: held(unnamed) });
            },
          })
        : new Agent({ ...shared, connect: held(buildConnector(tls)) });
      return fetch(url, { ...init, signal, dispatcher } as RequestInit);
    };
}

/** A context for TLS that trusts these authorities beside those of Node.js. */
function trusting(ca: readonly string[], environment: Environment, { tls, readFileSync }: NodeModules): object {
  const known = tls.getCACertificates?.("default") ?? [...tls.rootCertificates, ...extra()];
  return tls.createSecureContext({ ca: [...known, ...ca] });

  function extra(): string[] {
    const path = environment("NODE_EXTRA_CA_CERTS");
    try {
      return path ? [readFileSync(path, "utf8")] : [];
    } catch {
      // Node.js itself warns of a file that it cannot read.
      return [];
    }
  }
}
