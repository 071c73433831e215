package io.github.workloadidentity.tests

import io.github.workloadidentity.TokenException
import io.github.workloadidentity.WorkloadIdentityException
import io.github.workloadidentity.ffi.NativeException
import io.github.workloadidentity.ffi.Verifier
import io.github.workloadidentity.ffi.verifySignature
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.jsonPrimitive
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.io.File
import java.util.Base64

/** `tests/vectors/attacks.md`: the package accepts and refuses as the corpus says. */
class AttackTest {
    private val corpus = parsed(File(Emulator.root, "tests/vectors/attacks.json").readText())
    private val keys = corpus["keys"] as JsonObject
    private val corpusNow = corpus["now"]!!.jsonPrimitive.content.toLong()

    @Test
    fun `every case of the corpus`() {
        val cases = (corpus["cases"] as JsonArray).map { it as JsonObject }
        val failures = cases.mapNotNull { case ->
            val expected = case.text("expected")
            val found = runCatching { resultOf(case) }.getOrElse { it.toString() }
            "${case.text("name")}: expected $expected, got $found".takeIf { found != expected }
        }
        assertTrue(cases.size > 1000)
        assertEquals("", failures.joinToString("\n"))
    }

    private fun resultOf(case: JsonObject): String {
        val machine = try {
            InternalCalls.verifier(direct(configurationOf(case)))
        } catch (rejected: NativeException) {
            return parsed(rejected.message!!).text("code")
        }
        val token = pieces(case["token"] ?: return "accepted")
        machine.use {
            machine.reseed(direct(ByteArray(32)))
            val host = CorpusHost(case, keys)
            for (earlier in (case["earlier"] as? JsonArray).orEmpty().map { it as JsonObject }) {
                assertEquals(earlier.text("expected"), check(machine, pieces(earlier["token"]!!), nowOf(earlier), host))
            }
            val found = check(machine, token, nowOf(case), host)
            (case["fetched"] as? JsonArray)?.let { wanted -> assertEquals(wanted.map { it.jsonPrimitive.content }, host.fetched) }
            return found
        }
    }

    private fun nowOf(case: JsonObject) = case["now"]?.jsonPrimitive?.content?.toLong() ?: corpusNow

    /** The code of the error, by the function that `TokenVerifier` calls, and by the steps if keys must be fetched. */
    private fun check(machine: Verifier, token: String, now: Long, host: CorpusHost): String {
        if (host.verifiesSignatures) return host.drive(machine, token, now)
        try {
            if (InternalCalls.check(machine, token, now) != null) return "accepted"
        } catch (refused: WorkloadIdentityException) {
            assertEquals(refused is TokenException, refused.stackTrace.isEmpty())
            noPartOf(refused.message, token)
            return refused.code.toString()
        }
        return host.drive(machine, token, now)
    }

    private fun configurationOf(case: JsonObject): String {
        val policy = (corpus["policies"] as JsonObject)[case.text("policy")] as JsonObject
        val issuers = (policy["issuers"] as? JsonArray)?.mapIndexed { place, issuer ->
            val members = (issuer as JsonObject).toMutableMap()
            if (place == 0) {
                case["keys"]?.let { members["keys"] = it }
                merge(members, case["issuer"] as? JsonObject)
            }
            val document = (members.remove("keys") as? JsonPrimitive)?.takeIf { it.isString }?.let { document(keys, it.content) }
                ?: (issuer["keys"] ?: case["keys"]).takeIf { it != null && it !is JsonPrimitive && it !is JsonNull }?.toString()
            val text = JsonObject(members).toString()
            if (document == null) text else text.dropLast(1) + (if (members.isEmpty()) "" else ",") + "\"keys\":$document}"
        }
        val rest = policy.filterKeys { it != "issuers" }.toMutableMap()
        val options = (case["options"] as? JsonObject).orEmpty().toMutableMap()
        val replaced = options.remove("issuers")
        merge(rest, JsonObject(options))
        val members = rest.map { (name, value) -> "\"$name\":$value" }.toMutableList()
        if (replaced != null && replaced !is JsonNull) members += "\"issuers\":$replaced"
        if (replaced == null && issuers != null) members += "\"issuers\":[${issuers.joinToString(",")}]"
        return "{${members.joinToString(",")}}"
    }

