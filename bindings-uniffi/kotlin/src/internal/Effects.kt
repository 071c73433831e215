package io.github.workloadidentity.internal

import io.github.workloadidentity.AssertionReason
import io.github.workloadidentity.AssertionRequest
import io.github.workloadidentity.Callback
import io.github.workloadidentity.ConnectionOptions
import io.github.workloadidentity.FailureKind
import io.github.workloadidentity.HttpRequest
import io.github.workloadidentity.Signed
import io.github.workloadidentity.TokenProvider
import io.github.workloadidentity.TokenRequest
import io.github.workloadidentity.TokenSource
import io.github.workloadidentity.TokenStore
import io.github.workloadidentity.Transport
import io.github.workloadidentity.TransportFailure
import io.github.workloadidentity.ffi.verifySignature
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.async
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.delay
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.future.await
import kotlinx.coroutines.withTimeoutOrNull
import kotlinx.serialization.json.JsonObject
import java.nio.file.Files
import java.nio.file.Path
import java.time.Duration
import java.time.Instant
import java.util.Base64

/** The outcome of an effect (`docs/protocol.md`, section 5), and the exception behind a failure. */
internal class Outcome(
    val kind: String,
    val body: ByteArray = ByteArray(0),
    val status: Int = 0,
    val head: String = "",
    val cause: Throwable? = null,
)

