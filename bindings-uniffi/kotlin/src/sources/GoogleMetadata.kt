package io.github.workloadidentity

import io.github.workloadidentity.internal.jsonOf
import io.github.workloadidentity.internal.objectOf
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive

/** The identity token that Google Cloud's metadata server gives to Compute Engine, GKE, Cloud Run and App Engine. */
public data class GoogleMetadata @JvmOverloads constructor(
    /** Email address of one of the workload's service accounts; the default one if absent. */
    val serviceAccount: String? = null,
    /** The audience that the cloud's token exchange expects, if absent. */
    val audience: String? = null,
    /** `full`, the default, adds claims about the virtual machine; `standard` does not. */
    val format: String? = null,
    /** Adds the licences of the virtual machine's images. */
    val licenses: Boolean? = null,
) : TokenSource() {
    override fun describe(): JsonObject = objectOf(
        "kind" to jsonOf("google_metadata"),
        "service_account" to serviceAccount?.let(::jsonOf),
        "audience" to audience?.let(::jsonOf),
        "format" to format?.let(::jsonOf),
        "licenses" to licenses?.let { JsonPrimitive(it) },
    )

    override val variables: List<String> get() = GOOGLE_METADATA_VARIABLES
}

/** The variables by which Google's libraries find the metadata server. */
internal val GOOGLE_METADATA_VARIABLES =
    listOf("GCE_METADATA_HOST", "GCE_METADATA_ROOT", "GCE_METADATA_IP", "GCE_METADATA_TIMEOUT")
