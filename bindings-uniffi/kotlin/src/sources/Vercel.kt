package io.github.workloadidentity

import io.github.workloadidentity.internal.jsonOf
import io.github.workloadidentity.internal.objectOf
import kotlinx.serialization.json.JsonObject

/** The OIDC token of a Vercel build or function, read for each exchange and never kept. */
public data class Vercel @JvmOverloads constructor(
    /** The variable that holds the token; by default the platform's own. */
    val variable: String? = null,
) : TokenSource() {
    override fun describe(): JsonObject = objectOf(
        "kind" to jsonOf("vercel"),
        "variable" to variable?.let(::jsonOf),
    )

    override val variables: List<String> get() = listOf("VERCEL_OIDC_TOKEN", "VERCEL")
}
