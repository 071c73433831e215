package io.github.workloadidentity.internal

import io.github.workloadidentity.Callback
import io.github.workloadidentity.GitHubActions
import io.github.workloadidentity.Signed
import io.github.workloadidentity.TokenFile
import io.github.workloadidentity.TokenRequest
import io.github.workloadidentity.TokenSource
import io.github.workloadidentity.WorkloadIdentityOptions
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive

/** The core's configuration (`docs/protocol.md`, section 2). */
internal fun configurationOf(
    tenantId: String?,
    clientId: String?,
    source: TokenSource?,
    options: WorkloadIdentityOptions,
    variables: List<String>,
): JsonObject =
    objectOf(
        "tenant_id" to tenantId?.let(::jsonOf),
        "client_id" to clientId?.let(::jsonOf),
        "authority_host" to options.authorityHost?.let(::jsonOf),
        "authority" to options.authority?.let {
            objectOf("token_endpoint" to it.tokenEndpoint?.let(::jsonOf), "issuer" to it.issuer?.let(::jsonOf))
        },
        "source" to source?.let(::sourceOf),
        "environment" to environmentOf(source, options, variables),
        "additionally_allowed_tenants" to options.additionallyAllowedTenants?.let(::jsonOf),
        "cache_max_entries" to options.cacheMaxEntries?.let(::JsonPrimitive),
        "cache_max_bytes" to options.cacheMaxBytes?.let(::JsonPrimitive),
        "private_addresses" to options.allowPrivateAddresses?.let(::privateAddresses),
        "allowed_networks" to options.allowedNetworks?.let(::jsonOf),
        "store" to options.store?.let { JsonPrimitive(true) },
        "timeout_ms" to options.timeout?.let { JsonPrimitive(it.toMillis()) },
    )

private fun environmentOf(source: TokenSource?, options: WorkloadIdentityOptions, variables: List<String>): JsonObject {
    // The core then reports what is missing, and chooses no other source.
    if (source is GitHubActions && !source.isComplete) {
        val all = options.environment ?: System.getenv()
        val chosen = all.filterKeys { it in variables && it != "AZURE_FEDERATED_TOKEN_FILE" }
        return JsonObject(chosen.mapValues { (_, value) -> jsonOf(value) } + ("GITHUB_ACTIONS" to jsonOf("true")))
    }
    return JsonObject(options.environment.orEmpty().filterKeys { it in variables }.mapValues { (_, value) -> jsonOf(value) })
}

private val GitHubActions.isComplete get() = requestUrl != null && requestToken != null

private fun sourceOf(source: TokenSource): JsonElement? =
    when (source) {
        is TokenFile -> objectOf("kind" to jsonOf("file"), "path" to jsonOf(source.path))
        is Callback -> objectOf("kind" to jsonOf("callback"))
        is GitHubActions -> gitHubOf(source)
        is Signed -> objectOf(
            "kind" to jsonOf("signed"),
            "key" to jsonOf(source.key),
            "algorithm" to jsonOf(source.algorithm),
            "x5t_s256" to source.certificateThumbprint?.let(::jsonOf),
            "x5c" to source.certificateChain?.let(::jsonOf),
            "public_jwk" to source.publicKey?.let { json(it, "the publicKey of a Signed source is not JSON") },
        )
    }

private fun gitHubOf(source: GitHubActions): JsonElement? {
    if (!source.isComplete && source.audience == null) return null
    return objectOf(
        "kind" to jsonOf("github"),
        "request_url" to jsonOf(source.requestUrl ?: System.getenv("ACTIONS_ID_TOKEN_REQUEST_URL") ?: return null),
        "request_token" to jsonOf(source.requestToken ?: System.getenv("ACTIONS_ID_TOKEN_REQUEST_TOKEN") ?: return null),
        "audience" to source.audience?.let(::jsonOf),
    )
}

internal fun privateAddresses(areAllowed: Boolean) = jsonOf(if (areAllowed) "allow" else "deny")

/** The request of `begin`. */
internal fun requestOf(request: TokenRequest): JsonObject =
    objectOf(
        "scopes" to JsonArray(request.scopes.map { jsonOf(it) }),
        "claims" to request.claims?.let(::jsonOf),
        "tenant_id" to request.tenantId?.let(::jsonOf),
        "enable_cae" to JsonPrimitive(true).takeIf { request.enableCae },
        "force_refresh" to JsonPrimitive(true).takeIf { request.forceRefresh },
        "deadline" to request.timeout?.let { JsonPrimitive(now() + it.toMillis()) },
        "context" to request.context?.let(::jsonOf),
    )

/** JSON that the application passed as text. */
internal fun json(text: String, message: String): JsonElement =
    try {
        Json.parseToJsonElement(text)
    } catch (invalid: IllegalArgumentException) {
        throw configurationError(message)
    }
