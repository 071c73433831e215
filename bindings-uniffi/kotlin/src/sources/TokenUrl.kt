package io.github.workloadidentity

import io.github.workloadidentity.internal.jsonOf
import io.github.workloadidentity.internal.objectOf
import kotlinx.serialization.json.JsonObject

/** A token from a URL, as google-auth's external accounts have it. Metadata services are refused. */
public data class TokenUrl @JvmOverloads constructor(
    /** https, or http to this machine. */
    val url: String,
    /** Headers of the request. */
    val headers: Map<String, String>? = null,
    /** `text`, or `json` with `field`. */
    val format: String? = null,
    /** The member of the JSON object that holds the token. */
    val field: String? = null,
) : TokenSource() {
    override fun describe(): JsonObject = objectOf(
        "kind" to jsonOf("url"),
        "url" to jsonOf(url),
        "headers" to headers?.let { JsonObject(it.mapValues { (_, value) -> jsonOf(value) }) },
        "format" to format?.let(::jsonOf),
        "field" to field?.let(::jsonOf),
    )

    /** Leaves out the headers, which can be credentials. */
    override fun toString(): String = "TokenUrl(url=$url, format=$format, field=$field)"
}
