package io.github.workloadidentity

import io.github.workloadidentity.internal.jsonOf
import io.github.workloadidentity.internal.objectOf
import kotlinx.serialization.json.JsonObject

/** A token in an environment variable, read for each exchange. */
public data class EnvironmentVariable(
    /** Name of the variable. */
    val variable: String,
) : TokenSource() {
    override fun describe(): JsonObject = objectOf(
        "kind" to jsonOf("environment"),
        "variable" to jsonOf(variable),
    )
}