    private fun merge(into: MutableMap<String, JsonElement>, members: JsonObject?) {
        for ((name, value) in members.orEmpty()) if (value is JsonNull) into.remove(name) else into[name] = value
    }

    private fun noPartOf(message: String, token: String) {
        assertTrue(message.toByteArray().size <= 512)
        for (at in 0..message.length - 9) assertFalse(message.substring(at, at + 9) in token, message)
    }
}

private fun JsonObject.text(name: String): String = this[name]!!.jsonPrimitive.content

/** A text of the corpus: one string, or pieces of which some repeat. */
private fun pieces(value: JsonElement): String =
    if (value is JsonPrimitive) {
        value.content
    } else {
        (value as JsonArray).joinToString("") { piece ->
            val repeat = (piece as? JsonObject)?.get("repeat") as? JsonArray
            repeat?.let { it[0].jsonPrimitive.content.repeat(it[1].jsonPrimitive.content.toInt()) } ?: piece.jsonPrimitive.content
        }
    }

private fun document(keys: JsonObject, name: String): String {
    val named = keys[name] as JsonObject
    return named["text"]?.let(::pieces) ?: named.toString()
}

/** Answers effects as a case says, and remembers the addresses that were fetched. */
private class CorpusHost(private val case: JsonObject, private val keys: JsonObject) {
    val fetched = ArrayList<String>()
    val verifiesSignatures = case["verify"] != null

    fun drive(machine: Verifier, token: String, start: Long): String {
        var now = start
        val ticket = machine.begin(direct(JsonObject(mapOf("token" to JsonPrimitive(token))).toString()))
        try {
            while (true) {
                val step = parsed(machine.poll(ticket, now))
                when (step.text("step")) {
                    "done" -> return "accepted"
                    "fail" -> return (step["error"] as JsonObject).text("code")
                }
                val effect = step["effect"] as JsonObject
                if (effect.text("kind") == "sleep") now = maxOf(now, effect.text("until").toLong())
                val (kind, status, head, body) = answer(effect)
                machine.resolve(effect.text("id").toULong(), kind, status.toUInt(), direct(head), direct(body), now)
            }
        } finally {
            machine.end(ticket)
        }
    }

    private data class Answer(val kind: String, val status: Int = 0, val head: String = "", val body: String = "")

    private fun answer(effect: JsonObject): Answer =
        when (effect.text("kind")) {
            "sleep" -> Answer("elapsed")
            "verify" -> verified(effect)
            else -> fetched(effect.text("url"))
        }

    private fun verified(effect: JsonObject): Answer {
        val wanted = case["verify"]?.jsonPrimitive?.content
        if (wanted == "failed") return Answer("failed", head = "other")
        val decoder = Base64.getUrlDecoder()
        val isGood = wanted?.let { it == "good" } ?: verifySignature(
            direct(effect["key"].toString()),
            effect.text("algorithm"),
            direct(decoder.decode(effect.text("input"))),
            direct(decoder.decode(effect.text("signature"))),
        )
        return Answer("verified", if (isGood) 1 else 0)
    }

    private fun fetched(url: String): Answer {
        val answers = case["fetch"] as? JsonArray ?: error("nothing may be fetched")
        val answer = answers[minOf(fetched.size, answers.size - 1)] as JsonObject
        fetched += url
        answer["failed"]?.let { return Answer("failed", head = it.jsonPrimitive.content) }
        val body = answer["keys"]?.let { document(keys, it.jsonPrimitive.content) } ?: pieces(answer["body"]!!)
        return Answer("http", answer.text("status").toInt(), answer["head"]?.jsonPrimitive?.content.orEmpty(), body)
    }
}
