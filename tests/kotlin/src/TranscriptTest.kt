package io.github.workloadidentity.tests

import io.github.workloadidentity.ffi.Client
import io.github.workloadidentity.ffi.Engine
import io.github.workloadidentity.ffi.Manager
import io.github.workloadidentity.ffi.NativeException
import io.github.workloadidentity.ffi.Verifier
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.jsonPrimitive
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.DynamicTest
import org.junit.jupiter.api.DynamicTest.dynamicTest
import org.junit.jupiter.api.TestFactory
import java.io.File
import java.nio.ByteBuffer
import java.util.Base64

fun direct(bytes: ByteArray): ByteBuffer = ByteBuffer.allocateDirect(bytes.size).put(bytes).flip()

fun direct(text: String): ByteBuffer = direct(text.toByteArray())

fun parsed(text: String): JsonObject = Json.parseToJsonElement(text) as JsonObject

/** `docs/protocol.md`, sections 7, 8 and 11: the native classes give the same bytes as in every other runtime. */
class TranscriptTest {
    private val files = File(Emulator.root, "tests/vectors/transcripts").listFiles { file -> file.name.endsWith(".json") }!!

    @TestFactory
    fun transcripts(): List<DynamicTest> {
        assertTrue(files.size > 100)
        return files.sorted().map { file -> dynamicTest(file.name) { replay(parsed(file.readText())) } }
    }

    private fun replay(transcript: JsonObject) {
        val config = transcript["config"].toString()
        val calls = (transcript["calls"] as JsonArray).map { Call(it as JsonObject) }
        val machine = transcript["machine"]?.jsonPrimitive?.content
        val engineOf = { if (machine == "shared_cache") Engine.shared(direct(config)) else Engine(direct(config)) }
        if (calls.first().text("call") == "new") {
            val thrown = thrownBy {
                when (machine) {
                    "verifier" -> Verifier(direct(config))
                    "manager" -> Manager(direct(config))
                    else -> engineOf()
                }
            }
            assertEquals(calls.first().json("error").toString(), thrown)
            return
        }
        val seed = transcript["seed"]!!.jsonPrimitive.content.chunked(2).map { it.toInt(16).toByte() }.toByteArray()
        when (machine) {
            "verifier" -> Verifier(direct(config)).use { verifier ->
                verifier.reseed(direct(seed))
                calls.forEachIndexed { at, call -> assertEquals(call.expected, call.of(verifier), "call $at") }
            }
            "manager" -> Manager(direct(config)).use { manager ->
                manager.reseed(direct(seed))
                calls.forEachIndexed { at, call -> assertEquals(call.expected, call.of(manager), "call $at") }
            }
            else -> engineOf().use { engine ->
                engine.reseed(direct(seed))
                val clients = ArrayList<Client>()
                calls.forEachIndexed { at, call -> assertEquals(call.expected, call.of(engine, clients), "call $at") }
            }
        }
    }
}

private fun thrownBy(work: () -> Any?): String? =
    try {
        work()
        null
    } catch (rejected: NativeException) {
        rejected.message
    }

/** One call of a transcript. */
private class Call(private val members: JsonObject) {
    fun text(name: String) = members[name]!!.jsonPrimitive.content

    fun json(name: String): JsonElement? = members[name]

    private fun id(name: String) = text(name).toULong()

    private val now get() = text("now").toLong()
    private val head get() = direct(text("head"))
    private val body get() = members["body_base64"]?.let { direct(Base64.getDecoder().decode(it.jsonPrimitive.content)) } ?: direct(text("body"))
    private val status get() = text("status").toUInt()

    val expected: String?
        get() = when (text("call")) {
            "client" -> (json("client") ?: json("error")).toString()
            "begin" -> text("ticket")
            "poll", "check" -> json("step").toString()
            "resolve", "end" -> text("wake")
            "signature" -> text("signature")
            "jwk" -> json("jwk")?.toString()
            "complete" -> (json("payload") ?: json("error")).toString()
            "snapshot" -> json("snapshot").toString()
            "load" -> json("error")?.toString()
            else -> error("unknown call ${text("call")}")
        }

    fun of(machine: Engine, clients: MutableList<Client>): String? =
        when (text("call")) {
            "client" -> thrownBy { clients += Client(direct(json("config").toString())) } ?: clients.size.toString()
            "begin" -> {
                val request = direct(json("request").toString())
                val client = members["client"]?.let { clients[id("client").toInt() - 1] }
                (client?.let { machine.beginFor(it, request) } ?: machine.begin(request)).toString()
            }
            "poll" -> machine.poll(id("ticket"), now)
            "resolve" -> machine.resolve(id("effect"), text("kind"), status, head, body, now).toString()
            "end" -> machine.end(id("ticket")).toString()
            else -> error("unknown call ${text("call")}")
        }

    fun of(machine: Manager): String? =
        when (text("call")) {
            "begin" -> machine.begin(direct(json("request").toString())).toString()
            "poll" -> machine.poll(id("ticket"), now)
            "resolve" -> machine.resolve(id("effect"), text("kind"), status, head, body, now).toString()
            "end" -> machine.end(id("ticket")).toString()
            else -> error("unknown call ${text("call")}")
        }

    fun of(machine: Verifier): String? =
        when (text("call")) {
            "begin" -> machine.begin(direct(json("request").toString())).toString()
            "poll" -> machine.poll(id("ticket"), now)
            "resolve" -> machine.resolve(id("effect"), text("kind"), status, head, body, now).toString()
            "end" -> machine.end(id("ticket")).toString()
            "check" -> machine.check(direct(text("token")), now)
            "signature" -> Base64.getUrlEncoder().withoutPadding().encodeToString(machine.signature(id("verification")))
            "jwk" -> machine.jwk(id("verification"))
            "complete" -> completed(machine)
            "snapshot" -> machine.snapshot(now)
            "load" -> thrownBy { machine.load(direct(json("snapshot").toString()), now) }
            else -> error("unknown call ${text("call")}")
        }

    private fun completed(machine: Verifier): String? {
        var payload: String? = null
        return thrownBy { payload = machine.complete(id("verification"), text("result")) } ?: payload
    }
}
