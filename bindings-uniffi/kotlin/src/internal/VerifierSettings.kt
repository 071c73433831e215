package io.github.workloadidentity.internal

import io.github.workloadidentity.ErrorCode
import io.github.workloadidentity.Issuer
import io.github.workloadidentity.IssuerKeys
import io.github.workloadidentity.UnusableKey
import io.github.workloadidentity.VerifierOptions
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import java.time.Duration

/** The core's configuration of a verifier (`docs/protocol.md`, section 8). */
internal fun configurationOf(issuers: List<Issuer?>?, options: VerifierOptions): String {
    val shared = objectOf(
        "leeway_seconds" to options.leeway?.let { JsonPrimitive(it.toSeconds()) },
        "max_token_bytes" to options.maxTokenBytes?.let(::JsonPrimitive),
        "cache_max_bytes" to options.cacheMaxBytes?.let(::JsonPrimitive),
        "timeout_ms" to options.timeout?.let { JsonPrimitive(it.toMillis()) },
        "allow_loopback_http" to JsonPrimitive(true).takeIf { options.allowLoopbackHttp },
        "private_addresses" to options.allowPrivateAddresses?.let(::privateAddresses),
        "allowed_networks" to options.allowedNetworks?.let(::jsonOf),
        "dangerously_allow_rsa_1024" to JsonPrimitive(true).takeIf { options.dangerouslyAllowRsa1024 },
        "signatures" to jsonOf("core"),
    )
    val given = issuers ?: throw configurationError("the issuers are null; pass a list of them")
    val entries = given.flatMap { issuer ->
        issuer?.entries ?: throw configurationError("an issuer is null; make one with `Issuer.entra` or another function of `Issuer`")
    }
    return "${shared.toString().dropLast(1)},\"issuers\":[${entries.joinToString(",")}]}"
}

internal fun issuerKeysOf(value: JsonObject) =
    IssuerKeys(
        keys = (value.long("keys") ?: 0).toInt(),
        unusable = (value["unusable"] as? JsonArray).orEmpty().map { key ->
            val reason = key as JsonObject
            UnusableKey(reason.text("key_id"), ErrorCode.named(reason.text("code")), reason.text("message").orEmpty())
        },
        keySetAge = value.long("key_set_age")?.let(Duration::ofSeconds),
    )
