package io.github.workloadidentity

import io.github.workloadidentity.internal.jsonOf
import io.github.workloadidentity.internal.objectOf
import kotlinx.serialization.json.JsonObject

/**
 * A token of a user-assigned managed identity, as MSAL.NET's `ManagedIdentityClientAssertion` gives it.
 *
 * The environment shows where it comes from: Service Fabric, App Service (Functions, Container Apps), Azure Machine Learning,
 * Azure Arc or Cloud Shell, and otherwise the metadata service (IMDS) of a virtual machine. Name at most one of the ids. Arc,
 * Cloud Shell and Service Fabric ignore them, so they are refused there.
 */
public data class ManagedIdentity @JvmOverloads constructor(
    /** Client id of the managed identity, not that of the application. */
    val clientId: String? = null,
    /** Object (principal) id of the managed identity. */
    val objectId: String? = null,
    /** Resource id of the managed identity (`/subscriptions/...`). */
    val resourceId: String? = null,
    /** Audience of the token; the exchange audience of the cloud, if absent. */
    val audience: String? = null,
) : TokenSource() {
    override val variables: List<String>
        get() = listOf(
            "IDENTITY_ENDPOINT",
            "IDENTITY_HEADER",
            "IDENTITY_SERVER_THUMBPRINT",
            "IMDS_ENDPOINT",
            "MSI_ENDPOINT",
            "MSI_SECRET",
            "DEFAULT_IDENTITY_CLIENT_ID",
            "AZURE_POD_IDENTITY_AUTHORITY_HOST",
        )

    override fun describe(): JsonObject =
        objectOf(
            "kind" to jsonOf("managed_identity"),
            "client_id" to clientId?.let(::jsonOf),
            "object_id" to objectId?.let(::jsonOf),
            "resource_id" to resourceId?.let(::jsonOf),
            "audience" to audience?.let(::jsonOf),
        )
}
