package io.github.workloadidentity.internal

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
        "source" to source?.describe(),
        "environment" to environmentOf(source, options, variables),
        "environment_paths" to options.environmentPaths?.let(::jsonOf),
        "token_proxy" to options.tokenProxy?.let(::JsonPrimitive),
        "probe" to options.probe?.let(::JsonPrimitive),
        "additionally_allowed_tenants" to options.additionallyAllowedTenants?.let(::jsonOf),
        "cache_max_entries" to options.cacheMaxEntries?.let(::JsonPrimitive),
        "cache_max_bytes" to options.cacheMaxBytes?.let(::JsonPrimitive),
        "private_addresses" to options.allowPrivateAddresses?.let(::privateAddresses),
        "allowed_networks" to options.allowedNetworks?.let(::jsonOf),
        "store" to options.store?.let { JsonPrimitive(true) },
        "timeout_ms" to options.timeout?.let { JsonPrimitive(it.toMillis()) },
    )

/** The variables of an AKS identity binding. */
private val TOKEN_PROXY = listOf("TOKEN_PROXY", "SNI_NAME", "CA_FILE", "CA_DATA").map { "AZURE_KUBERNETES_$it" }

private fun environmentOf(source: TokenSource?, options: WorkloadIdentityOptions, variables: List<String>): JsonObject {
    val isComplete = source == null || source.describe() != null
    val own = source?.variables.orEmpty() + if (options.tokenProxy == true) TOKEN_PROXY else emptyList()
    val process = System.getenv().filterKeys { !isComplete || it in own }
    val known = (options.environment ?: process).filterKeys { it in variables }
    val chosen = if (isComplete) known else source.incomplete(known)
    return JsonObject(chosen.mapValues { (_, value) -> jsonOf(value) })
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
        "fmi_path" to request.fmiPath?.let(::jsonOf),
    )

/** JSON that the application passed as text. */
internal fun json(text: String, message: String): JsonElement =
    try {
        Json.parseToJsonElement(text)
    } catch (invalid: IllegalArgumentException) {
        throw configurationError(message)
    }
