/** The wire types of `docs/protocol.md`: what crosses between the core and this driver. */

import type { ErrorCode } from "./codes.js";

/** The functions that every machine has, from wasm and from the Node.js addon alike. */
export interface NativeMachine {
  reseed(seed: Uint8Array): void;
  begin(request: Uint8Array): number;
  /** The step as JSON text. */
  poll(ticket: number, now: number): string;
  resolve(
    effect: number,
    kind: string,
    status: number,
    head: Uint8Array,
    body: Uint8Array,
    now: number,
  ): number;
  end(ticket: number): number;
}

/** The machine that verifies. Where tokens are written differs between addon and wasm: `shared-memory.ts`. */
export interface NativeVerifier extends NativeMachine {
  /** What holds for every token of a key, by its number: a `WireKey` as JSON. */
  key(number: number): string;
  /** Opens a sealed verdict with the host's word about the signature; says something if the token is refused. */
  open(verdict: number, good: number): string | null | undefined;
  /** The hot path as a step; wasm takes bytes. */
  check(token: Uint8Array | string, now: number): string;
  refresh(now: number): number;
  snapshot(now: number): string;
  load(snapshot: Uint8Array, now: number): number;
}

/** What a native module exports; which classes, its build decides. */
export interface NativeModule {
  Engine: new (config: Uint8Array) => NativeMachine;
  Verifier: new (config: Uint8Array) => NativeVerifier;
  environment_names(): string;
  /** Who computes signatures: the module (`core`) or WebCrypto (`host`). */
  signatures(): "core" | "host";
  /** The hot path of the addon: judges a token of so many bytes in shared memory. */
  judge?(desk: number, bytes: number, now: number): void;
  /** The module's memory, if it is wasm. */
  heap?(): { readonly buffer: ArrayBuffer };
}

/** One answer of `poll`. */
export type Step<D = Done> =
  | D
  | { step: "fail"; error: WireError }
  | { step: "perform"; flight: number; effect: Effect }
  | { step: "wait"; flight: number; until: number };

/** What every machine's `done` has. */
export interface AnyDone {
  step: "done";
  refresh?: number;
}

/** What the verifier says of a token. */
export interface WireVerdict {
  claims: Record<string, unknown>;
  header: { alg: string; typ?: string; kid?: string };
  issuer?: string;
  profile: string;
  algorithm: string;
  key_id?: string;
  key_thumbprint: string;
  /** Seconds. */
  key_set_age?: number;
}

/** What holds for every token of a key. */
export interface WireKey {
  /** As the token's header spells it. */
  alg: string;
  algorithm: string;
  profile: string;
  key_id?: string;
  key_thumbprint: string;
  /** If the host verifies with it. */
  key?: JsonWebKey;
}

/** What the verifier says of an issuer's keys. */
export interface WireKeys {
  keys: number;
  unusable: { key_id?: string; code: ErrorCode; message: string }[];
  key_set_age?: number;
}

export interface VerifierDone extends AnyDone {
  value: WireVerdict | WireKeys;
}

/** A token, the instant until which it may be handed out again, and perhaps a due refresh. */
export interface Done extends AnyDone {
  value: WireToken;
  fresh_until: number;
}

export interface WireToken {
  token: string;
  /** Unix seconds. */
  expires_on: number;
  /** Unix seconds. */
  refresh_on?: number;
  token_type: "Bearer";
  tenant_id?: string;
  scopes: string[];
  from: "network" | "cache" | "store";
  correlation_id?: string;
}

export type Fault = "caller" | "platform" | "transport" | "service" | "input" | "internal";

export interface WireError {
  code: ErrorCode;
  message: string;
  fault: Fault;
  retryable: boolean;
  /** Unix milliseconds. */
  retry_at?: number;
  hint?: string;
  http_status?: number;
  error?: string;
  suberror?: string;
  aadsts?: number[];
  correlation_id?: string;
  trace_id?: string;
  claims?: string;
  presented?: Presented;
}

/** What a refused assertion says of itself, unverified; identifiers, no secrets. */
export interface Presented {
  issuer?: string;
  subject?: string;
  audience: string[];
  algorithm?: string;
}

export interface HttpEffect {
  id: number;
  kind: "http";
  method: string;
  url: string;
  headers: Record<string, string>;
  body: string;
  timeout_ms: number;
  max_bytes: number;
}

/** What the effect `ask_host` named `assertion` tells. */
export interface AssertionPayload {
  audience?: string;
  tenant_id?: string;
  client_id?: string;
  token_endpoint?: string;
  correlation_id?: string;
  claims?: string;
  context?: string;
}

export type Effect =
  | HttpEffect
  | { id: number; kind: "read_file"; path: string; max_bytes: number }
  | { id: number; kind: "ask_host"; name: string; payload: AssertionPayload; timeout_ms: number }
  | { id: number; kind: "sign"; key: string; algorithm: string; input: string }
  | { id: number; kind: "verify"; key: JsonWebKey; algorithm: string; input: string; signature: string }
  | { id: number; kind: "store"; operation: "load" | "save"; key: string; value?: string; until?: number }
  | { id: number; kind: "sleep"; until: number };

/** The eight words for what a host could not do. */
export type FailureWord =
  | "timeout"
  | "refused"
  | "dns"
  | "tls"
  | "cancelled"
  | "not_found"
  | "denied"
  | "other";

/** What came of an effect, as the arguments of `resolve`. */
export interface Outcome {
  kind: "http" | "file" | "answer" | "signed" | "verified" | "stored" | "elapsed" | "failed";
  status: number;
  head: Uint8Array;
  body: Uint8Array;
}

const encoder = new TextEncoder();
const nothing = new Uint8Array(0);

export const toBytes = (text: string): Uint8Array => (text === "" ? nothing : encoder.encode(text));

export function outcome(
  kind: Outcome["kind"],
  body: Uint8Array = nothing,
  status = 0,
  head: Uint8Array = nothing,
): Outcome {
  return { kind, status, head, body };
}
