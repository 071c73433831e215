package io.github.workloadidentity

import io.github.workloadidentity.internal.jsonOf
import io.github.workloadidentity.internal.objectOf
import kotlinx.serialization.json.JsonObject

/** A projected token file, e.g. of Kubernetes; it is read again when the token in it nears its end. */
public data class TokenFile(val path: String) : TokenSource() {
    override fun describe(): JsonObject = objectOf("kind" to jsonOf("file"), "path" to jsonOf(path))
}
