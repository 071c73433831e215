package io.github.workloadidentity

import io.github.workloadidentity.internal.jsonOf
import io.github.workloadidentity.internal.objectOf
import kotlinx.serialization.json.JsonObject

/** The token of a Spacelift run, from its variable or its file. */
public data class Spacelift @JvmOverloads constructor(
    /** The variable that holds the token; by default the platform's own. */
    val variable: String? = null,
) : TokenSource() {
    override fun describe(): JsonObject = objectOf(
        "kind" to jsonOf("spacelift"),
        "variable" to variable?.let(::jsonOf),
    )

    override val variables: List<String> get() = listOf("SPACELIFT_OIDC_TOKEN")
}
