package io.github.workloadidentity

import io.github.workloadidentity.internal.jsonOf
import io.github.workloadidentity.internal.objectOf
import kotlinx.serialization.json.JsonObject

/**
 * A function of the application returns the workload's token, a JWT in compact form. It runs on a thread that it may block.
 *
 * ```kotlin
 * Callback { request -> vault.token(request.audience) }
 * ```
 */
public data class Callback(val assertion: suspend (AssertionRequest) -> String) : TokenSource() {
    override fun describe(): JsonObject = objectOf("kind" to jsonOf("callback"))

    public companion object {
        /** Makes a source of a function that blocks, for Java. */
        @JvmStatic
        public fun blocking(assertion: AssertionFunction): Callback = Callback { assertion.assertion(it) }
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
)
