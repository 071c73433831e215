package io.github.workloadidentity

import io.github.workloadidentity.internal.jsonOf
import io.github.workloadidentity.internal.objectOf
import kotlinx.serialization.json.JsonObject

/** The source of a name, such as `gitlab`, with what the environment says of it. */
public data class NamedSource(val name: String) : TokenSource() {
    override fun describe(): JsonObject = objectOf("kind" to jsonOf(name))

    override val variables: List<String>
        get() = detectSources(emptyMap(), emptyList()).firstOrNull { it.name == name }?.variables.orEmpty()
}
