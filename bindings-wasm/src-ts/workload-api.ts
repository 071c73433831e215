/**
 * The call `FetchJWTSVID` of the SPIFFE Workload API by `@grpc/grpc-js`. Its two messages are three fields of text, which are
 * written and read here (Protocol Buffers, "Encoding").
 */

import { UnsupportedError } from "./connection-options.js";
import { HostCallError } from "./host-calls.js";
import type { FailureWord, JwtSvidPayload } from "./protocol.js";

/** The part of `@grpc/grpc-js` that is used. */
export interface Grpc {
  readonly credentials: { createInsecure(): unknown };
  readonly Metadata: new () => { set(name: string, value: string): void };
  readonly Client: new (address: string, credentials: unknown, options: object) => GrpcClient;
  readonly status: Readonly<Record<string, number | string>>;
}

interface GrpcClient {
  makeUnaryRequest(
    path: string,
    serialize: (value: Uint8Array) => Uint8Array,
    deserialize: (bytes: Uint8Array) => Svid[],
    request: Uint8Array,
    metadata: unknown,
    options: { readonly deadline: number },
    callback: (error: { readonly code: number; readonly details: string } | null, answer?: Svid[]) => void,
  ): { cancel(): void };
  close(): void;
}

interface Svid {
  id: string;
  token: string;
  hint: string;
}

/** The failure words of gRPC's status codes. Another attempt is of no use after all others. */
const words: Readonly<Record<string, FailureWord>> = {
  PERMISSION_DENIED: "denied",
  UNAVAILABLE: "refused",
  DEADLINE_EXCEEDED: "timeout",
};

/** Returns the JWT-SVID for the effect's payload: that with the hint, else the first. */
export async function fetchJwtSvid(
  payload: JwtSvidPayload,
  timeoutMs: number,
  signal: AbortSignal,
  load: () => Grpc,
): Promise<string> {
  const { Client, Metadata, credentials, status } = loaded(load);
  // gRPC names an address without `tcp:`.
  const address = payload.socket.replace(/^tcp:\/\//, "");
  const client = new Client(address, credentials.createInsecure(), {
    // A proxy must not see the call, and the name of a Unix socket is not one of HTTP/2.
    "grpc.enable_http_proxy": 0,
    "grpc.default_authority": "localhost",
    "grpc.max_receive_message_length": 1 << 20,
  });
  const metadata = new Metadata();
  // Required by the standard, so that a server-side request forgery reaches no identity.
  metadata.set("workload.spiffe.io", "true");
  try {
    const svids = await new Promise<Svid[]>((resolve, reject) => {
      const call = client.makeUnaryRequest(
        "/SpiffeWorkloadAPI/FetchJWTSVID",
        (bytes) => bytes,
        readResponse,
        writeRequest(payload.audience, payload.spiffe_id),
        metadata,
        { deadline: Date.now() + timeoutMs },
        (error, answer) => {
          if (!error) return resolve(answer ?? []);
          const name = String(status[error.code] ?? error.code);
          reject(new HostCallError(words[name] ?? "other", `${name}: ${error.details}`));
        },
      );
      signal.addEventListener("abort", () => call.cancel(), { once: true });
    });
    const { hint } = payload;
    const svid = hint === undefined ? svids[0] : svids.find((known) => known.hint === hint);
    if (!svid) throw new HostCallError("other", "the answer has no JWT-SVID with the hint");
    return svid.token;
  } finally {
    client.close();
  }
}

function loaded(load: () => Grpc): Grpc {
  try {
    return load();
  } catch {
    throw new UnsupportedError("npm install @grpc/grpc-js installs the gRPC client");
  }
}

/** `JWTSVIDRequest`: 1 repeated `audience`, 2 `spiffe_id`. */
function writeRequest(audience: readonly string[], id: string | undefined): Uint8Array {
  const fields = [...audience.map((text) => field(1, text)), ...(id === undefined ? [] : [field(2, id)])];
  const bytes = fields.flatMap((part) => [...part]);
  // gRPC's library writes into a `Buffer`.
  const { Buffer } = globalThis as unknown as { Buffer: { from(bytes: number[]): Uint8Array } };
  return Buffer.from(bytes);
}

function field(number: number, text: string): Uint8Array {
  const bytes = new TextEncoder().encode(text);
  return Uint8Array.from([(number << 3) | 2, ...varint(bytes.length), ...bytes]);
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...varint(value >>> 7)];
}

/** `JWTSVIDResponse`: 1 repeated `JWTSVID`, which has 1 `spiffe_id`, 2 `svid`, 3 `hint`. */
function readResponse(bytes: Uint8Array): Svid[] {
  return fieldsOf(bytes)
    .filter(([number]) => number === 1)
    .map(([, svid]) => {
      const text = (wanted: number) => {
        const found = fieldsOf(svid).filter(([number]) => number === wanted);
        return new TextDecoder().decode(found.at(-1)?.[1]);
      };
      return { id: text(1), token: text(2), hint: text(3) };
    });
}

/** The fields with a length. Others do not occur in these messages and are skipped by their wire type. */
function fieldsOf(bytes: Uint8Array): [number, Uint8Array][] {
  const fields: [number, Uint8Array][] = [];
  let at = 0;
  const number = () => {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = bytes[at++];
      if (byte === undefined) break;
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
    throw new HostCallError("other", "the answer is not a message of the Workload API");
  };
  while (at < bytes.length) {
    const tag = number();
    if (tag % 8 === 0) {
      number();
      continue;
    }
    if (tag % 8 !== 2) throw new HostCallError("other", "the answer is not a message of the Workload API");
    const length = number();
    if (at + length > bytes.length) throw new HostCallError("other", "the answer is cut off");
    fields.push([Math.floor(tag / 8), bytes.subarray(at, at + length)]);
    at += length;
  }
  return fields;
}
