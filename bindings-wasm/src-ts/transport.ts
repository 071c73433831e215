/** `http` effects over `fetch`: one request, no redirect, a bounded body, failures as one of eleven words. */

import { UnsupportedError, type ConnectionOptions } from "./connection-options.js";
import { outcome, toBytes, type FailureWord, type HttpEffect, type Outcome } from "./protocol.js";
import { TimeLimitError } from "./timeouts.js";

/** The argument of a `fetch`. */
export interface FetchInit extends RequestInit {
  /** How the server is reached, if not in the usual way. Only a `fetch` that declares `connections` gets it. */
  connection?: ConnectionOptions;
}

/** The part of the standard `fetch` that is used; any function of this shape will do. */
export interface Fetch {
  (url: string, init: FetchInit): Promise<Response>;
  /**
   * Declares that the function follows `init.connection`, or rejects. Requests that need it are not given to other functions:
   * they would go to another server, through a proxy, or without the check of the certificate.
   */
  readonly connections?: boolean;
}

/** What is special about a runtime's `fetch`. */
export interface FetchTraits {
  /** Members of the argument that only this runtime has. */
  fetchOptions?: RequestInit;
  /** Whether the runtime asks for content codings of its own choice and decodes them, as browsers do. */
  choosesCodings?: boolean;
}

/**
 * What runtimes write into `error.cause.code`, `error.code` or, for want of those, into the message.
 * Node.js and undici give codes, Bun its own names, Deno and workerd sentences.
 */
const words: readonly (readonly [FailureWord, RegExp])[] = [
  ["unsupported", /^UnsupportedError/],
  // The modules of Node.js that read gzip, deflate and br: a body that is something else, and one that ends early.
  ["unreadable", /UnreadableResponseError|Z_DATA_ERROR|ERR_+(?:ERROR|BROTLI).*_FORMAT/],
  ["refused", /Z_BUF_ERROR/],
  ["proxy_authentication", /proxy\b.*\b407\b|\b407 Proxy/i],
  // A Unix socket that is not there.
  ["not_found", /ENOENT/],
  // The message lists the certificate's names, as `DNS:...`.
  ["tls", /ERR_TLS_CERT/],
  ["timeout", /TimeoutError|TIMEDOUT|_TIMEOUT|timed? ?out/i],
  ["dns", /ENOTFOUND|EAI_|dns|getaddrinfo|lookup address|ERR_NAME_/i],
  ["tls", /CERT|ERR_SSL|ERR_TLS|EPROTO|SELF_SIGNED|UNABLE_TO_|certificate|\bTLS\b|handshake/i],
  [
    "refused",
    /ECONN|EPIPE|UND_ERR_SOCKET|UND_ERR_CLOSED|EHOSTUNREACH|ENETUNREACH|Proxy response|refused|reset|closed|connection lost|FailedToOpenSocket|socket/i,
  ],
];

/** The word for an exception of `fetch`. */
export function failureWord(error: unknown): FailureWord {
  const texts: string[] = [];
  for (let at = error, depth = 0; at instanceof Error && depth < 4; at = at.cause, depth += 1) {
    texts.push(at.name, String((at as { code?: unknown }).code ?? ""), at.message);
  }
  const text = texts.join(" ");
  return words.find(([, pattern]) => pattern.test(text))?.[0] ?? "other";
}

/** A detail of ours, which repeats nothing of the request. */
export class TransportDetail extends Error {}

/** A response that the core cannot be given. */
class UnreadableResponseError extends TransportDetail {
  override readonly name = "UnreadableResponseError";
}

/** A short detail without anything secret: the runtime's code, else the kind of exception. */
export function detailOf(error: unknown): string {
  const at = (error as { cause?: unknown } | null)?.cause ?? error;
  if (at instanceof TimeLimitError || at instanceof TransportDetail || at instanceof UnsupportedError) return at.message;
  const { code, name, message } = (at ?? {}) as { code?: unknown; name?: unknown; message?: unknown };
  if (failureWord(at) === "unreadable") return `the answer does not follow its content coding (${String(code)})`;
  if (code === "Z_BUF_ERROR") return "the answer's compressed body ended early";
  const [, status] = /^Proxy response \((\d+)\)/.exec(String(message)) ?? [];
  if (status) return `the proxy answered with status ${status}`;
  // The number of a DOMException says less than its name.
  return String(typeof code === "string" ? code : (name ?? typeof at)).slice(0, 100);
}

/** Sends one request. Rejects as `fetch` does; the caller turns that into a failure word. */
export async function send(
  effect: HttpEffect,
  fetch: Fetch,
  { fetchOptions, choosesCodings }: FetchTraits,
  signal: () => AbortSignal,
  connection: ConnectionOptions | undefined,
): Promise<Outcome> {
  if (connection && fetch.connections !== true) throw notFollowed(connection);
  const init: FetchInit = {
    ...fetchOptions,
    method: effect.method,
    // A limit of bytes holds for what is read, so nothing should be packed. Browsers decide this themselves.
    headers: { ...effect.headers, "accept-encoding": "identity" },
    redirect: "manual",
    // Made when it is looked at: some replacements of `fetch` do without.
    get signal() {
      return signal();
    },
  };
  if (effect.body !== "") init.body = effect.body;
  if (connection) init.connection = connection;
  const response = await fetch(effect.url, init);
  if (!choosesCodings) refuseUnreadable(response);
  let head = "";
  response.headers.forEach((value, name) => (head += `${name}: ${value}\n`));
  // Browsers hide the status of a redirect that they did not follow.
  const status = response.type === "opaqueredirect" ? 302 : response.status;
  return outcome("http", await bounded(response, effect.max_bytes), status, toBytes(head));
}

function notFollowed(connection: ConnectionOptions): Error {
  const needed = Object.keys(connection).join(", ");
  return new UnsupportedError(
    `this fetch does not declare \`connections\`, and the request needs ${needed}; give the token with \`callback\`, or run on Node.js ` +
      "without the option `fetch`",
  );
}

/** Runtimes decode these although they were not asked for; of others the body would be noise. */
const readable = /^(identity|x-gzip|gzip|deflate|br|[\s,])*$/i;

function refuseUnreadable(response: Response): void {
  const coding = response.headers.get("content-encoding") ?? "";
  if (readable.test(coding)) return;
  void response.body?.cancel().catch(() => undefined);
  const shown = coding.replace(/[^\w,. -]/g, "?").slice(0, 40);
  throw new UnreadableResponseError(`the answer has the content coding \`${shown}\`, which this package cannot read`);
}

/** The body, at most one byte more than `limit`, so that the core sees that it was too long. */
async function bounded(response: Response, limit: number): Promise<Uint8Array> {
  if (!response.body) return new Uint8Array(await response.arrayBuffer());
  const reader = response.body.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  while (length <= limit) {
    const { done, value } = await reader.read();
    if (done) break;
    chunks.push(value);
    length += value.length;
  }
  if (length > limit) await reader.cancel().catch(() => undefined);
  return joined(chunks, Math.min(length, limit + 1));
}

function joined(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const [first] = chunks;
  if (chunks.length === 1 && first) return first.subarray(0, length);
  const all = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    const part = chunk.subarray(0, length - at);
    all.set(part, at);
    at += part.length;
  }
  return all;
}
