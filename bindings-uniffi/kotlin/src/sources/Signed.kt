package io.github.workloadidentity

import io.github.workloadidentity.internal.json
import io.github.workloadidentity.internal.jsonOf
import io.github.workloadidentity.internal.objectOf
import kotlinx.serialization.json.JsonObject

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
) : TokenSource() {
    override fun describe(): JsonObject =
        objectOf(
            "kind" to jsonOf("signed"),
            "key" to jsonOf(key),
            "algorithm" to jsonOf(algorithm),
            "x5t_s256" to certificateThumbprint?.let(::jsonOf),
            "x5c" to certificateChain?.let(::jsonOf),
            "public_jwk" to publicKey?.let { json(it, "the publicKey of a Signed source is not JSON") },
        )
}

/** Signs with a key that this package does not have. It runs on a thread that it may block. */
public fun interface Signer {
    /** Returns the raw signature of `input`, for ECDSA in JOSE's fixed width form. */
    @Throws(Exception::class)
    public fun sign(input: ByteArray): ByteArray
}
