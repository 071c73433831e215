package io.github.workloadidentity

import io.github.workloadidentity.internal.jsonOf
import io.github.workloadidentity.internal.objectOf
import kotlinx.serialization.json.JsonObject

/**
 * The ID token of an Azure Pipelines job for a service connection. The step maps the job's token:
 * `env: SYSTEM_ACCESSTOKEN: $(System.AccessToken)`. `toString` does not show that token.
 */
public data class AzurePipelines @JvmOverloads constructor(
    /** `resourceId` in the URL of the connection's page; `AZURESUBSCRIPTION_SERVICE_CONNECTION_ID` if absent. */
    val serviceConnectionId: String? = null,
    /** `SYSTEM_ACCESSTOKEN` of the environment if absent. */
    val accessToken: String? = null,
    /** `SYSTEM_OIDCREQUESTURI` of the environment if absent. */
    val requestUri: String? = null,
) : TokenSource() {
    override val variables: List<String>
        get() = listOf(
            "SYSTEM_OIDCREQUESTURI",
            "SYSTEM_ACCESSTOKEN",
            "AZURESUBSCRIPTION_SERVICE_CONNECTION_ID",
        )

    override fun describe(): JsonObject =
        objectOf(
            "kind" to jsonOf("azure_pipelines"),
            "service_connection_id" to serviceConnectionId?.let(::jsonOf),
            "access_token" to accessToken?.let(::jsonOf),
            "request_uri" to requestUri?.let(::jsonOf),
        )

    override fun toString(): String =
        "AzurePipelines(serviceConnectionId=$serviceConnectionId, requestUri=$requestUri)"
}
