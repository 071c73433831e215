/** Trust made visible: why Entra accepts or refuses a token, and whether a credential can match it at all. Makes no request. */
@file:JvmName("Trust")

package io.github.workloadidentity

import io.github.workloadidentity.ffi.explain as nativeExplain
import io.github.workloadidentity.ffi.preflight as nativePreflight
import io.github.workloadidentity.ffi.subject as nativeSubject
import io.github.workloadidentity.internal.direct
import io.github.workloadidentity.internal.encoded
import io.github.workloadidentity.internal.jsonOf
import io.github.workloadidentity.internal.jsonOfPlain
import io.github.workloadidentity.internal.long
import io.github.workloadidentity.internal.native
import io.github.workloadidentity.internal.objectOf
import io.github.workloadidentity.internal.parseObject
import io.github.workloadidentity.internal.text
import io.github.workloadidentity.internal.texts
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import java.nio.ByteBuffer
import java.time.Instant

/** A subject and its parts. */
public data class Subject(
    val subject: String,
    /** Whose form it is, such as `github`; null if the form is unknown. */
    val platform: String?,
    /** Name of the form, such as `environment`. */
    val form: String?,
    /** 1, or 2 for the platform's newer form of the same subjects. */
    val generation: Int?,
    val parts: Map<String, String>,
    /** Names of the parts that change with each run: no credential can match such a subject. */
    val perRun: List<String>,
)

/**
 * Explains whether federated identity credentials accept a token, and what to do if none does.
 *
 * ```kotlin
 * val verdict = explain(token, listOf(FederatedCredential(issuer, subject)))
 * println(verdict.isAccepted)
 * ```
 *
 * @param token the workload's token; exactly one of [token], [claims] and [error] is given
 * @param credentials the credentials; [FederatedCredential.read] reads them from a file
 * @param claims the token's claims
 * @param error what Entra answered: the JSON, or the text with the AADSTS number
 * @param now when the token is exchanged: its lifetime is checked
 * @param discovery the issuer's discovery document, which is checked, too
 * @param jwks the issuer's keys: the signature is checked, too
 * @throws ConfigurationException an argument is wrong
 * @throws TokenException the token is not a signed JWT
 */
@JvmOverloads
public fun explain(
    token: String? = null,
    credentials: List<FederatedCredential> = emptyList(),
    claims: Map<String, Any?>? = null,
    error: String? = null,
    now: Instant? = null,
    discovery: String? = null,
    jwks: String? = null,
): Verdict {
    val request = objectOf(
        "token" to token?.let(::jsonOf),
        "claims" to claims?.let(::jsonOfPlain),
        "error" to error?.let(::jsonOf),
        "credentials" to JsonArray(credentials.map { it.describe() }),
        "now" to now?.let { JsonPrimitive(it.toEpochMilli()) },
        "discovery" to discovery?.let(::jsonOf),
        "jwks" to jwks?.let(::jsonOf),
    )
    return verdictOf(answerOf(request, ::nativeExplain))
}

/**
 * Tells whether a federated identity credential can match a token at all, before any exchange. [WorkloadIdentity.preflight]
 * asks the token source for its token.
 *
 * @param token the workload's token; it is not verified
 * @param jwks the issuer's keys: whether Entra sees the token's key among them is examined, too
 * @throws TokenException the token is not a signed JWT, or [jwks] is no key set
 */
@JvmOverloads
public fun preflight(token: String, jwks: String? = null): Preflight {
    val request = objectOf("token" to jsonOf(token), "jwks" to jwks?.let(::jsonOf))
    return preflightOf(answerOf(request, ::nativePreflight))
}

/** Takes a subject apart; [issuer] tells platforms with the same forms apart. That of no known form has no parts. */
@JvmOverloads
public fun parseSubject(subject: String, issuer: String? = null): Subject =
    subjectOf(objectOf("subject" to jsonOf(subject), "issuer" to issuer?.let(::jsonOf)))

/**
 * Builds the subject of a credential, such as form `environment` of platform `github` with owner, repo and environment.
 *
 * @param generation 2 for the platform's newer form, such as GitHub's with ids
 * @throws ConfigurationException there is no such form, or a part is missing or has a character that it cannot have
 */
@JvmOverloads
public fun buildSubject(platform: String, form: String, parts: Map<String, String>, generation: Int = 1): String =
    subjectOf(
        objectOf(
            "platform" to jsonOf(platform),
            "form" to jsonOf(form),
            "generation" to JsonPrimitive(generation),
            "parts" to JsonObject(parts.mapValues { (_, value) -> jsonOf(value) }),
        ),
    ).subject

private fun subjectOf(request: JsonObject): Subject {
    val known = answerOf(request, ::nativeSubject)
    val parts = known["parts"] as JsonObject
    return Subject(
        subject = known.text("subject").orEmpty(),
        platform = known.text("platform"),
        form = known.text("form"),
        generation = known.long("generation")?.toInt(),
        parts = parts.keys.associateWith { parts.text(it).orEmpty() },
        perRun = known.texts("per_run"),
    )
}

private fun answerOf(request: JsonObject, function: (ByteBuffer) -> String): JsonObject =
    parseObject(native { function(direct(encoded(request.toString()))) })
