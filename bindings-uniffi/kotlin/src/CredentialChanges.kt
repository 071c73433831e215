package io.github.workloadidentity

import io.github.workloadidentity.internal.errorOf
import io.github.workloadidentity.internal.escaped
import io.github.workloadidentity.internal.isTrue
import io.github.workloadidentity.internal.long
import io.github.workloadidentity.internal.objects
import io.github.workloadidentity.internal.text
import io.github.workloadidentity.internal.texts
import kotlinx.serialization.json.JsonObject

/** What is done with a credential. */
public enum class ChangeAction(internal val sign: String) { ADD("+"), UPDATE("~"), REMOVE("-") }

/** What became of a change. */
public enum class ChangeOutcome { DONE, FAILED, NOT_TRIED }

/** What makes one credential as it is wanted. */
public data class CredentialChange(
    val action: ChangeAction,
    val name: String,
    /** The credential that exists. */
    val before: FederatedCredential?,
    /** The credential that is wanted. */
    val after: FederatedCredential?,
    /** Names of the members that an update changes. */
    val differs: List<String>,
    /** What became of the change; null in a plan. */
    val outcome: ChangeOutcome? = null,
    /** Why it failed. */
    val error: WorkloadIdentityException? = null,
) {
    override fun toString(): String {
        val suffix = if (outcome == null || outcome == ChangeOutcome.DONE) "" else ": ${outcome.name.lowercase().replace('_', ' ')}"
        val lines = mutableListOf("${action.sign} ${escaped(name)}$suffix")
        error?.let { lines += "    ${escaped("${it.message} (${it.code})")}" }
        for ((member, value) in SHOWN) {
            if (action == ChangeAction.UPDATE && member !in differs) continue
            for ((sign, credential) in listOf("-" to before, "+" to after)) {
                credential?.let(value)?.let { lines += "  $sign $member: ${escaped(it)}" }
            }
        }
        return lines.joinToString("\n")
    }
}

/** What would change, so that the credentials are as wanted; [toString] is a report in ASCII. */
public data class CredentialPlan(
    /** The changes in their order; empty if there is nothing to do. */
    val changes: List<CredentialChange>,
    /** Names of the credentials that exist and are not wanted, which only `prune` removes. */
    val unmanaged: List<String>,
    /** Number of the credentials that are as wanted. */
    val unchanged: Int,
) {
    override fun toString(): String = report(changes, unmanaged)
}

/** What was changed; [toString] is a report in ASCII. */
public data class AppliedCredentials(
    /** The changes with their outcomes. */
    val changes: List<CredentialChange>,
    /** Names of the credentials that exist and are not wanted. */
    val unmanaged: List<String>,
    /** Number of the credentials that were as wanted. */
    val unchanged: Int,
    /** Whether all credentials are as wanted. If not, the exception has this report. */
    val isComplete: Boolean,
) {
    override fun toString(): String = report(changes, unmanaged)
}

private val SHOWN: Map<String, (FederatedCredential) -> String?> = mapOf(
    "issuer" to { it.issuer },
    "subject" to { it.subject },
    "expression" to { it.expression },
    "audience" to { it.audience },
    "description" to { it.description },
)

private fun report(changes: List<CredentialChange>, unmanaged: List<String>): String {
    val lines = changes.map { it.toString() }.ifEmpty { listOf("nothing to do") }
    val kept = if (unmanaged.isEmpty()) emptyList() else listOf("not in the list, kept: ${unmanaged.joinToString(transform = ::escaped)}")
    return (lines + kept).joinToString("\n")
}

internal fun planOf(wire: JsonObject) =
    CredentialPlan(wire.objects("changes").map(::changeOf), wire.texts("unmanaged"), wire.long("unchanged")?.toInt() ?: 0)

internal fun appliedOf(wire: JsonObject): AppliedCredentials {
    val (changes, unmanaged, unchanged) = planOf(wire)
    return AppliedCredentials(changes, unmanaged, unchanged, wire.isTrue("complete"))
}

private fun changeOf(wire: JsonObject) =
    CredentialChange(
        action = ChangeAction.valueOf(wire.text("action")!!.uppercase()),
        name = wire.text("name").orEmpty(),
        before = (wire["before"] as? JsonObject)?.let(::federatedCredentialOf),
        after = (wire["after"] as? JsonObject)?.let(::federatedCredentialOf),
        differs = wire.texts("differs"),
        outcome = wire.text("outcome")?.let { ChangeOutcome.valueOf(it.uppercase()) },
        error = (wire["error"] as? JsonObject)?.let { errorOf(it) },
    )
