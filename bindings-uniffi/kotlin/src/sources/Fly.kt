package io.github.workloadidentity

import io.github.workloadidentity.internal.jsonOf
import io.github.workloadidentity.internal.objectOf
import kotlinx.serialization.json.JsonObject

/** The OIDC token that Fly.io gives to a machine over the Unix socket `/.fly/api`. */
public data class Fly @JvmOverloads constructor(
    /** Audience of the token; by default the cloud's exchange audience. */
    val audience: String? = null,
) : TokenSource() {
    override fun describe(): JsonObject = objectOf(
        "kind" to jsonOf("fly"),
        "audience" to audience?.let(::jsonOf),
    )

    override val variables: List<String> get() = listOf("FLY_API_SOCKET")
}
