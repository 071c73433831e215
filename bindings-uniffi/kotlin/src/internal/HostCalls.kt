package io.github.workloadidentity.internal

import io.github.workloadidentity.FailureKind
import io.github.workloadidentity.TransportFailure
import kotlinx.coroutines.runInterruptible
import kotlinx.serialization.json.JsonObject
import java.time.Duration

/** Calls a function that the core asks a host for by name, all but `assertion` (`docs/protocol.md`, section 4). */
internal suspend fun hostCall(name: String, payload: JsonObject, variables: Map<String, String>?, limit: Duration): ByteArray =
    when (name) {
        "environment" -> {
            val variable = payload.text("variable")!!
            val value = if (variables == null) System.getenv(variable) else variables[variable]
            value?.toByteArray() ?: throw TransportFailure(FailureKind.NOT_FOUND, "the variable $variable is not set")
        }
        "execute" -> {
            val environment = payload["environment"] as JsonObject
            val own = environment.keys.associateWith { environment.text(it)!! }
            // An interrupt ends the program, when the caller is cancelled.
            runInterruptible { execute(payload.texts("command"), own, payload.long("max_bytes")!!.toInt(), limit) }
        }
        else -> throw TransportFailure(FailureKind.UNSUPPORTED, "this version has no host function `${name.take(50)}`")
    }
