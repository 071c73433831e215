package io.github.workloadidentity

import io.github.workloadidentity.internal.jsonOf
import io.github.workloadidentity.internal.objectOf
import kotlinx.serialization.json.JsonObject

/** The ID token of a GitLab CI/CD job, from one of its `id_tokens`. */
public data class GitLab @JvmOverloads constructor(
    /** The variable that the job's `id_tokens` name; by default the one derived from the audience, `AZURE_ID_TOKEN`, `GITLAB_OIDC_TOKEN` or `ARM_OIDC_TOKEN`. */
    val variable: String? = null,
) : TokenSource() {
    override fun describe(): JsonObject = objectOf(
        "kind" to jsonOf("gitlab"),
        "variable" to variable?.let(::jsonOf),
    )

    override val variables: List<String> get() = listOf(
        "GITLAB_CI",
        "API___AZUREADTOKENEXCHANGE_ID_TOKEN",
        "API___AZUREADTOKENEXCHANGEUSGOV_ID_TOKEN",
        "API___AZUREADTOKENEXCHANGECHINA_ID_TOKEN",
        "AZURE_ID_TOKEN",
        "GITLAB_OIDC_TOKEN",
        "ARM_OIDC_TOKEN",
    )
}
