package io.github.workloadidentity

import java.time.Duration
import java.util.concurrent.CompletionStage

/** Sends HTTP requests. Threads call it concurrently. [HttpClientTransport] is the default. */
public fun interface Transport {
    /**
     * Sends exactly this request. Follows no redirect, and returns a response of any status. Completes with
     * [TransportFailure], or with the exception of the HTTP client, if there is no response.
     */
    public fun send(request: HttpRequest): CompletionStage<HttpResponse>

    /**
     * Declares that [send] follows [HttpRequest.connection], or fails with [FailureKind.UNSUPPORTED]. Requests that need it are not
     * given to other transports: they would go to another server, through a proxy, or without the check of the certificate.
     */
    public val connections: Boolean get() = false
}

/** How a request reaches its server where that differs from the usual way. What the request does not need is null. */
public class ConnectionOptions internal constructor(
    /** No proxy is used. */
    public val direct: Boolean,
    /** The connection goes to the Unix socket of this path; the URL's host is only sent as `host`. */
    public val unixSocket: String?,
    /** The only certificate authorities (PEM) that are trusted. */
    public val ca: String?,
    /** The name that TLS sends and that the certificate must have, instead of the URL's host. */
    public val serverName: String?,
    /** SHA-1 thumbprint (hex) of the server's certificate, instead of the check of chain and name. */
    public val certificateSha1: String?,
)

/** An HTTP request. The body holds secrets: do not log it. */
public class HttpRequest internal constructor(
    /** `GET`, `POST`, `PUT`, `PATCH` or `DELETE`. */
    public val method: String,
    public val url: String,
    /** All headers but host, content-length and user-agent. */
    public val headers: Map<String, String>,
    public val body: ByteArray,
    /** Maximum duration of the whole request. */
    public val timeout: Duration,
    /** Stop reading the body one byte after this limit. */
    public val maxBytes: Int,
    /** How the server is reached; null if in the usual way. */
    public val connection: ConnectionOptions? = null,
) {
    override fun toString(): String = "HttpRequest($method $url)"
}

/** An HTTP response of any status. */
public class HttpResponse(
    public val status: Int,
    /** Names and values; a name may occur more than once. */
    public val headers: List<Pair<String, String>>,
    public val body: ByteArray,
) {
    override fun toString(): String = "HttpResponse($status, ${body.size} bytes)"
}

/** Why there is no response. */
public enum class FailureKind(internal val wireName: String) {
    TIMEOUT("timeout"),
    REFUSED("refused"),
    DNS("dns"),
    TLS("tls"),

    /** A proxy answered 407 to `CONNECT`. */
    PROXY_AUTHENTICATION("proxy_authentication"),
    CANCELLED("cancelled"),
    NOT_FOUND("not_found"),
    DENIED("denied"),

    /** The response has a content coding that cannot be read, or does not follow it. */
    UNREADABLE("unreadable"),

    /** The transport cannot follow the request's [ConnectionOptions]. */
    UNSUPPORTED("unsupported"),
    OTHER("other"),
}

/** Thrown by a [Transport] that got no response. `detail` is shown to people and must hold no secret. */
public class TransportFailure @JvmOverloads constructor(
    public val kind: FailureKind,
    public val detail: String = kind.wireName,
    cause: Throwable? = null,
) : java.io.IOException(detail, cause)
