/** One class for each fault, so that `instanceof` tells who has to act; the code tells what to do. */

import type { ErrorCode } from "./codes.js";
import { AppliedCredentials } from "./federated-credential.js";
import type { Fault, Presented, WireError } from "./protocol.js";
import { Verdict } from "./verdict.js";

/** The workload has no such source here; another credential may have one. */
const unavailable: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "environment_incomplete",
  "github_permission_missing",
  "source_not_found",
  "token_file_missing",
]);

/** Members of the core's configuration that no token and no document has. */
const options = /\b(?:(?:issuers|authority|source|identity)\.[a-z0-9_.]*[a-z0-9]|(?:graph_url|arm_url|graph_version|allow_loopback_http|private_addresses|allowed_networks|authority_host|additionally_allowed_tenants|(?:leeway|max_age)_seconds|(?:max_token|cache_max)_bytes|cache_max_entries|max_entries|max_bytes|trust_domain|authorized_parties|sole_audience|dangerously_\w+|rfc9068_without)\b)/g;
/** Members whose names tokens and documents have, too. */
const clientOptions = /\b(?:tenant_id|client_id|fmi_path|token_endpoint|enable_cae)\b/g;

/** A message of the core with the names of its configuration as this package spells them. */
function inOptions(message: string, fault: Fault): string {
  if (!message.includes("_") && !message.includes("authority.")) return message;
  const text = message.replace(/`timeout_ms`/g, "`timeout`").replace(options, camelCase);
  // A rule for tokens names their claims.
  return fault === "caller" && !text.includes("issuers") ? text.replace(clientOptions, camelCase) : text;
}

const camelCase = (name: string): string => name.replace(/_[a-z0-9]/g, (letter) => letter.slice(1).toUpperCase());

/** Base of every error this package throws, apart from the reason of an aborted signal. */
export class WorkloadIdentityError extends Error {
  // What is absent costs nothing, and names are not those of the classes, which minifiers change.
  static {
    (this.prototype as { aadsts: readonly number[] }).aadsts = Object.freeze([]);
    named(this, "WorkloadIdentityError");
  }
  /** Stable code, see `docs/errors.md`. */
  declare readonly code: ErrorCode;
  /** Whether the same call can succeed later without a change by the caller. */
  declare readonly retryable: boolean;
  /** Unix milliseconds before which a retry is pointless. */
  declare readonly retryAt: number | undefined;
  /**
   * HTTP status of the answer that made the call fail. For an error of a verifier, the status that an API answers: 401
   * for a token that is not valid, 403 for one without the required role or scope, 503 when the keys cannot be had.
   */
  declare readonly httpStatus: number | undefined;
  /** The header `WWW-Authenticate` of an API's answer (RFC 6750, section 3). */
  declare readonly wwwAuthenticate: string | undefined;
  /** The claim that a refused token fails on. */
  declare readonly claim: string | undefined;
  /** The rule that a refused token does not meet, by the name of its option, e.g. `roles`. */
  declare readonly rule: string | undefined;
  /** OAuth `error` of the answer (RFC 6749, section 5.2). */
  declare readonly error: string | undefined;
  /** Entra's `suberror`. */
  declare readonly suberror: string | undefined;
  /** Numbers of Entra's `AADSTS` codes. */
  declare readonly aadsts: readonly number[];
  /** Entra's correlation id: what its support asks for. */
  declare readonly correlationId: string | undefined;
  /** Entra's trace id. */
  declare readonly traceId: string | undefined;
  /** Claims challenge, to be passed to the next `getToken`. */
  declare readonly claims: string | undefined;
  /** Further advice. */
  declare readonly hint: string | undefined;
  /** Issuer, subject and audience of the refused assertion, unverified. */
  declare readonly presented: Presented | undefined;
  /** Why the trust was refused and what to do. The credentials are not known here; `explain` compares them. */
  declare readonly explanation: Verdict | undefined;
  /** What `FederatedCredentials.apply` had changed before it failed. */
  declare readonly applied: AppliedCredentials | undefined;

