package io.github.workloadidentity

import io.github.workloadidentity.internal.jsonOf
import io.github.workloadidentity.internal.objectOf
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive

/**
 * The token of a developer identity of Amazon Cognito (`GetOpenIdTokenForDeveloperIdentity`). Its audience is the id of the identity
 * pool, and its subject the id of the identity.
 */
public data class AwsCognito @JvmOverloads constructor(
    /** The start of the id is the region. */
    val identityPoolId: String,
    /** Name of the pool's developer provider, and the workload's name there. */
    val logins: Map<String, String>,
    /** An existing identity; that of the login if absent, which Cognito makes on first use. */
    val identityId: String? = null,
    /** Life of the token, from 1 to 86400; 900 if absent. */
    val durationSeconds: Int? = null,
    /** As for [AwsWebIdentity]. */
    val credentials: AwsCredentials? = null,
) : TokenSource() {
    override fun describe(): JsonObject = objectOf(
        "kind" to jsonOf("aws_cognito"),
        "identity_pool_id" to jsonOf(identityPoolId),
        "logins" to JsonObject(logins.mapValues { (_, value) -> jsonOf(value) }),
        "identity_id" to identityId?.let(::jsonOf),
        "duration_seconds" to durationSeconds?.let { JsonPrimitive(it) },
        "credentials" to credentials?.describe(),
    )

    override val variables: List<String> get() = AWS_VARIABLES
}

/**
 * The token file of IAM roles for service accounts of Amazon EKS. Its audience is `sts.amazonaws.com`. For another one the pod needs
 * a second projected volume ([TokenFile]), or [AwsWebIdentity].
 */
public data class AwsIrsa @JvmOverloads constructor(
    /** `AWS_WEB_IDENTITY_TOKEN_FILE` of the environment if absent. */
    val path: String? = null,
) : TokenSource() {
    override fun describe(): JsonObject = objectOf("kind" to jsonOf("aws_irsa"), "path" to path?.let(::jsonOf))

    override val variables: List<String> get() = listOf("AWS_WEB_IDENTITY_TOKEN_FILE")
}
