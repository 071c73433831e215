package io.github.workloadidentity

import io.github.workloadidentity.internal.jsonOf
import io.github.workloadidentity.internal.objectOf
import kotlinx.serialization.json.JsonObject

/** A projected token file, e.g. of Kubernetes; it is read again when the token in it nears its end. */
public data class TokenFile @JvmOverloads constructor(
    val path: String,
    /** `text`, or `json` with [field]. */
    val format: String? = null,
    /** The member of the JSON object that holds the token. */
    val field: String? = null,
) : TokenSource() {
    override fun describe(): JsonObject = objectOf(
        "kind" to jsonOf("file"),
        "path" to jsonOf(path),
        "format" to format?.let(::jsonOf),
        "field" to field?.let(::jsonOf),
    )
}