  constructor(wire: WireError, cause?: unknown) {
    super(inOptions(wire.message, wire.fault), cause === undefined ? undefined : { cause });
    const own = this as { -readonly [member in keyof this]: this[member] };
    // The name after which `ChainedTokenCredential` of @azure/identity asks its next credential.
    if (unavailable.has(wire.code)) setName(this, "CredentialUnavailableError");
    own.code = wire.code;
    own.retryable = wire.retryable;
    if (wire.retry_at !== undefined) own.retryAt = wire.retry_at;
    if (wire.hint !== undefined) own.hint = inOptions(wire.hint, wire.fault);
    if (wire.presented !== undefined) own.presented = wire.presented;
    if (wire.explanation !== undefined) own.explanation = new Verdict(wire.explanation);
    if (wire.applied !== undefined) own.applied = new AppliedCredentials(wire.applied);
    if (wire.claim !== undefined) own.claim = wire.claim;
    if (wire.rule !== undefined) own.rule = camelCase(wire.rule);
    if (wire.http_status === undefined) return;
    own.httpStatus = wire.http_status;
    if (wire.www_authenticate !== undefined) own.wwwAuthenticate = wire.www_authenticate;
    if (wire.aadsts === undefined) return;
    own.error = wire.error;
    own.suberror = wire.suberror;
    own.aadsts = wire.aadsts;
    own.correlationId = wire.correlation_id;
    own.traceId = wire.trace_id;
    own.claims = wire.claims;
  }
}

function named(made: { readonly prototype: Error }, name: string): void {
  setName(made.prototype, name);
}

function setName(error: Error, name: string): void {
  Object.defineProperty(error, "name", { value: name, writable: true, configurable: true });
}

/** Whether an error says that the source of the workload's token is not there. */
export function isUnavailable(error: unknown): boolean {
  return error instanceof WorkloadIdentityError && unavailable.has(error.code);
}

/** The calling program has to change: configuration or request. */
export class ConfigurationError extends WorkloadIdentityError {
  static {
    named(this, "ConfigurationError");
  }
}

/** The platform that should give the workload its token does not. */
export class SourceError extends WorkloadIdentityError {
  static {
    named(this, "SourceError");
  }
}

/** The network between the workload and the token service failed. */
export class TransportError extends WorkloadIdentityError {
  static {
    named(this, "TransportError");
  }
}

/** The token service said no. */
export class AuthenticationError extends WorkloadIdentityError {
  static {
    named(this, "AuthenticationError");
  }
}

/**
 * A token or key set that must not be accepted. Those that refuse a token have no stack trace: refusals come by the
 * thousand when a server is flooded, and the trace would cost more than the checks.
 */
export class TokenError extends WorkloadIdentityError {
  static {
    named(this, "TokenError");
  }
}

/** A defect in this library or its host. */
export class InternalError extends WorkloadIdentityError {
  static {
    named(this, "InternalError");
  }
}

const classes: Record<Fault, new (wire: WireError, cause?: unknown) => WorkloadIdentityError> = {
  caller: ConfigurationError,
  platform: SourceError,
  transport: TransportError,
  service: AuthenticationError,
  input: TokenError,
  internal: InternalError,
};

/** The exception of an error from the core. */
export function errorOf(wire: WireError, cause?: unknown): WorkloadIdentityError {
  return new (classes[wire.fault] ?? InternalError)(wire, cause);
}

/** V8's limit of stack traces; it cannot be changed where `Error` is frozen. */
const traces = Error as unknown as { stackTraceLimit: number | undefined };
const canOmit = "stackTraceLimit" in Error && Object.isExtensible(Error);

/** The exception for a refused token: its stack has the first line alone. */
export function refusal(wire: WireError, cause?: unknown): WorkloadIdentityError {
  if (!canOmit) return errorOf(wire, cause);
  const limit = traces.stackTraceLimit;
  // With 0 the engine would still go and look for frames.
  traces.stackTraceLimit = undefined;
  try {
    const error = errorOf(wire, cause);
    error.stack = `${error.name}: ${wire.message}`;
    return error;
  } finally {
    traces.stackTraceLimit = limit;
  }
}

/** What a native function threw: the error's JSON, from the addon in an `Error`, from wasm as a string. */
export function nativeError(thrown: unknown, make: (wire: WireError) => Error = errorOf): unknown {
  const text = typeof thrown === "string" ? thrown : (thrown as Error).message;
  let wire;
  try {
    wire = JSON.parse(text) as WireError;
  } catch {
    return thrown;
  }
  return make(wire);
}

/** An error found on this side of the border. */
export function hostError(
  code: ErrorCode,
  fault: Fault,
  message: string,
  cause?: unknown,
  more?: Partial<WireError>,
): WorkloadIdentityError {
  return errorOf({ code, message, fault, retryable: false, ...more }, cause);
}
