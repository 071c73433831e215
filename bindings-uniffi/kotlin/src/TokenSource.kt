package io.github.workloadidentity

/** Where the workload's own token comes from. */
public sealed interface TokenSource

/** A projected token file, e.g. of Kubernetes; it is read again when the token in it nears its end. */
public data class TokenFile(val path: String) : TokenSource

/** The token endpoint of a GitHub Actions job; Forgejo has the same. `toString` does not show the request token. */
public data class GitHubActions @JvmOverloads constructor(
    /** `ACTIONS_ID_TOKEN_REQUEST_URL`; that of the environment if absent. */
    val requestUrl: String? = null,
    /** `ACTIONS_ID_TOKEN_REQUEST_TOKEN`; that of the environment if absent. */
    val requestToken: String? = null,
    /** The audience that the cloud's token exchange expects, if absent. */
    val audience: String? = null,
) : TokenSource {
    override fun toString(): String = "GitHubActions(requestUrl=$requestUrl, audience=$audience)"
}

/**
 * A function of the application returns the workload's token, a JWT in compact form. It runs on a thread that it may block.
 *
 * ```kotlin
 * Callback { request -> vault.token(request.audience) }
 * ```
 */
public data class Callback(val assertion: suspend (AssertionRequest) -> String) : TokenSource {
    public companion object {
        /** Makes a source of a function that blocks, for Java. */
        @JvmStatic
        public fun blocking(assertion: AssertionFunction): Callback = Callback { assertion.assertion(it) }
    }
}

/** Returns the workload's token. */
public fun interface AssertionFunction {
    @Throws(Exception::class)
    public fun assertion(request: AssertionRequest): String
}

/** What a [Callback] is told about the token that is wanted. */
public data class AssertionRequest(
    /** The audience that the token exchange expects. */
    val audience: String?,
    val tenantId: String?,
    val clientId: String?,
    val tokenEndpoint: String?,
    /** Id of this attempt, for logs. */
    val correlationId: String?,
    /** The claims challenge of the request that made this necessary. */
    val claims: String?,
    /** The `context` of the request. */
    val context: String?,
)

/**
 * A client assertion (RFC 7523, section 2.2) that this package builds and the application signs.
 *
 * ```kotlin
 * Signed(key = "kms/1", algorithm = "ES256", signer = { input -> kms.sign(input) })
 * ```
 */
public data class Signed @JvmOverloads constructor(
    /** The application's name for the key. */
    val key: String,
    /** `PS256`, `RS256`, `ES256`, `ES384`, `EdDSA` or `Ed25519`. */
    val algorithm: String,
    val signer: Signer,
    /** SHA-256 thumbprint of the certificate, base64url (`x5t#S256`). */
    val certificateThumbprint: String? = null,
    /** Certificate chain, base64 DER, leaf first (`x5c`). */
    val certificateChain: List<String>? = null,
    /** The public key as a JWK in JSON. If it is given, each signature is checked before it is sent. */
    val publicKey: String? = null,
) : TokenSource

/** Signs with a key that this package does not have. It runs on a thread that it may block. */
public fun interface Signer {
    /** Returns the raw signature of `input`, for ECDSA in JOSE's fixed width form. */
    @Throws(Exception::class)
    public fun sign(input: ByteArray): ByteArray
}
