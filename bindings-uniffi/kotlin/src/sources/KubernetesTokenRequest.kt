package io.github.workloadidentity

import io.github.workloadidentity.internal.jsonOf
import io.github.workloadidentity.internal.objectOf
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive

/**
 * A token of a service account, by Kubernetes' TokenRequest API: of the pod's own cluster, or of a kubeconfig file. The credential
 * needs the verb `create` on `serviceaccounts/token`.
 */
public data class KubernetesTokenRequest @JvmOverloads constructor(
    /** The name of the service account; that of the credential itself if absent. */
    val serviceAccount: String? = null,
    /** Its namespace; that of the pod, or of the kubeconfig's context, if absent. */
    val namespace: String? = null,
    /** The audience that the cloud's token exchange expects, if absent. */
    val audience: String? = null,
    /** Life of the token, at least 600. */
    val expirationSeconds: Int? = null,
    /** The object whose deletion ends the token, such as a pod. */
    val boundObject: BoundObject? = null,
    /** Path of a kubeconfig file with a token; `KUBECONFIG` of the environment if absent, outside of a pod. */
    val kubeconfig: String? = null,
    /** Name of one of the file's contexts; the current one if absent. */
    val context: String? = null,
) : TokenSource() {
    /** The object whose deletion ends the token. */
    public data class BoundObject @JvmOverloads constructor(
        val kind: String,
        val name: String,
        val uid: String? = null,
        val apiVersion: String = "v1",
    )

    override fun describe(): JsonObject = objectOf(
        "kind" to jsonOf("kubernetes"),
        "service_account" to serviceAccount?.let(::jsonOf),
        "namespace" to namespace?.let(::jsonOf),
        "audience" to audience?.let(::jsonOf),
        "expiration_seconds" to expirationSeconds?.let { JsonPrimitive(it) },
        "bound_object" to boundObject?.let {
            objectOf(
                "kind" to jsonOf(it.kind),
                "name" to jsonOf(it.name),
                "uid" to it.uid?.let(::jsonOf),
                "api_version" to jsonOf(it.apiVersion),
            )
        },
        "kubeconfig" to kubeconfig?.let(::jsonOf),
        "context" to context?.let(::jsonOf),
    )

    override val variables: List<String>
        get() = listOf("KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT", "KUBECONFIG")
}