/** Performs effects with what the application passed. */
internal class Performer(
    private val transport: Transport,
    private val source: TokenSource?,
    private val store: TokenStore?,
    /** Variables in place of those of the process. */
    private val environment: Map<String, String>?,
    /** Its threads may be blocked. */
    private val scope: CoroutineScope,
    /** Gives the access tokens of management. */
    private val credential: TokenProvider? = null,
) {
    /** Performs an effect within its time. A failure becomes an outcome; only the caller's cancellation is thrown. */
    suspend fun perform(effect: JsonObject): Outcome {
        if (effect.text("kind") == "sleep") {
            delay(effect.long("until")!! - System.currentTimeMillis())
            return Outcome("elapsed")
        }
        // In a job of its own, since a callback that ignores its cancellation must not outlast the time that it has.
        val work = scope.async { runCatching { outcomeOf(effect) } }
        return try {
            val limit = effect.long("timeout_ms") ?: DEFAULT_TIMEOUT_MS
            val result = withTimeoutOrNull(limit) { work.await() } ?: return failed(FailureKind.TIMEOUT, "no answer in time", null)
            result.getOrElse { failed(kindOf(it), detailOf(it), it) }
        } catch (cancelled: Exception) {
            currentCoroutineContext().ensureActive()
            failed(FailureKind.CANCELLED, "closed", cancelled)
        } finally {
            work.cancel()
        }
    }

    private suspend fun outcomeOf(effect: JsonObject): Outcome =
        when (effect.text("kind")) {
            "http" -> send(effect)
            "read_file" -> Outcome("file", read(effect.text("path")!!, effect.long("max_bytes")!!.toInt() + 1))
            "ask_host" -> Outcome("answer", askHost(effect))
            "sign" -> Outcome("signed", sign(decoded(effect, "input")))
            "verify" -> Outcome("verified", status = if (verify(effect)) 1 else 0)
            "store" -> store(effect)
            else -> throw CapabilityMissing("this host cannot perform the effect")
        }

    private suspend fun send(effect: JsonObject): Outcome {
        val headers = (effect["headers"] as JsonObject).mapValues { (name, _) -> (effect["headers"] as JsonObject).text(name)!! }
        val request = HttpRequest(
            method = effect.text("method")!!,
            url = effect.text("url")!!,
            headers = headers,
            body = effect.text("body").orEmpty().toByteArray(),
            timeout = Duration.ofMillis(maxOf(effect.long("timeout_ms")!!, 1)),
            maxBytes = effect.long("max_bytes")!!.toInt(),
            connection = connectionOf(effect),
        )
        val response = transport.send(request).await()
        val head = response.headers.joinToString("\n") { (name, value) -> "$name: ${value.replace(LINE_BREAKS, " ")}" }
        return Outcome("http", response.body, response.status, head)
    }

    /** How the server is reached. Fails if the transport would ignore it. */
    private fun connectionOf(effect: JsonObject): ConnectionOptions? {
        val needed = CONNECTION_MEMBERS.filter { it in effect }
        if (needed.isEmpty()) return null
        if (!transport.connections) {
            val name = transport.javaClass.simpleName
            val detail = "$name does not declare `connections`, and this request needs ${needed.joinToString()}; leave the transport out"
            throw TransportFailure(FailureKind.UNSUPPORTED, detail)
        }
        return ConnectionOptions(
            direct = "direct" in needed,
            unixSocket = effect.text("unix_socket"),
            ca = effect.text("ca"),
            serverName = effect.text("server_name"),
            certificateSha1 = effect.text("certificate_sha1"),
        )
    }

    private suspend fun askHost(effect: JsonObject): ByteArray {
        val payload = effect["payload"] as JsonObject
        val name = effect.text("name")!!
        if (name == "assertion") return ask(payload).toByteArray()
        if (name == "access_token") return accessToken(payload).toByteArray()
        return hostCall(name, payload, environment, Duration.ofMillis(effect.long("timeout_ms")!!))
    }

    private suspend fun ask(payload: JsonObject): String {
        val source = source as? Callback ?: throw CapabilityMissing("no callback")
        val request = AssertionRequest(
            audience = payload.text("audience"),
            tenantId = payload.text("tenant_id"),
            clientId = payload.text("client_id"),
            tokenEndpoint = payload.text("token_endpoint"),
            correlationId = payload.text("correlation_id"),
            claims = payload.text("claims"),
            context = payload.text("context"),
            authority = payload.text("authority"),
            clientCapabilities = payload.texts("client_capabilities"),
            fmiPath = payload.text("fmi_path"),
            reason = AssertionReason.valueOf(payload.text("reason")!!.uppercase()),
            attempt = payload.long("attempt")!!.toInt(),
            deadline = payload.long("deadline")?.let(Instant::ofEpochMilli),
        )
        // A function of Java may return null.
        val answer: String? = source.assertion(request)
        return answer ?: throw NullPointerException("the callback returned null")
    }

    private suspend fun accessToken(payload: JsonObject): String {
        val credential = credential ?: throw CapabilityMissing("no credential")
        val request = TokenRequest(payload.texts("scopes"), payload.text("claims"), payload.text("tenant_id"))
        val token: String? = credential.getToken(request).await()
        return token ?: throw NullPointerException("the credential returned null")
    }

    private fun sign(input: ByteArray): ByteArray {
        val source = source as? Signed ?: throw CapabilityMissing("no function to sign with")
        val signature: ByteArray? = source.signer.sign(input)
        return signature ?: throw NullPointerException("the signer returned null")
    }

    private fun verify(effect: JsonObject): Boolean =
        native {
            val key = direct(effect["key"].toString().toByteArray())
            verifySignature(key, effect.text("algorithm")!!, direct(decoded(effect, "input")), direct(decoded(effect, "signature")))
        }

    private suspend fun store(effect: JsonObject): Outcome {
        val store = store ?: throw CapabilityMissing("no token store")
        val key = effect.text("key")!!
        if (effect.text("operation") == "save") {
            store.save(key, effect.text("value")!!, Instant.ofEpochMilli(effect.long("until")!!)).await()
            return Outcome("stored")
        }
        val value = store.load(key).await() ?: return Outcome("stored")
        return Outcome("stored", value.toByteArray(), status = 1)
    }

    private fun failed(kind: FailureKind, detail: String, cause: Throwable?) =
        Outcome("failed", detail.toByteArray(), head = kind.wireName, cause = cause)
}

/** The application lacks what an effect needs. */
internal class CapabilityMissing(message: String) : Exception(message)

/** For effects without a time of their own. */
private const val DEFAULT_TIMEOUT_MS = 30_000L

/** The members of an effect `http` that say how the server is reached. */
private val CONNECTION_MEMBERS = listOf("direct", "unix_socket", "ca", "server_name", "certificate_sha1")

private val LINE_BREAKS = Regex("[\r\n]+")

private fun read(path: String, limit: Int): ByteArray = Files.newInputStream(Path.of(path)).use { it.readNBytes(limit) }

private fun decoded(effect: JsonObject, name: String): ByteArray = Base64.getUrlDecoder().decode(effect.text(name)!!)
