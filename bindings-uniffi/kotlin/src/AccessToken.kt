package io.github.workloadidentity

import java.time.Instant

/** An access token. `toString` does not show it. */
public class AccessToken internal constructor(
    /** The token itself, for the header `Authorization`. */
    public val token: String,
    public val expiresOn: Instant,
    /** From when on the token is renewed in the background. */
    public val refreshOn: Instant?,
    /** `Bearer`. */
    public val tokenType: String,
    /** Entra's id of the request that got the token. */
    public val correlationId: String?,
) {
    override fun toString(): String = "AccessToken(token=<redacted>, expiresOn=$expiresOn)"
}
