package io.github.workloadidentity.internal

import io.github.workloadidentity.VerifiedToken
import io.github.workloadidentity.ffi.Verifier
import kotlinx.serialization.json.JsonObject
import java.nio.ByteBuffer

/** A verifier whose handle is known, for the calls of [TokenMemory]. */
internal class HandledVerifier(config: ByteBuffer) : Verifier(config) {
    /** Valid while this object is reachable, since it is never destroyed explicitly. */
    val rawHandle: Long get() = handle
}

/** Checks a token with the keys at hand. Returns null if keys must be fetched first. */
internal fun check(verifier: HandledVerifier, token: String, now: Long): VerifiedToken? {
    // Characters beyond Latin-1 become `?`, which no token may have.
    val bytes = token.take(MAX_LENGTH + 1).toByteArray(Charsets.ISO_8859_1)
    val step = parseObject(TokenMemory.check(verifier, bytes, now) ?: verifier.check(direct(bytes), now))
    return when (step.text("step")) {
        "done" -> VerifiedToken(step["value"] as JsonObject)
        "fail" -> throw errorOf(step["error"] as JsonObject)
        else -> null
    }
}

/** Longer tokens are refused for their length, whatever the configuration. */
private const val MAX_LENGTH = 262_144
