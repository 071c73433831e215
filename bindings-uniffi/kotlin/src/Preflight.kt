package io.github.workloadidentity

import io.github.workloadidentity.internal.escaped
import io.github.workloadidentity.internal.isTrue
import io.github.workloadidentity.internal.long
import io.github.workloadidentity.internal.objects
import io.github.workloadidentity.internal.text
import io.github.workloadidentity.internal.texts
import kotlinx.serialization.json.JsonObject
import java.time.Duration

/** What hinders the exchange of a token. */
public data class Problem(
    /** A stable word of `docs/protocol.md`, section 10. */
    val code: String,
    /** What is wrong and what to do. */
    val message: String,
)

/** Whether Entra can accept a token. */
public data class EntraPreflight(
    /** Whether some credential can match tokens like this one. */
    val isPossible: Boolean,
    /** What to know before a credential is written. */
    val problems: List<Problem>,
)

/**
 * What a token says of itself, and what hinders its exchange. Nothing is verified, and the texts are untrusted data.
 *
 * [toString] is a report in ASCII with everything else escaped.
 */
public data class Preflight(
    val algorithm: String?,
    val issuer: String?,
    val subject: String?,
    val audience: List<String>,
    /** From `iat` (or `nbf`) to `exp`. */
    val lifetime: Duration?,
    val entra: EntraPreflight,
) {
    override fun toString(): String {
        val values = listOf(
            "algorithm" to algorithm,
            "issuer" to issuer,
            "subject" to subject,
            "audience" to audience.joinToString(", "),
            "lifetime" to lifetime?.let { "${it.seconds} s" },
        )
        val lines = values.map { (name, value) -> "$name: ${value?.let(::escaped) ?: "(none)"}" }
        val problems = entra.problems.map { "  ${it.code}: ${escaped(it.message)}" }
        return (lines + (if (entra.isPossible) "possible" else "not possible") + problems).joinToString("\n")
    }
}

/** The report of its wire form (`docs/protocol.md`, section 10). */
internal fun preflightOf(report: JsonObject): Preflight {
    val entra = report["entra"] as JsonObject
    val problems = entra.objects("problems").map { Problem(it.text("code").orEmpty(), it.text("message").orEmpty()) }
    return Preflight(
        algorithm = report.text("algorithm"),
        issuer = report.text("issuer"),
        subject = report.text("subject"),
        audience = report.texts("audience"),
        lifetime = report.long("lifetime_s")?.let(Duration::ofSeconds),
        entra = EntraPreflight(entra.isTrue("possible"), problems),
    )
}
