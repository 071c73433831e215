package io.github.workloadidentity.tests

import com.sun.net.httpserver.HttpExchange
import com.sun.net.httpserver.HttpServer
import com.sun.net.httpserver.HttpsConfigurator
import com.sun.net.httpserver.HttpsServer
import io.github.workloadidentity.ConnectionOptions
import io.github.workloadidentity.HttpClientTransport
import io.github.workloadidentity.HttpRequest
import io.github.workloadidentity.HttpResponse
import io.github.workloadidentity.Transport
import org.junit.jupiter.api.AfterAll
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.DynamicTest
import org.junit.jupiter.api.DynamicTest.dynamicTest
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestFactory
import org.junit.jupiter.api.TestInstance
import org.junit.jupiter.api.io.TempDir
import java.io.File
import java.net.InetSocketAddress
import java.net.ProxySelector
import java.net.StandardProtocolFamily
import java.net.UnixDomainSocketAddress
import java.net.http.HttpClient
import java.nio.channels.Channels
import java.nio.channels.ServerSocketChannel
import java.nio.file.Files
import java.nio.file.NoSuchFileException
import java.nio.file.Path
import java.security.KeyStore
import java.security.MessageDigest
import java.time.Duration
import java.util.Base64
import java.util.concurrent.CancellationException
import java.util.concurrent.CompletableFuture
import java.util.concurrent.CompletionStage
import java.util.concurrent.ExecutionException
import java.util.concurrent.TimeUnit
import java.util.concurrent.TimeoutException
import java.util.concurrent.atomic.AtomicInteger
import javax.net.ssl.KeyManagerFactory
import javax.net.ssl.SSLContext
import javax.net.ssl.SSLException
import kotlin.concurrent.thread

/** A certificate that signs itself, and its key. */
private class Certificate(name: String) {
    private val file = Files.createTempDirectory("keys").resolve("store.p12")
    private val store: KeyStore
    val pem: String
    val sha1: String

    init {
        val keytool = File(System.getProperty("java.home"), "bin/keytool").path
        val command = "-genkeypair -alias a -keyalg EC -dname CN=$name -ext san=dns:$name -storetype PKCS12 -storepass secret -keystore $file"
        val process = ProcessBuilder(listOf(keytool) + command.split(' ')).redirectErrorStream(true).start()
        assertEquals(0, process.waitFor(), process.inputStream.reader().readText())
        store = KeyStore.getInstance(file.toFile(), "secret".toCharArray())
        val der = store.getCertificate("a").encoded
        pem = "-----BEGIN CERTIFICATE-----\n${Base64.getMimeEncoder().encodeToString(der)}\n-----END CERTIFICATE-----\n"
        sha1 = MessageDigest.getInstance("SHA-1").digest(der).joinToString("") { "%02x".format(it) }
        file.toFile().delete()
    }

    fun context(): SSLContext {
        val keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm()).apply { init(store, "secret".toCharArray()) }
        return SSLContext.getInstance("TLS").apply { init(keys.keyManagers, null, null) }
    }
}

