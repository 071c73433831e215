/** What differs between runtimes. Each entry installs its platform before anything is used. */

import type { Log } from "./effect-report.js";
import type { ConnectionOptions } from "./connection-options.js";
import type { ExecutePayload, JwtSvidPayload, NativeModule } from "./protocol.js";
import type { Fetch, FetchTraits } from "./transport.js";

/** What the transport needs to know of a request's client. */
export interface Connections {
  /** Certificate authorities to trust beside the runtime's (PEM). */
  readonly ca: readonly string[] | undefined;
  /** The request must not keep the process alive. */
  readonly background: boolean;
  /** How the server is reached, if not in the usual way. */
  readonly connection: ConnectionOptions | undefined;
}

export interface Platform extends FetchTraits {
  /** One environment variable; absent where the runtime has no environment. */
  environment?(name: string): string | undefined;
  /** At most `limit` bytes of a file; absent where the runtime has no file system. */
  readFile?(path: string, limit: number): Promise<Uint8Array>;
  /** Whether one request may wait for a promise that another request created. */
  flight: "shared" | "per_request";
  /** Keeps a request's context alive until the background work is done. */
  waitUntil?(work: Promise<unknown>): void;
  /** The paths that exist, of those that the core looks for. */
  existingPaths?(paths: readonly string[]): string[];
  /** Runs a program for its standard output; absent where the runtime starts no programs. */
  execute?(execution: ExecutePayload, timeoutMs: number, signal: AbortSignal): Promise<Uint8Array>;
  /** Calls the SPIFFE Workload API; absent where the runtime has no Unix sockets. */
  fetchJwtSvid?(payload: JwtSvidPayload, timeoutMs: number, signal: AbortSignal): Promise<string>;
  /** The `fetch` to use instead of the global one. */
  transport?(connections: Connections): Fetch;
  /** The `fetch` for requests with `ConnectionOptions`, where the other one does not follow them. */
  connectingTransport?(connections: Connections): Fetch;
  /** The runtime's own log, if it is enabled. */
  log?: Log | undefined;
  /** The environment variable that sets a proxy for this address, where the transport reads it. */
  proxyVariable?(url: URL): string | undefined;
}

/** Loads the native module; a promise where it has to be downloaded first. */
export type Load = () => NativeModule | Promise<NativeModule>;

let installed: { readonly platform: Platform; readonly load: Load } | undefined;
let native: NativeModule | Promise<NativeModule> | undefined;

/** For entries: declares the runtime. */
export function install(platform: Platform, load: Load): void {
  installed ??= { platform, load };
}

export function platform(): Platform {
  return (installed ?? notInstalled()).platform;
}

/** The native module, loaded at the first use and not at import: workers start faster that way. */
export function nativeModule(): NativeModule | Promise<NativeModule> {
  if (native) return native;
  const loading = (installed ?? notInstalled()).load();
  native = loading;
  if (loading instanceof Promise) {
    loading.then(
      (module) => (native = module),
      // A failed download is tried again by the next call.
      () => (native = undefined),
    );
  }
  return loading;
}

function notInstalled(): never {
  throw new Error("import the package by its name, not one of its inner files");
}
