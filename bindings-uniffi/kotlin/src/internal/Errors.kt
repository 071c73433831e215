package io.github.workloadidentity.internal

import io.github.workloadidentity.AppliedCredentials
import io.github.workloadidentity.AuthenticationException
import io.github.workloadidentity.ConfigurationException
import io.github.workloadidentity.ErrorCode
import io.github.workloadidentity.ErrorDetails
import io.github.workloadidentity.InternalException
import io.github.workloadidentity.PresentedAssertion
import io.github.workloadidentity.ServiceError
import io.github.workloadidentity.SourceException
import io.github.workloadidentity.TokenException
import io.github.workloadidentity.TransportException
import io.github.workloadidentity.WorkloadIdentityException
import io.github.workloadidentity.ffi.NativeException
import io.github.workloadidentity.verdictOf
import kotlinx.serialization.json.JsonObject
import java.time.Instant

/** The exception of an error from the core (`docs/protocol.md`, section 6). */
internal fun errorOf(error: JsonObject, cause: Throwable? = null, applied: AppliedCredentials? = null): WorkloadIdentityException {
    val status = error.long("http_status")?.toInt()
    // Only a service's response has this member; an error of a verifier has the status of an API's answer.
    val isService = "aadsts" in error
    val details = ErrorDetails(
        code = ErrorCode.named(error.text("code")),
        message = error.text("message").orEmpty(),
        isRetryable = error["retryable"]?.toString() == "true",
        retryAt = error.long("retry_at")?.let(Instant::ofEpochMilli),
        hint = error.text("hint"),
        httpStatus = status,
        wwwAuthenticate = error.text("www_authenticate"),
        claim = error.text("claim"),
        rule = error.text("rule"),
        service = status?.takeIf { isService }?.let { serviceErrorOf(it, error) },
        presented = (error["presented"] as? JsonObject)?.let(::presentedOf),
        explanation = (error["explanation"] as? JsonObject)?.let(::verdictOf),
        applied = applied,
    )
    return when (error.text("fault")) {
        "caller" -> ConfigurationException(details, cause)
        "platform" -> SourceException(details, cause)
        "transport" -> TransportException(details, cause)
        "service" -> AuthenticationException(details, cause)
        "input" -> TokenException(details, cause)
        else -> InternalException(details, cause)
    }
}

private fun serviceErrorOf(status: Int, error: JsonObject) =
    ServiceError(
        httpStatus = status,
        error = error.text("error"),
        suberror = error.text("suberror"),
        aadsts = error.texts("aadsts").mapNotNull(String::toIntOrNull),
        correlationId = error.text("correlation_id"),
        traceId = error.text("trace_id"),
        claims = error.text("claims"),
    )

private fun presentedOf(presented: JsonObject) =
    PresentedAssertion(
        issuer = presented.text("issuer"),
        subject = presented.text("subject"),
        audience = presented.texts("audience"),
        algorithm = presented.text("algorithm"),
    )

/** Runs a native function, whose exception has the error's JSON as its message. */
internal inline fun <T> native(cause: Throwable? = null, call: () -> T): T =
    try {
        call()
    } catch (rejected: NativeException) {
        throw errorOf(parseObject(rejected.message.orEmpty()), cause)
    } catch (panic: io.github.workloadidentity.ffi.InternalException) {
        val details = ErrorDetails(ErrorCode.INTERNAL, "the native core failed unexpectedly, please report it")
        throw InternalException(details, panic)
    }

/** Errors that are found before the core is called. */
internal fun configurationError(message: String, cause: Throwable? = null) =
    ConfigurationException(ErrorDetails(ErrorCode.CONFIG_INVALID, message), cause)

internal fun requestError(message: String) = ConfigurationException(ErrorDetails(ErrorCode.REQUEST_INVALID, message), null)

internal fun closedError(what: String) = ConfigurationException(ErrorDetails(ErrorCode.MISUSE, "the $what is closed"), null)

internal fun interruptedError(cause: InterruptedException) =
    ConfigurationException(ErrorDetails(ErrorCode.CANCELLED, "the thread was interrupted while it waited", isRetryable = true), cause)
