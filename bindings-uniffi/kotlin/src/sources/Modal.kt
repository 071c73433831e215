package io.github.workloadidentity

import io.github.workloadidentity.internal.jsonOf
import io.github.workloadidentity.internal.objectOf
import kotlinx.serialization.json.JsonObject

/**
 * The identity token of a Modal container. Its subject names the container, so that no exact credential of Entra
 * accepts it.
 */
public data class Modal @JvmOverloads constructor(
    /** The variable that holds the token; by default the platform's own. */
    val variable: String? = null,
) : TokenSource() {
    override fun describe(): JsonObject = objectOf(
        "kind" to jsonOf("modal"),
        "variable" to variable?.let(::jsonOf),
    )

    override val variables: List<String> get() = listOf("MODAL_IDENTITY_TOKEN")
}
