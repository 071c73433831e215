/** The wire types of `docs/protocol.md`, and the classes of the wasm module and the addon. */

import type { ErrorCode } from "./codes.js";
import type { WireVerdict } from "./verdict.js";

/** The methods that the classes `Engine`, `Verifier` and `Manager` have in common, from wasm and from the Node.js addon alike. */
export interface NativeMachine {
  reseed(seed: Uint8Array): void;
  begin(request: Uint8Array): number;
  /** The step as JSON. */
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

/** The class `Engine`, which acquires tokens. */
export interface NativeEngine extends NativeMachine {
  begin_for(client: NativeClient, request: Uint8Array): number;
}

/** The class `Client`, a client of an engine that several share. */
export interface NativeClient {
  /** From wasm only. */
  free?(): void;
}

/** The class `Verifier`, which verifies tokens. */
export interface NativeVerifier extends NativeMachine {
  /** A `CheckStep` as JSON. */
  check(token: Uint8Array, now: number): string;
  /** The decoded signature of a `verify_signature` step. */
  signature(verification: number): Uint8Array;
  /** The key of a `verify_signature` step as JSON. */
  jwk(verification: number): string | null | undefined;
  /** Ends a `verify_signature` step: the payload as JSON. Throws the error's JSON if the token is refused. */
  complete(verification: number, result: SignatureResult): string;
  refresh(now: number): number;
  snapshot(now: number): string;
  load(snapshot: Uint8Array, now: number): number;
}

/** The class `Manager`, which manages federated identity credentials. */
export type NativeManager = NativeMachine;

/** The class `SourcePreflight`, which asks a token source for its token alone. */
export interface NativeSourcePreflight {
  /** The effect as JSON; empty when there is a result. */
  effect(now: number): string;
  answer(kind: string, status: number, head: Uint8Array, body: Uint8Array, now: number): void;
  /** The report as JSON. Throws the error's JSON. */
  report(): string;
}

/** `not_found`: WebCrypto lacks the algorithm. `other`: it failed. */
export type SignatureResult = "valid" | "invalid" | "not_found" | "other";

/** What the wasm module and the addon export. */
export interface NativeModule {
  Engine: { new (config: Uint8Array): NativeEngine; shared(config: Uint8Array): NativeEngine };
  Client: new (config: Uint8Array) => NativeClient;
  Verifier: new (config: Uint8Array) => NativeVerifier;
  /** Section 11. */
  Manager: new (config: Uint8Array) => NativeManager;
  environment_names(): string;
  environment_paths(): string;
  sources(environment: Uint8Array): string;
  /** Section 10: JSON in, JSON out. */
  explain(input: Uint8Array): string;
  preflight(input: Uint8Array): string;
  subject(input: Uint8Array): string;
  expression(input: Uint8Array): string;
  credentials(file: Uint8Array): string;
  /** Section 11: the file `trust.yaml` as JSON. */
  trust_file(file: Uint8Array): string;
  SourcePreflight: new (config: Uint8Array, seed: Uint8Array) => NativeSourcePreflight;
  /** The addon verifies signatures itself, faster than WebCrypto. */
  readonly verifiesSignatures?: true;
}

/** A step of `poll`. */
export type Step<D = Done> =
  | D
  | { step: "fail"; error: WireError }
  | { step: "perform"; flight: number; effect: Effect }
  | { step: "wait"; flight: number; until: number };

/** The members that `done` has for every machine. */
export interface AnyDone {
  step: "done";
  refresh?: number;
}

/** What is known of a token's header and key. */
export interface KeyInfo {
  header: { alg: string; typ?: string; kid?: string };
  profile: string;
  algorithm: string;
  key_id?: string;
  key_thumbprint: string;
  /** Seconds. */
  key_set_age?: number;
}

/** A verified token. */
export interface WireVerifiedToken extends KeyInfo {
  claims: Record<string, unknown>;
}

/** The host verifies a signature: that of the first `signed_bytes` bytes of the token. */
export interface VerifySignature extends KeyInfo {
  step: "verify_signature";
  verification: number;
  signed_bytes: number;
}

/** A step of `check`. With `fresh_until`, the result may be used until then if no keys change. */
export type CheckStep =
  | { step: "done"; value: WireVerifiedToken; fresh_until?: number }
  | { step: "fail"; error: WireError }
  | { step: "drive" }
  | VerifySignature;

/** The keys of an issuer. */
export interface WireKeys {
  keys: number;
  unusable: { key_id?: string; code: ErrorCode; message: string }[];
  key_set_age?: number;
}

export interface VerifierDone extends AnyDone {
  value: WireVerifiedToken | WireKeys;
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

export interface ManagerDone extends AnyDone {
  value: unknown;
}

/** A credential in a change. */
export interface WireCredential {
  name: string;
  issuer: string;
  subject?: string;
  expression?: string;
  audience?: string;
  description?: string;
  id?: string;
}

export interface WireChange {
  action: "add" | "update" | "remove";
  name: string;
  before?: WireCredential;
  after?: WireCredential;
  differs?: string[];
  outcome?: "done" | "failed" | "not_tried";
  error?: WireError;
}

export interface WirePlan {
  changes: WireChange[];
  unmanaged: string[];
  unchanged: number;
}

/** What an `apply` did; `error` says why it is not complete. */
export interface WireApplied extends WirePlan {
  complete: boolean;
  error?: WireError;
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
  claim?: string;
  rule?: string;
  www_authenticate?: string;
  http_status?: number;
  error?: string;
  suberror?: string;
  aadsts?: number[];
  correlation_id?: string;
  trace_id?: string;
  claims?: string;
  presented?: Presented;
  explanation?: WireVerdict;
  /** The report of an `apply` that is not complete. */
  applied?: WireApplied;
}

/** The report of a preflight. */
export interface WirePreflight {
  algorithm: string | null;
  issuer: string | null;
  subject: string | null;
  audience: string[];
  lifetime_s: number | null;
  entra: { possible: boolean; problems: { code: string; message: string }[] };
}

/** The identifiers in a refused assertion, unverified. */
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
  direct?: true;
  unix_socket?: string;
  ca?: string;
  server_name?: string;
  certificate_sha1?: string;
}

/** The payload of the effect `ask_host` named `assertion`. */
export interface AssertionPayload {
  audience?: string;
  tenant_id?: string;
  client_id?: string;
  authority: string;
  token_endpoint: string;
  correlation_id: string;
  claims?: string;
  client_capabilities: string[];
  fmi_path?: string;
  context?: string;
  reason: "first" | "refresh" | "rejected";
  attempt: number;
  /** Unix milliseconds. */
  deadline: number;
}

/** The payload of the effect `ask_host` named `access_token`. */
export interface AccessTokenPayload {
  scopes: string[];
  claims?: string;
  tenant_id?: string;
}

/** The payload of the effect `ask_host` named `execute`. */
export interface ExecutePayload {
  command: string[];
  environment: Record<string, string>;
  max_bytes: number;
}

/** The payload of the effect `ask_host` named `spiffe_jwt_svid`. */
export interface JwtSvidPayload {
  socket: string;
  audience: string[];
  spiffe_id?: string;
  hint?: string;
}

export type Effect =
  | HttpEffect
  | { id: number; kind: "read_file"; path: string; max_bytes: number }
  | { id: number; kind: "ask_host"; name: "assertion"; payload: AssertionPayload; timeout_ms: number }
  | { id: number; kind: "ask_host"; name: "access_token"; payload: AccessTokenPayload; timeout_ms: number }
  | { id: number; kind: "ask_host"; name: "environment"; payload: { variable: string }; timeout_ms: number }
  | { id: number; kind: "ask_host"; name: "execute"; payload: ExecutePayload; timeout_ms: number }
  | { id: number; kind: "ask_host"; name: "spiffe_jwt_svid"; payload: JwtSvidPayload; timeout_ms: number }
  | { id: number; kind: "sign"; key: string; algorithm: string; input: string }
  | { id: number; kind: "verify"; key: JsonWebKey; algorithm: string; input: string; signature: string }
  | { id: number; kind: "store"; operation: "load" | "save"; key: string; value?: string; until?: number }
  | { id: number; kind: "sleep"; until: number };

/** Why a host could not perform an effect. */
export type FailureWord =
  | "timeout"
  | "refused"
  | "dns"
  | "tls"
  | "proxy_authentication"
  | "cancelled"
  | "not_found"
  | "denied"
  | "unreadable"
  | "unsupported"
  | "other";

/** The outcome of an effect, as the arguments of `resolve`. */
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
