package io.github.workloadidentity

import io.github.workloadidentity.internal.HttpExchange
import io.github.workloadidentity.internal.SocketRequest
import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpClient.Redirect
import java.net.http.HttpClient.Version
import java.net.http.HttpRequest.BodyPublishers
import java.net.http.HttpResponse.BodySubscriber
import java.nio.ByteBuffer
import java.util.concurrent.CompletableFuture
import java.util.concurrent.CompletionStage
import java.util.concurrent.Flow

/**
 * The default transport: the HTTP client of the JDK, with its proxy selector and its certificates.
 *
 * ```kotlin
 * HttpClientTransport(HttpClient.newBuilder().sslContext(ours).build())
 * ```
 *
 * Requests with [ConnectionOptions] are sent over sockets of this package, with the certificates and proxies of the client.
 *
 * A client that follows redirects would send credentials on, so `client` must have `Redirect.NEVER`, the JDK's default.
 */
public class HttpClientTransport @JvmOverloads constructor(private val client: HttpClient = shared) : Transport {
    init {
        require(client.followRedirects() == Redirect.NEVER) { "the client must not follow redirects" }
    }

    override val connections: Boolean get() = true

    override fun send(request: HttpRequest): CompletionStage<HttpResponse> {
        request.connection?.let { return SocketRequest(request, it, client).send() }
        val body = if (request.body.isEmpty() && request.method in setOf("GET", "DELETE")) BodyPublishers.noBody() else BodyPublishers.ofByteArray(request.body)
        val builder = java.net.http.HttpRequest.newBuilder(URI(request.url))
            .version(Version.HTTP_1_1)
            .timeout(request.timeout)
            .method(request.method, body)
            .header("user-agent", HttpExchange.USER_AGENT)
        request.headers.forEach { (name, value) -> builder.header(name, value) }
        val exchange = client.sendAsync(builder.build()) { BoundedBody(request.maxBytes) }
        val answer = exchange.thenApply { response ->
            val headers = response.headers().map().flatMap { (name, values) -> values.map { name to it } }
            HttpResponse(response.statusCode(), headers, response.body())
        }
        // Only the future of `sendAsync` itself ends the exchange when it is cancelled.
        answer.whenComplete { _, _ -> if (answer.isCancelled) exchange.cancel(true) }
        return answer
    }

    private companion object {
        /** One for the process: a client has threads and connections, and JDK 17 cannot close it. */
        val shared: HttpClient by lazy { HttpClient.newBuilder().followRedirects(Redirect.NEVER).build() }
    }
}

/** Collects a body up to one byte more than `limit`, so that the core detects a longer one, and then stops reading. */
private class BoundedBody(limit: Int) : BodySubscriber<ByteArray> {
    private val most = limit + 1
    private val chunks = java.io.ByteArrayOutputStream()
    private val result = CompletableFuture<ByteArray>()
    private lateinit var subscription: Flow.Subscription

    override fun getBody(): CompletionStage<ByteArray> = result

    override fun onSubscribe(subscription: Flow.Subscription) {
        this.subscription = subscription
        subscription.request(Long.MAX_VALUE)
    }

    override fun onNext(buffers: List<ByteBuffer>) {
        for (buffer in buffers) {
            val part = ByteArray(minOf(buffer.remaining(), most - chunks.size()))
            buffer.get(part)
            chunks.write(part)
        }
        if (chunks.size() >= most) {
            subscription.cancel()
            onComplete()
        }
    }

    override fun onError(failure: Throwable) {
        result.completeExceptionally(failure)
    }

    override fun onComplete() {
        result.complete(chunks.toByteArray())
    }
}
