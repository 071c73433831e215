package io.github.workloadidentity

import io.github.workloadidentity.internal.jsonOf
import io.github.workloadidentity.internal.objectOf
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive

/**
 * The identity token of a service account that the workload may act as (`generateIdToken`). The workload's own account needs
 * `roles/iam.serviceAccountOpenIdTokenCreator` on it.
 */
public data class GoogleServiceAccount @JvmOverloads constructor(
    /** Email address or unique id. */
    val serviceAccount: String,
    /** The audience that the cloud's token exchange expects, if absent. */
    val audience: String? = null,
    /** Service accounts in between, each of which may act as the next one. */
    val delegates: List<String>? = null,
    /** Adds the claims `email` and `email_verified`. */
    val includeEmail: Boolean? = null,
    /** Address of the API, for emulators. */
    val endpoint: String? = null,
) : TokenSource() {
    override fun describe(): JsonObject = objectOf(
        "kind" to jsonOf("google_service_account"),
        "service_account" to jsonOf(serviceAccount),
        "audience" to audience?.let(::jsonOf),
        "delegates" to delegates?.let(::jsonOf),
        "include_email" to includeEmail?.let { JsonPrimitive(it) },
        "endpoint" to endpoint?.let(::jsonOf),
    )

    override val variables: List<String> get() = GOOGLE_METADATA_VARIABLES
}
