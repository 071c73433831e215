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
}

/** An HTTP request. The body holds secrets: do not log it. */
public class HttpRequest internal constructor(
    /** `GET` or `POST`. */
    public val method: String,
    public val url: String,
    /** All headers but host, content-length and user-agent. */
    public val headers: Map<String, String>,
    public val body: ByteArray,
    /** Maximum duration of the whole request. */
    public val timeout: Duration,
    /** Stop reading the body one byte after this limit. */
    public val maxBytes: Int,
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
    OTHER("other"),
}

/** Thrown by a [Transport] that got no response. `detail` is shown to people and must hold no secret. */
public class TransportFailure @JvmOverloads constructor(
    public val kind: FailureKind,
    public val detail: String = kind.wireName,
    cause: Throwable? = null,
) : java.io.IOException(detail, cause)
