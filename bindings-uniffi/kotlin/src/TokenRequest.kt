package io.github.workloadidentity

import java.time.Duration

/**
 * A request for an access token.
 *
 * ```kotlin
 * identity.getToken(TokenRequest(listOf("https://vault.azure.net/.default"), claims = challenge))
 * ```
 */
public data class TokenRequest @JvmOverloads constructor(
    /** Scopes of one resource. */
    val scopes: List<String>,
    /** A claims challenge of the resource (JSON); the cached token is not used. */
    val claims: String? = null,
    /** Another tenant than the configured one; the configuration must allow it. */
    val tenantId: String? = null,
    /** Requests a token for continuous access evaluation. */
    val enableCae: Boolean = false,
    /** Requests a new token, which replaces the cached one. */
    val forceRefresh: Boolean = false,
    /** Maximum duration of this call. */
    val timeout: Duration? = null,
    /** Separates callers whose workload tokens must not be shared. */
    val context: String? = null,
    /** Path of a federated managed identity (FMI) that the token is for; Entra only. */
    val fmiPath: String? = null,
) {
    /** Whether an earlier answer may serve this request. */
    internal val mayUseCache: Boolean get() = claims == null && !forceRefresh

    /** What two requests have in common that share an answer. */
    internal val cacheKey: Any
        get() {
            val isPlain = scopes.size == 1 && tenantId == null && !enableCae && context == null && fmiPath == null
            return if (isPlain) scopes[0] else copy(claims = null, forceRefresh = false, timeout = null)
        }
}
