package io.github.workloadidentity

import io.github.workloadidentity.internal.escaped
import java.time.Instant

/**
 * Base of all errors of this package; its subclasses name who has to act, [code] tells what is wrong.
 *
 * No message or property contains a token, an assertion or a key. `docs/errors.md` lists the codes.
 */
public sealed class WorkloadIdentityException(private val details: ErrorDetails, cause: Throwable?, hasStackTrace: Boolean) :
    RuntimeException(details.message, cause, true, hasStackTrace) {
    /** Stable name of the error. */
    public val code: ErrorCode get() = details.code

    /** What is wrong and what to do, in one sentence. */
    override val message: String get() = details.message

    /** Whether the same call can succeed later without a change by the caller. */
    public val isRetryable: Boolean get() = details.isRetryable

    /** The instant before which a retry is not expected to succeed. */
    public val retryAt: Instant? get() = details.retryAt

    /** Further advice. */
    public val hint: String? get() = details.hint

    /**
     * Status of the service's response. For an error of a verifier, the status that an API answers: 401 for a token that is not
     * valid, 403 for one without the required role or scope, 503 when the issuer's keys cannot be had.
     */
    public val httpStatus: Int? get() = details.httpStatus

    /** The header `WWW-Authenticate` of that answer (RFC 6750, section 3). */
    public val wwwAuthenticate: String? get() = details.wwwAuthenticate

    /** The claim that a refused token fails on. */
    public val claim: String? get() = details.claim

    /** The rule that a refused token does not meet, by the name of the core's configuration, e.g. `roles`. */
    public val rule: String? get() = details.rule

    /** The service's error response. */
    public val service: ServiceError? get() = details.service

    /** Issuer, subject and audience of the refused assertion, unverified. */
    public val presented: PresentedAssertion? get() = details.presented

    /** Why the trust was refused and what to do. The credentials are not known here; [explain] compares them. */
    public val explanation: Verdict? get() = details.explanation

    /** What [FederatedCredentials.apply] had changed before it failed. */
    public val applied: AppliedCredentials? get() = details.applied

    override fun toString(): String = "${javaClass.simpleName}: $message ($code)" + (hint?.let { "; $it" } ?: "")
}

/** The calling program has to change its configuration or its request, or its deadline has passed. */
public class ConfigurationException internal constructor(details: ErrorDetails, cause: Throwable?) :
    WorkloadIdentityException(details, cause, true)

/** The platform that should give the workload its token does not. */
public class SourceException internal constructor(details: ErrorDetails, cause: Throwable?) :
    WorkloadIdentityException(details, cause, true)

/** The connection to the token service or to an issuer failed. */
public class TransportException internal constructor(details: ErrorDetails, cause: Throwable?) :
    WorkloadIdentityException(details, cause, true)

/** The token service refused the request, or its response cannot be used. */
public class AuthenticationException internal constructor(details: ErrorDetails, cause: Throwable?) :
    WorkloadIdentityException(details, cause, true)

/**
 * A token or a key set must not be accepted. It has no stack trace: bad tokens make many of these, and a trace
 * costs more than the checks.
 */
public class TokenException internal constructor(details: ErrorDetails, cause: Throwable?) :
    WorkloadIdentityException(details, cause, false)

/** This library or its host has a defect. */
public class InternalException internal constructor(details: ErrorDetails, cause: Throwable?) :
    WorkloadIdentityException(details, cause, true)

/** The parts of a token service's error response that help to act on it. */
public data class ServiceError(
    val httpStatus: Int,
    /** OAuth `error` (RFC 6749, section 5.2). */
    val error: String?,
    /** Entra's `suberror`. */
    val suberror: String?,
    /** AADSTS numbers. */
    val aadsts: List<Int>,
    /** Entra's correlation id, which its support asks for. */
    val correlationId: String?,
    val traceId: String?,
    /** Claims challenge for the next request. */
    val claims: String?,
)

/** Identifiers in a refused assertion, unverified; [toString] escapes them. */
public data class PresentedAssertion(
    val issuer: String?,
    val subject: String?,
    val audience: List<String>,
    val algorithm: String?,
) {
    override fun toString(): String =
        "PresentedAssertion(issuer=${shown(issuer)}, subject=${shown(subject)}, audience=${audience.map(::escaped)}, algorithm=${shown(algorithm)})"

    private fun shown(text: String?) = text?.let(::escaped)
}

/** What all errors have. */
public class ErrorDetails internal constructor(
    internal val code: ErrorCode,
    internal val message: String,
    internal val isRetryable: Boolean = false,
    internal val retryAt: Instant? = null,
    internal val hint: String? = null,
    internal val httpStatus: Int? = null,
    internal val wwwAuthenticate: String? = null,
    internal val claim: String? = null,
    internal val rule: String? = null,
    internal val service: ServiceError? = null,
    internal val presented: PresentedAssertion? = null,
    internal val explanation: Verdict? = null,
    internal val applied: AppliedCredentials? = null,
)
