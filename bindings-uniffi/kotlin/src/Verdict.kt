package io.github.workloadidentity

import io.github.workloadidentity.internal.escaped
import io.github.workloadidentity.internal.isTrue
import io.github.workloadidentity.internal.long
import io.github.workloadidentity.internal.objects
import io.github.workloadidentity.internal.text
import io.github.workloadidentity.internal.texts
import kotlinx.serialization.json.JsonObject

/** A value of a federated identity credential. */
public enum class TrustField { ISSUER, SUBJECT, EXPRESSION, AUDIENCE }

/** The outcome of a [TrustCheck]. */
public enum class CheckOutcome {
    PASS,
    FAIL,

    /** What the check needs was not supplied. */
    UNKNOWN,
}

/** How a value of a token compares with that of a credential. The values are untrusted data; [toString] escapes them. */
public data class FieldVerdict(
    val field: TrustField,
    /** The credential's value. */
    val expected: String,
    /** The token's value, or null if it has none. */
    val presented: String?,
    /** Whether the values are equal, or the expression matches. */
    val isEqual: Boolean,
    /** How they differ: a class of `docs/concepts/trust.md`. */
    val difference: String?,
    /** The first character of [presented] that differs, counted from 0 in code points. */
    val position: Int?,
) {
    override fun toString(): String {
        val name = field.name.lowercase()
        if (isEqual) return "$name: equal"
        val place = position?.let { " at character $it" }.orEmpty()
        val shown = presented?.let(::escaped) ?: "(none)"
        return "$name: $difference$place\n  expected:  ${escaped(expected)}\n  presented: $shown"
    }
}

/** How a token compares with one credential. */
public data class CredentialVerdict(
    /** The credential's name, if it has one. */
    val name: String?,
    /** Whether all fields are equal. */
    val isAccepted: Boolean,
    /** Issuer, subject or expression, audience. */
    val fields: List<FieldVerdict>,
    /** Tokens that the credential's expression accepts and that were probably not meant. */
    val warnings: List<String>,
) {
    override fun toString(): String = (fields.map { it.toString() } + warnings.map { "warning: ${escaped(it)}" }).joinToString("\n")
}

/** A check beside the comparison of values. */
public data class TrustCheck(
    /** Its name, such as `key_count`. */
    val check: String,
    val outcome: CheckOutcome,
    val message: String,
) {
    override fun toString(): String = "$check: ${outcome.name.lowercase()}, ${escaped(message)}"
}

/**
 * Whether Entra would accept a token for one of some federated identity credentials, and why.
 *
 * [toString] is a report in ASCII: control characters, markup and look-alike characters of a token are escaped.
 */
public data class Verdict(
    /** Whether a credential accepts the token and no check has failed. */
    val isAccepted: Boolean,
    /** The AADSTS number of Entra's answer; null if the token is accepted. */
    val aadsts: Int?,
    /** The value that the number is about. */
    val field: TrustField?,
    /** How the nearest credential differs in that value, or in the first that differs. */
    val difference: String?,
    /** Index of the credential that needs the least change. */
    val nearest: Int?,
    /** One for each credential, in their order. */
    val credentials: List<CredentialVerdict>,
    /** What to do, as sentences and commands. The commands are quoted for POSIX shells. */
    val fix: List<String>,
    /** The checks beside the comparison of values; empty for an answer of Entra. */
    val checks: List<TrustCheck>,
) {
    override fun toString(): String {
        val lines = mutableListOf((if (isAccepted) "accepted" else "refused") + aadsts?.let { ": AADSTS$it" }.orEmpty())
        credentials.forEachIndexed { index, credential ->
            lines += credential.name?.let(::escaped) ?: "credential ${index + 1}"
            lines += credential.toString().lines().map { "  $it" }
        }
        // What was not supplied is no news to the reader.
        val known = checks.filter { it.outcome != CheckOutcome.UNKNOWN }
        if (known.isNotEmpty()) lines += listOf("checks") + known.map { "  $it" }
        if (fix.isNotEmpty()) lines += listOf("to do") + fix.map { "  ${escaped(it)}" }
        return lines.joinToString("\n")
    }
}

/** The verdict of its wire form (`docs/protocol.md`, section 10). */
internal fun verdictOf(verdict: JsonObject) =
    Verdict(
        isAccepted = verdict.isTrue("accepted"),
        aadsts = verdict.long("aadsts")?.toInt(),
        field = verdict.text("field")?.let(::fieldOf),
        difference = verdict.text("difference"),
        nearest = verdict.long("nearest")?.toInt(),
        credentials = verdict.objects("credentials").map(::credentialOf),
        fix = verdict.texts("fix"),
        checks = verdict.objects("checks").map {
            TrustCheck(it.text("check").orEmpty(), CheckOutcome.valueOf(it.text("outcome")!!.uppercase()), it.text("message").orEmpty())
        },
    )

private fun credentialOf(credential: JsonObject) =
    CredentialVerdict(
        name = credential.text("name"),
        isAccepted = credential.isTrue("accepted"),
        fields = credential.objects("fields").map {
            FieldVerdict(
                field = fieldOf(it.text("field")!!),
                expected = it.text("expected").orEmpty(),
                presented = it.text("presented"),
                isEqual = it.isTrue("equal"),
                difference = it.text("difference"),
                position = it.long("position")?.toInt(),
            )
        },
        warnings = credential.texts("warnings"),
    )

private fun fieldOf(name: String) = TrustField.valueOf(name.uppercase())
