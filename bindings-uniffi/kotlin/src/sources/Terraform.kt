package io.github.workloadidentity

import io.github.workloadidentity.internal.jsonOf
import io.github.workloadidentity.internal.objectOf
import kotlinx.serialization.json.JsonObject

/**
 * The workload identity token of a run of HCP Terraform or Terraform Enterprise, or what Terraform's providers for
 * Azure read: `ARM_OIDC_TOKEN`, `ARM_OIDC_TOKEN_FILE_PATH`.
 */
public data class Terraform @JvmOverloads constructor(
    /** Tag of one of several tokens: the token is in `TFC_WORKLOAD_IDENTITY_TOKEN_TAG`. */
    val tag: String? = null,
    /** The variable that holds the token; by default the platform's own. */
    val variable: String? = null,
) : TokenSource() {
    override fun describe(): JsonObject = objectOf(
        "kind" to jsonOf("terraform"),
        "tag" to tag?.let(::jsonOf),
        "variable" to variable?.let(::jsonOf),
    )

    override val variables: List<String> get() = listOf(
        "TFC_WORKLOAD_IDENTITY_TOKEN",
        "TFC_RUN_ID",
        "ARM_OIDC_TOKEN",
        "ARM_OIDC_TOKEN_FILE_PATH",
    )
}
