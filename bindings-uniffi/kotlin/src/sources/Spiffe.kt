package io.github.workloadidentity

import io.github.workloadidentity.internal.jsonOf
import io.github.workloadidentity.internal.objectOf
import kotlinx.serialization.json.JsonObject

/**
 * A JWT-SVID of SPIFFE. This package has no gRPC client, so the Workload API itself is `source_unsupported`. With [spireAgent] the
 * command `spire-agent api fetch jwt` gives the same token, and [TokenFile] reads those of spiffe-helper.
 */
public data class Spiffe @JvmOverloads constructor(
    /** `unix:///path` or `tcp://address:port`; `SPIFFE_ENDPOINT_SOCKET` of the environment if absent. */
    val socket: String? = null,
    /** The SPIFFE ID to ask for, if the workload has several. */
    val spiffeId: String? = null,
    /** The hint of the SVID to use, if the agent gives several. */
    val hint: String? = null,
    /** The audience that the cloud's token exchange expects, if absent. */
    val audience: String? = null,
    /** Path of the program `spire-agent`. */
    val spireAgent: String? = null,
) : TokenSource() {
    override fun describe(): JsonObject = objectOf(
        "kind" to jsonOf("spiffe"),
        "socket" to socket?.let(::jsonOf),
        "spiffe_id" to spiffeId?.let(::jsonOf),
        "hint" to hint?.let(::jsonOf),
        "audience" to audience?.let(::jsonOf),
        "spire_agent" to spireAgent?.let(::jsonOf),
    )

    override val variables: List<String> get() = listOf("SPIFFE_ENDPOINT_SOCKET")
}
