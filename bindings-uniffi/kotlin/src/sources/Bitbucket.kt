package io.github.workloadidentity

import io.github.workloadidentity.internal.jsonOf
import io.github.workloadidentity.internal.objectOf
import kotlinx.serialization.json.JsonObject

/**
 * The token of a Bitbucket Pipelines step with `oidc: true`. Its subject names the step, so that no exact
 * credential of Entra accepts it.
 */
public data class Bitbucket @JvmOverloads constructor(
    /** The variable that holds the token; by default the platform's own. */
    val variable: String? = null,
) : TokenSource() {
    override fun describe(): JsonObject = objectOf(
        "kind" to jsonOf("bitbucket"),
        "variable" to variable?.let(::jsonOf),
    )

    override val variables: List<String> get() = listOf("BITBUCKET_STEP_OIDC_TOKEN", "BITBUCKET_STEP_UUID")
}
