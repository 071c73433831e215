package io.github.workloadidentity.internal

import io.github.workloadidentity.Preflight
import io.github.workloadidentity.ffi.SourcePreflight
import io.github.workloadidentity.preflightOf
import kotlinx.serialization.json.JsonObject

/** Asks the source of a configuration for its token, without an exchange (`docs/protocol.md`, section 10). */
internal suspend fun examine(config: ByteArray, performer: Performer): Preflight =
    native { SourcePreflight(direct(config), seed()) }.use { machine ->
        var cause: Throwable? = null
        while (true) {
            val effect: JsonObject = native { machine.effect(now()) }.takeIf { it.isNotEmpty() }?.let(::parseObject) ?: break
            val outcome = performer.perform(effect)
            cause = outcome.cause
            val head = direct(outcome.head.toByteArray())
            native { machine.answer(outcome.kind, outcome.status.toUInt(), head, direct(outcome.body), now()) }
        }
        preflightOf(parseObject(native(cause) { machine.report() }))
    }
