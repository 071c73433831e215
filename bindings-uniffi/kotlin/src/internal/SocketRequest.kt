package io.github.workloadidentity.internal

import io.github.workloadidentity.ConnectionOptions
import io.github.workloadidentity.FailureKind
import io.github.workloadidentity.HttpRequest
import io.github.workloadidentity.HttpResponse
import io.github.workloadidentity.TransportFailure
import java.io.Closeable
import java.net.InetSocketAddress
import java.net.Proxy
import java.net.ProxySelector
import java.net.Socket
import java.net.StandardProtocolFamily
import java.net.URI
import java.net.UnixDomainSocketAddress
import java.net.http.HttpClient
import java.nio.channels.Channels
import java.nio.channels.SocketChannel
import java.nio.file.Files
import java.nio.file.NoSuchFileException
import java.nio.file.Path
import java.util.concurrent.CompletableFuture
import java.util.concurrent.TimeUnit
import javax.net.ssl.SSLContext
import kotlin.concurrent.thread

/** Sends a request whose options the HTTP client of the JDK cannot follow, over a connection of its own. */
internal class SocketRequest(private val request: HttpRequest, private val options: ConnectionOptions, client: HttpClient) {
    private val url = URI(request.url)
    private val host = url.host.removeSurrounding("[", "]")
    private val port = if (url.port >= 0) url.port else if (url.scheme == "https") 443 else 80
    private val proxies: ProxySelector? = client.proxy().orElseGet { ProxySelector.getDefault() }
    private val usualTls: SSLContext = client.sslContext()
    private var open: Closeable? = null
    private var isEnded = false

    /** Starts the request. Its time limit, and a cancelled future, close the connection, which ends each operation on it. */
    fun send(): CompletableFuture<HttpResponse> {
        val answer = CompletableFuture<HttpResponse>()
        answer.orTimeout(request.timeout.toMillis(), TimeUnit.MILLISECONDS)
        answer.whenComplete { _, _ -> end() }
        thread(isDaemon = true, name = "workload-identity-http") {
            try {
                answer.complete(exchange())
            } catch (failure: Exception) {
                answer.completeExceptionally(failure)
            }
        }
        return answer
    }

    private fun exchange(): HttpResponse {
        val path = options.unixSocket
        if (path != null) {
            if (url.scheme == "https") throw TransportFailure(FailureKind.UNSUPPORTED, "the JVM has no TLS over Unix sockets")
            if (!Files.exists(Path.of(path))) throw NoSuchFileException(path)
            val channel = opened(SocketChannel.open(StandardProtocolFamily.UNIX))
            channel.connect(UnixDomainSocketAddress.of(path))
            return HttpExchange(Channels.newInputStream(channel), Channels.newOutputStream(channel)).send(request)
        }
        val carrier = connected()
        val socket = if (url.scheme == "https") secured(carrier, host, options, usualTls) else carrier
        return HttpExchange(socket.getInputStream(), socket.getOutputStream()).send(request)
    }

    private fun connected(): Socket {
        val proxy = if (options.direct) Proxy.NO_PROXY else proxies?.select(url)?.firstOrNull() ?: Proxy.NO_PROXY
        val isTunnel = proxy.type() == Proxy.Type.HTTP
        val socket = opened(if (isTunnel) Socket(Proxy.NO_PROXY) else Socket(proxy))
        val next = proxy.address() as? InetSocketAddress
        val address = if (isTunnel && next != null) InetSocketAddress(next.hostString, next.port) else InetSocketAddress(host, port)
        socket.tcpNoDelay = true
        socket.connect(address, request.timeout.toMillis().coerceIn(1, Int.MAX_VALUE.toLong()).toInt())
        if (isTunnel) HttpExchange(socket.getInputStream(), socket.getOutputStream()).connect(if (':' in host) "[$host]:$port" else "$host:$port")
        return socket
    }

    private fun <T : Closeable> opened(connection: T): T {
        synchronized(this) {
            open = connection
            if (isEnded) connection.close()
        }
        return connection
    }

    private fun end() {
        synchronized(this) {
            isEnded = true
            open?.close()
        }
    }
}
