package io.github.workloadidentity

import io.github.workloadidentity.internal.jsonOf
import io.github.workloadidentity.internal.objectOf
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive

/**
 * The OIDC token that Buildkite's agent API gives to a job. The default subject names commit and step; with
 * [subjectClaim] it is stable.
 */
public data class Buildkite @JvmOverloads constructor(
    /** Audience of the token; by default the cloud's exchange audience. */
    val audience: String? = null,
    /** The claim that becomes the subject, such as `pipeline_id`. */
    val subjectClaim: String? = null,
    /** Life of the token in seconds; five minutes by default. */
    val lifetime: Int? = null,
    /** Optional claims to add, such as `organization_id`. */
    val claims: List<String>? = null,
) : TokenSource() {
    override fun describe(): JsonObject = objectOf(
        "kind" to jsonOf("buildkite"),
        "audience" to audience?.let(::jsonOf),
        "subject_claim" to subjectClaim?.let(::jsonOf),
        "lifetime" to lifetime?.let { JsonPrimitive(it) },
        "claims" to claims?.let(::jsonOf),
    )

    override val variables: List<String> get() = listOf(
        "BUILDKITE_AGENT_ACCESS_TOKEN",
        "BUILDKITE_JOB_ID",
        "BUILDKITE_AGENT_ENDPOINT",
    )
}
