package io.github.workloadidentity

import io.github.workloadidentity.internal.jsonOf
import io.github.workloadidentity.internal.objectOf
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive

/**
 * A token of AWS for the workload's own role (`sts:GetWebIdentityToken`). The AWS account has to switch outbound web identity
 * federation on (`iam:EnableOutboundWebIdentityFederation`). The token's subject is the ARN of the role.
 */
public data class AwsWebIdentity @JvmOverloads constructor(
    /** The audience that the cloud's token exchange expects, if absent. */
    val audience: String? = null,
    /** That of the environment, of the profile or of the instance, if absent. */
    val region: String? = null,
    /** `RS256`, the default, or `ES384`, which Entra does not accept. */
    val signingAlgorithm: String? = null,
    /** Life of the token, from 60 to 3600; 300 if absent. */
    val durationSeconds: Int? = null,
    /** Up to 50 names and values that become claims. */
    val tags: Map<String, String>? = null,
    /** Those that the AWS SDKs find if absent: environment, pod, shared credentials file, container, instance. */
    val credentials: AwsCredentials? = null,
) : TokenSource() {
    override fun describe(): JsonObject = objectOf(
        "kind" to jsonOf("aws"),
        "audience" to audience?.let(::jsonOf),
        "region" to region?.let(::jsonOf),
        "signing_algorithm" to signingAlgorithm?.let(::jsonOf),
        "duration_seconds" to durationSeconds?.let { JsonPrimitive(it) },
        "tags" to tags?.let { tags -> JsonObject(tags.mapValues { (_, value) -> jsonOf(value) }) },
        "credentials" to credentials?.describe(),
    )

    override val variables: List<String> get() = AWS_VARIABLES
}

/** An access key. `toString` does not show the secret parts. */
public data class AwsCredentials @JvmOverloads constructor(
    val accessKeyId: String,
    val secretAccessKey: String,
    /** Of temporary credentials. */
    val sessionToken: String? = null,
) {
    internal fun describe(): JsonObject = objectOf(
        "access_key_id" to jsonOf(accessKeyId),
        "secret_access_key" to jsonOf(secretAccessKey),
        "session_token" to sessionToken?.let(::jsonOf),
    )

    override fun toString(): String = "AwsCredentials(accessKeyId=$accessKeyId)"
}

/** The variables by which the AWS SDKs find region, credentials and endpoints. */
internal val AWS_VARIABLES = listOf(
    "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_CREDENTIAL_EXPIRATION",
    "AWS_REGION", "AWS_DEFAULT_REGION",
    "AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_SESSION_NAME",
    "AWS_PROFILE", "AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE", "HOME", "USERPROFILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    "AWS_EC2_METADATA_DISABLED", "AWS_EC2_METADATA_SERVICE_ENDPOINT", "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
    "AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL_COGNITO_IDENTITY", "AWS_ENDPOINT_URL", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT",
)
