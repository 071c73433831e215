/** One class for each fault, so that `instanceof` tells who has to act; the code tells what to do. */

import type { ErrorCode } from "./codes.js";
import type { Fault, Presented, WireError } from "./protocol.js";

/** Base of every error this package throws, apart from the reason of an aborted signal. */
export class WorkloadIdentityError extends Error {
  // Spelled out here and below: minifiers rename classes.
  override readonly name: string = "WorkloadIdentityError";
  /** Stable code, see `docs/errors.md`. */
  readonly code: ErrorCode;
  /** Whether the same call can succeed later without a change by the caller. */
  readonly retryable: boolean;
  /** Unix milliseconds before which a retry is pointless. */
  readonly retryAt: number | undefined;
  /** HTTP status of the answer that made the call fail. */
  readonly httpStatus: number | undefined;
  /** OAuth `error` of the answer (RFC 6749, section 5.2). */
  readonly error: string | undefined;
  /** Entra's `suberror`. */
  readonly suberror: string | undefined;
  /** Numbers of Entra's `AADSTS` codes. */
  readonly aadsts: readonly number[];
  /** Entra's correlation id: what its support asks for. */
  readonly correlationId: string | undefined;
  /** Entra's trace id. */
  readonly traceId: string | undefined;
  /** Claims challenge, to be passed to the next `getToken`. */
  readonly claims: string | undefined;
  /** Further advice. */
  readonly hint: string | undefined;
  /** Issuer, subject and audience of the refused assertion, unverified. */
  readonly presented: Presented | undefined;

  constructor(wire: WireError, cause?: unknown) {
    super(wire.message, cause === undefined ? undefined : { cause });
    this.code = wire.code;
    this.retryable = wire.retryable;
    this.retryAt = wire.retry_at;
    this.httpStatus = wire.http_status;
    this.error = wire.error;
    this.suberror = wire.suberror;
    this.aadsts = wire.aadsts ?? [];
    this.correlationId = wire.correlation_id;
    this.traceId = wire.trace_id;
    this.claims = wire.claims;
    this.hint = wire.hint;
    this.presented = wire.presented;
  }
}

/** The calling program has to change: configuration or request. */
export class ConfigurationError extends WorkloadIdentityError {
  override readonly name = "ConfigurationError";
}

/** The platform that should give the workload its token does not. */
export class SourceError extends WorkloadIdentityError {
  override readonly name = "SourceError";
}

/** The network between the workload and the token service failed. */
export class TransportError extends WorkloadIdentityError {
  override readonly name = "TransportError";
}

/** The token service said no. */
export class AuthenticationError extends WorkloadIdentityError {
  override readonly name = "AuthenticationError";
}

/**
 * A token or key set that must not be accepted. Those that refuse a token have no stack trace: refusals come by the
 * thousand when a server is flooded, and the trace would cost more than the checks.
 */
export class TokenError extends WorkloadIdentityError {
  override readonly name = "TokenError";
}

/** A defect in this library or its host. */
export class InternalError extends WorkloadIdentityError {
  override readonly name = "InternalError";
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

/** Whether the engine has V8's switch for stack traces, and it may be turned. */
const traces = Error as unknown as { stackTraceLimit: number };
const canOmit = "stackTraceLimit" in Error && Object.isExtensible(Error);

/** The exception for a refused token, without a stack trace. */
export function refusal(wire: WireError): WorkloadIdentityError {
  if (!canOmit) return errorOf(wire);
  const limit = traces.stackTraceLimit;
  traces.stackTraceLimit = 0;
  try {
    return errorOf(wire);
  } finally {
    traces.stackTraceLimit = limit;
  }
}

/** An error found on this side of the border. */
export function hostError(
  code: ErrorCode,
  fault: Fault,
  message: string,
  cause?: unknown,
): WorkloadIdentityError {
  return errorOf({ code, message, fault, retryable: false }, cause);
}
