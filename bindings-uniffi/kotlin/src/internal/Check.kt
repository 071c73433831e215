package io.github.workloadidentity.internal

import io.github.workloadidentity.VerifiedToken
import io.github.workloadidentity.WorkloadIdentityException
import io.github.workloadidentity.ffi.Verifier
import kotlinx.serialization.json.JsonObject
import java.nio.ByteBuffer

/** Checks a token with the keys at hand. Returns null if keys must be fetched first. */
internal fun check(verifier: Verifier, token: String, now: Long): VerifiedToken? {
    val step = parseObject(verifier.check(bytesOf(token), now))
    return when (step.text("step")) {
        "done" -> VerifiedToken(step["value"] as JsonObject)
        "fail" -> throw refusal(step)
        else -> null
    }
}

private fun refusal(step: JsonObject): WorkloadIdentityException = errorOf(step["error"] as JsonObject)

/** The length of a token unless the configuration allows more. */
private const val USUAL_LENGTH = 16_384

/** Longer tokens are refused for their length, whatever the configuration. */
private const val MAX_LENGTH = 262_144

/** One buffer for each thread, because a direct buffer is expensive to make. */
private val buffers: ThreadLocal<ByteBuffer> = ThreadLocal.withInitial { ByteBuffer.allocateDirect(USUAL_LENGTH) }

/** The token's characters as bytes. Those beyond Latin-1 become `?`, which no token may have. */
private fun bytesOf(token: String): ByteBuffer {
    val bytes = token.take(MAX_LENGTH + 1).toByteArray(Charsets.ISO_8859_1)
    return if (bytes.size > USUAL_LENGTH) direct(bytes) else buffers.get().clear().put(bytes).flip()
}
