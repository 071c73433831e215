package io.github.workloadidentity

import io.github.workloadidentity.internal.jsonOf
import io.github.workloadidentity.internal.objectOf
import kotlinx.coroutines.runInterruptible
import kotlinx.serialization.json.JsonObject
import java.time.Instant

/**
 * A function of the application returns the workload's token, a JWT in compact form. It runs on a thread that it may block.
 *
 * ```kotlin
 * Callback { request -> vault.token(request.audience) }
 * ```
 *
 * The coroutine is cancelled when the time for the answer is over, the caller has given up, or the object was closed.
 */
public data class Callback(val assertion: suspend (AssertionRequest) -> String) : TokenSource() {
    override fun describe(): JsonObject = objectOf("kind" to jsonOf("callback"))

    public companion object {
        /** Makes a source of a function that blocks, for Java. Its thread is interrupted where a coroutine is cancelled. */
        @JvmStatic
        public fun blocking(assertion: AssertionFunction): Callback = Callback { request -> runInterruptible { assertion.assertion(request) } }
    }
}

/** Returns the workload's token. */
public fun interface AssertionFunction {
    @Throws(Exception::class)
    public fun assertion(request: AssertionRequest): String
}

/** What a [Callback] is told about the token that is wanted. */
public data class AssertionRequest(
    /** The audience that the token exchange expects. */
    val audience: String?,
    val tenantId: String?,
    val clientId: String?,
    val tokenEndpoint: String?,
    /** Id of this attempt, for logs. */
    val correlationId: String?,
    /** The claims challenge of the request that made this necessary. */
    val claims: String?,
    /** The `context` of the request. */
    val context: String?,
    /** The authority with the tenant, or the issuer of a generic authority. */
    val authority: String? = null,
    /** Capabilities that the client announces: `cp1` with `enableCae`. */
    val clientCapabilities: List<String> = emptyList(),
    /** Path of the federated managed identity that the token is for. */
    val fmiPath: String? = null,
    /** Why the callback is asked. */
    val reason: AssertionReason = AssertionReason.FIRST,
    /** Which attempt of the acquisition this is, from 1. */
    val attempt: Int = 1,
    /** When the answer must be there. */
    val deadline: Instant? = null,
)

/** Why a [Callback] is asked. */
public enum class AssertionReason {
    /** It has given no token for such a request yet. */
    FIRST,

    /** Its former token has expired, or could be used once only. */
    REFRESH,

    /** The token service has refused its former token. */
    REJECTED,
}
