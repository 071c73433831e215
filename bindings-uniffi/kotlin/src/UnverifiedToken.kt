package io.github.workloadidentity

import io.github.workloadidentity.internal.parseObject
import io.github.workloadidentity.internal.plain
import kotlinx.serialization.json.JsonObject
import java.nio.ByteBuffer
import java.util.Base64

/** What a token that was not verified contains. Anybody could have written it: nothing here may decide anything. */
public class UnverifiedToken internal constructor(
    public val unverifiedHeader: Map<String, Any?>,
    public val unverifiedClaims: Map<String, Any?>,
) {
    override fun toString(): String = "UnverifiedToken"

    public companion object {
        private const val MAX_LENGTH = 262_144

        /**
         * Reads header and claims of a token for logs and diagnosis.
         *
         * @throws TokenException the text is not a signed JWT in compact form
         */
        @JvmStatic
        public fun peek(token: String): UnverifiedToken {
            val text: String? = token
            val parts = text?.takeIf { it.length <= MAX_LENGTH }?.split('.').orEmpty()
            if (parts.size != 3) throw malformed()
            return UnverifiedToken(decoded(parts[0]), decoded(parts[1]))
        }

        @Suppress("UNCHECKED_CAST")
        private fun decoded(part: String): Map<String, Any?> =
            try {
                val bytes = Base64.getUrlDecoder().decode(part)
                val text = Charsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString()
                val value: JsonObject = parseObject(text)
                plain(value) as Map<String, Any?>
            } catch (invalid: Exception) {
                throw malformed()
            }

        private fun malformed() = TokenException(ErrorDetails(ErrorCode.MALFORMED, "the token is not a JWT in compact form"), null)
    }
}
