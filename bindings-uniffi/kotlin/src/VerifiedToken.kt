package io.github.workloadidentity

import io.github.workloadidentity.internal.long
import io.github.workloadidentity.internal.plain
import io.github.workloadidentity.internal.text
import kotlinx.serialization.json.JsonObject
import java.time.Duration
import java.time.Instant

/** A token whose signature and claims have been verified. Only a verifier makes it. `toString` shows no claims. */
public class VerifiedToken internal constructor(private val value: JsonObject) {
    private val json = value["claims"] as JsonObject

    /** All claims as they were signed: texts, `Boolean`, `Long`, `BigDecimal`, lists and maps. */
    @Suppress("UNCHECKED_CAST")
    public val claims: Map<String, Any?> by lazy(LazyThreadSafetyMode.PUBLICATION) { plain(json) as Map<String, Any?> }

    /** `iss`; tokens of SPIFFE may have none. */
    public val issuer: String? get() = json.text("iss")

    public val subject: String? get() = json.text("sub")

    public val audience: List<String>
        get() = when (val audience = claims["aud"]) {
            is String -> listOf(audience)
            is List<*> -> audience.filterIsInstance<String>()
            else -> emptyList()
        }

    /** `exp`. */
    public val expiresOn: Instant? get() = (claims["exp"] as? Number)?.let { Instant.ofEpochSecond(it.toLong()) }

    public val algorithm: String get() = value.text("algorithm").orEmpty()

    /** `kid` of the key that verified the signature. */
    public val keyId: String? get() = value.text("key_id")

    /** Thumbprint of that key (RFC 7638), base64url. */
    public val keyThumbprint: String get() = value.text("key_thumbprint").orEmpty()

    /** Age of the key set; null for keys given directly. */
    public val keySetAge: Duration? get() = value.long("key_set_age")?.let(Duration::ofSeconds)

    /** The rules that were applied: `docs/profiles.md`. */
    public val profile: String get() = value.text("profile").orEmpty()

    /** The roles of the claim `roles`; empty if it is neither a list nor a text. */
    public val roles: List<String> get() = words("roles")

    /** The scopes of the claims `scp` and `scope`. */
    public val scopes: List<String> get() = SCOPE_CLAIMS.flatMap(::words)

    /**
     * Whether an application, not a user, holds this token of an Entra tenant: `idtyp` is `app`, or the token has no `idtyp`,
     * no scopes, and `sub` equals `oid`.
     */
    public val isApp: Boolean
        get() {
            if ("idtyp" in json) return json.text("idtyp") == "app"
            val objectId = json.text("oid")
            return objectId != null && objectId == subject && SCOPE_CLAIMS.none { it in json }
        }

    /** Whether the token has exactly this role. */
    public fun hasRole(role: String): Boolean = role in roles

    /** Whether the token has exactly this scope. */
    public fun hasScope(scope: String): Boolean = scope in scopes

    /** The words of a claim: the texts of a list, or a text separated at blanks. */
    private fun words(claim: String): List<String> =
        when (val value = claims[claim]) {
            is String -> value.split(' ').filter(String::isNotEmpty)
            is List<*> -> value.filterIsInstance<String>()
            else -> emptyList()
        }

    override fun toString(): String = "VerifiedToken(profile=$profile, algorithm=$algorithm)"
}

/** The claims that hold scopes: Entra's `scp`, and `scope` of RFC 8693 and RFC 9068. */
private val SCOPE_CLAIMS = listOf("scp", "scope")

/** The keys of an issuer. */
public data class IssuerKeys(
    /** How many can verify. */
    val keys: Int,
    /** The others, with the reason. */
    val unusable: List<UnusableKey>,
    /** Age of the key set; null for keys given directly. */
    val keySetAge: Duration?,
)

/** A key that cannot verify. */
public data class UnusableKey(val keyId: String?, val code: ErrorCode, val message: String)
