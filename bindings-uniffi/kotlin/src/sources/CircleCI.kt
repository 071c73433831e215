package io.github.workloadidentity

import io.github.workloadidentity.internal.jsonOf
import io.github.workloadidentity.internal.objectOf
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive

/**
 * The OIDC token of a CircleCI job. Without an audience it is in a variable, and its audience is the id of the
 * organization.
 */
public data class CircleCI @JvmOverloads constructor(
    /** Audience of a token that `circleci run oidc get` makes. A federated credential can then have Entra's own audience. */
    val audience: String? = null,
    /** With an audience: the issuer is `https://oidc.circleci.com`, without the organization. */
    val rootIssuer: Boolean? = null,
    /** The variable that holds the token; by default `CIRCLE_OIDC_TOKEN_V2`, else `CIRCLE_OIDC_TOKEN`. */
    val variable: String? = null,
) : TokenSource() {
    override fun describe(): JsonObject = objectOf(
        "kind" to jsonOf("circleci"),
        "audience" to audience?.let(::jsonOf),
        "root_issuer" to rootIssuer?.let { JsonPrimitive(it) },
        "variable" to variable?.let(::jsonOf),
    )

    override val variables: List<String> get() = listOf("CIRCLE_OIDC_TOKEN_V2", "CIRCLE_OIDC_TOKEN")
}