/** A server on a Unix socket that answers each connection with the same text, or never. It keeps the requests. */
private class UnixServer(val path: Path, answer: String?) : AutoCloseable {
    private val server = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(path))
    val requests = java.util.concurrent.CopyOnWriteArrayList<String>()
    val ended = CompletableFuture<Unit>()

    init {
        thread(isDaemon = true) {
            runCatching {
                while (true) {
                    val connection = server.accept()
                    val buffer = ByteArray(65536)
                    val input = Channels.newInputStream(connection)
                    if (answer == null) {
                        // The client can end the connection before it has sent a request.
                        requests += ""
                        input.readAllBytes()
                        ended.complete(Unit)
                        continue
                    }
                    var text = ""
                    while ("\r\n\r\n" !in text || ("content-length: 4" in text && !text.endsWith("sent"))) text += String(buffer, 0, input.read(buffer))
                    requests += text
                    Channels.newOutputStream(connection).write(answer.toByteArray())
                    connection.close()
                }
            }
        }
    }

    override fun close() = server.close()
}

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ConnectionTest {
    private val certificate = Certificate("cluster.example")
    private val transport = HttpClientTransport()
    private val tls = HttpsServer.create(InetSocketAddress("127.0.0.1", 0), 0).apply {
        httpsConfigurator = HttpsConfigurator(certificate.context())
        createContext("/", ::echo)
        start()
    }
    private val plain = HttpServer.create(InetSocketAddress("127.0.0.1", 0), 0).apply {
        createContext("/", ::echo)
        start()
    }
    private val secure = "https://127.0.0.1:${tls.address.port}/"

    @AfterAll
    fun stop() {
        tls.stop(0)
        plain.stop(0)
    }

    private fun echo(exchange: HttpExchange) {
        val text = "${exchange.requestMethod} ${exchange.requestURI} ${String(exchange.requestBody.readAllBytes())}"
        val long = exchange.requestURI.path == "/long"
        val body = (if (long) "x".repeat(100_000) else text).toByteArray()
        // 0: chunks of any number.
        exchange.sendResponseHeaders(200, if (long) 0 else body.size.toLong())
        runCatching { exchange.responseBody.use { it.write(body) } }
    }

    private fun options(
        direct: Boolean = false,
        socket: Path? = null,
        ca: String? = null,
        name: String? = null,
        sha1: String? = null,
    ): ConnectionOptions = InternalCalls.options(direct, socket?.toString(), ca, name, sha1)

    private fun request(url: String, options: ConnectionOptions?, method: String = "GET", millis: Long = 30_000): HttpRequest =
        InternalCalls.request(method, url, if (method == "GET") ByteArray(0) else "sent".toByteArray(), Duration.ofMillis(millis), options)

    private fun send(request: HttpRequest, transport: Transport = this.transport): HttpResponse =
        transport.send(request).toCompletableFuture().get(LONG_TIMEOUT.toSeconds() + 10, TimeUnit.SECONDS)

    private fun failure(request: HttpRequest, transport: Transport = this.transport): Throwable =
        assertThrows(ExecutionException::class.java) { send(request, transport) }.cause!!

    @Test
    fun `a Unix socket`(@TempDir folder: Path) {
        UnixServer(folder.resolve("a.sock"), "HTTP/1.1 103 Early Hints\r\na: b\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 4\r\nx-a: b\r\n\r\ntext").use { server ->
            for (method in listOf("GET", "POST", "PUT")) {
                val response = send(request("http://localhost/token?a=1", options(socket = server.path), method))
                assertEquals(200, response.status)
                assertEquals("text", String(response.body))
                assertTrue("x-a" to "b" in response.headers, "${response.headers}")
                val sent = server.requests.last()
                assertTrue(sent.startsWith("$method /token?a=1 HTTP/1.1\r\n"), sent)
                assertTrue("\r\nhost: localhost\r\n" in sent && "\r\nmetadata: true\r\n" in sent, sent)
                assertEquals(method != "GET", "\r\ncontent-length: 4\r\n" in sent, sent)
            }
        }
        val missing = request("http://localhost/", options(socket = folder.resolve("none.sock")))
        assertTrue(failure(missing) is NoSuchFileException)
    }

    @TestFactory
    fun `bounds and forms of responses`(@TempDir folder: Path): List<DynamicTest> {
        val head = "HTTP/1.1 200 OK\r\n"
        val answers = mapOf(
            "to the end" to "$head\r\n${"x".repeat(5000)}",
            "chunks" to "${head}transfer-encoding: chunked\r\n\r\nfa0;a=b\r\n${"x".repeat(4000)}\r\n0\r\n\r\n",
            "a length" to "${head}content-length: 5000\r\n\r\n${"x".repeat(5000)}",
        )
        val wrong = mapOf(
            "a length that is too long" to "${head}content-length: 500\r\n\r\nxx",
            "no HTTP" to "hello\r\n\r\n",
            "an endless head" to head + "x-a: ${"b".repeat(70_000)}",
            "a chunk of no size" to "${head}transfer-encoding: chunked\r\n\r\nzz\r\n",
            "nothing" to "",
        )
        var number = 0
        fun <T> served(answer: String, check: (Path) -> T) = UnixServer(folder.resolve("${number++}.sock"), answer).use { check(it.path) }
        return answers.map { (name, answer) ->
            dynamicTest(name) { assertEquals(1001, served(answer) { send(request("http://localhost/", options(socket = it))) }.body.size) }
        } + wrong.map { (name, answer) ->
            dynamicTest(name) { served(answer) { failure(request("http://localhost/", options(socket = it))) } }
        }
    }

    @Test
    fun `a Unix socket that never answers`(@TempDir folder: Path) {
        UnixServer(folder.resolve("silent.sock"), null).use { server ->
            val begun = System.nanoTime()
            assertTrue(failure(request("http://localhost/", options(socket = server.path), millis = 300)) is TimeoutException)
            assertTrue(System.nanoTime() - begun < LONG_TIMEOUT.toNanos())
            server.ended.get(LONG_TIMEOUT.toSeconds(), TimeUnit.SECONDS)
        }
        UnixServer(folder.resolve("cancelled.sock"), null).use { server ->
            val pending = transport.send(request("http://localhost/", options(socket = server.path), millis = 120_000)).toCompletableFuture()
            while (server.requests.isEmpty()) Thread.sleep(5)
            pending.cancel(true)
            assertThrows(CancellationException::class.java) { pending.join() }
            server.ended.get(LONG_TIMEOUT.toSeconds(), TimeUnit.SECONDS)
        }
    }

    @Test
    fun `authority, name and pin`() {
        val other = Certificate("cluster.example")
        val good = listOf(
            options(ca = certificate.pem, name = "cluster.example"),
            options(ca = "# a comment\n" + other.pem + certificate.pem, name = "cluster.example"),
            options(sha1 = certificate.sha1),
            options(sha1 = certificate.sha1.uppercase(), name = "other.example"),
        )
        for (options in good) assertEquals("PUT / sent", String(send(request(secure, options, "PUT")).body))
        val wrong = listOf(
            options(ca = certificate.pem),
            options(ca = certificate.pem, name = "other.example"),
            options(ca = other.pem, name = "cluster.example"),
            options(name = "cluster.example"),
            // The chain is good, and does not help.
            options(ca = certificate.pem, name = "cluster.example", sha1 = other.sha1),
        )
        for (options in wrong) assertTrue(failure(request(secure, options)) is SSLException)
        assertThrows(ExecutionException::class.java) { send(request(secure, options(ca = "no certificate", name = "cluster.example"))) }
    }

    @Test
    fun `direct requests use no proxy`() {
        val asked = AtomicInteger()
        val proxy = HttpServer.create(InetSocketAddress("127.0.0.1", 0), 0)
        proxy.createContext("/") { exchange ->
            asked.incrementAndGet()
            exchange.sendResponseHeaders(502, -1)
        }
        proxy.start()
        try {
            val proxied = HttpClientTransport(HttpClient.newBuilder().proxy(ProxySelector.of(proxy.address)).build())
            val url = "http://127.0.0.1:${plain.address.port}/"
            assertEquals("GET / ", String(send(request(url, options(direct = true)), proxied).body))
            assertEquals(1001, send(request("${url}long", options(direct = true)), proxied).body.size)
            assertEquals(0, asked.get())
            assertEquals(502, send(request(url, null), proxied).status)
            assertEquals(1, asked.get())
        } finally {
            proxy.stop(0)
        }
    }

    @Test
    fun `a transport that does not declare that it follows the options gets no such request`() {
        val old = Endpoint()
        for (member in listOf(""""direct":true""", """"unix_socket":"/run/a"""", """"ca":"pem"""", """"server_name":"a.example"""", """"certificate_sha1":"00"""")) {
            val effect = """{"kind":"http","method":"GET","url":"https://127.0.0.1/","headers":{},"body":"","timeout_ms":1000,"max_bytes":1000,$member}"""
            val (kind, word, detail) = InternalCalls.perform(old, effect)
            assertEquals("failed unsupported", "$kind $word")
            assertTrue(member.substringAfter('"').substringBefore('"') in detail && "Endpoint" in detail, detail)
            val given = CompletableFuture<ConnectionOptions?>()
            val new = object : Transport {
                override val connections get() = true

                override fun send(request: HttpRequest): CompletionStage<HttpResponse> {
                    given.complete(request.connection)
                    return CompletableFuture.completedFuture(response("text"))
                }
            }
            assertEquals("http", InternalCalls.perform(new, effect).first())
            assertFalse(given.get() == null)
        }
        assertTrue(old.requests.isEmpty())
    }
}
