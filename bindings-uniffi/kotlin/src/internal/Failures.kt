package io.github.workloadidentity.internal

import io.github.workloadidentity.FailureKind
import io.github.workloadidentity.TransportFailure
import kotlinx.coroutines.TimeoutCancellationException
import java.io.EOFException
import java.io.FileNotFoundException
import java.net.SocketException
import java.net.SocketTimeoutException
import java.net.UnknownHostException
import java.net.http.HttpTimeoutException
import java.nio.channels.ClosedChannelException
import java.nio.channels.UnresolvedAddressException
import java.nio.file.AccessDeniedException
import java.nio.file.NoSuchFileException
import java.util.concurrent.TimeoutException
import javax.net.ssl.SSLException

/** What exceptions mean, the most specific first: the HTTP client of the JDK wraps one in another. */
private val KINDS: List<Pair<FailureKind, (Throwable) -> Boolean>> = listOf(
    FailureKind.DNS to { it is UnresolvedAddressException || it is UnknownHostException },
    FailureKind.TIMEOUT to { it is HttpTimeoutException || it is SocketTimeoutException || it is TimeoutException || it is TimeoutCancellationException },
    FailureKind.REFUSED to { it is EOFException || it is SocketException || it is ClosedChannelException },
    FailureKind.TLS to { it is SSLException },
    FailureKind.NOT_FOUND to { it is NoSuchFileException || it is FileNotFoundException || it is CapabilityMissing },
    FailureKind.DENIED to { it is AccessDeniedException },
)

/** The exception and its causes. */
private fun chain(failure: Throwable): List<Throwable> = generateSequence(failure) { it.cause }.take(8).toList()

/** The kind of failure of an exception. */
internal fun kindOf(failure: Throwable): FailureKind {
    val links = chain(failure)
    links.filterIsInstance<TransportFailure>().firstOrNull()?.let { return it.kind }
    val known = KINDS.firstOrNull { (_, isOfKind) -> links.any(isOfKind) }?.first
    // "HTTP/1.1 header parser received no bytes" and the like: the connection ended early.
    return known ?: if (failure is java.io.IOException && failure.javaClass == java.io.IOException::class.java) FailureKind.REFUSED else FailureKind.OTHER
}

/** A description without anything secret: that of our own exceptions, else the class. Other messages may quote secrets. */
internal fun detailOf(failure: Throwable): String {
    val own = chain(failure).firstOrNull { it is TransportFailure || it is CapabilityMissing }
    return own?.message ?: failure.javaClass.simpleName
}
