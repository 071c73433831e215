package io.github.workloadidentity.internal

import io.github.workloadidentity.FailureKind
import io.github.workloadidentity.HttpRequest
import io.github.workloadidentity.HttpResponse
import io.github.workloadidentity.TransportFailure
import java.io.ByteArrayOutputStream
import java.io.EOFException
import java.io.InputStream
import java.io.OutputStream
import java.net.URI

/** Sends one HTTP/1.1 request over a connection and reads its response (RFC 9112). The connection is of no use afterwards. */
internal class HttpExchange(input: InputStream, private val output: OutputStream) {
    private val input = input.buffered()

    fun send(request: HttpRequest): HttpResponse {
        val url = URI(request.url)
        val target = (url.rawPath.ifEmpty { "/" }) + (url.rawQuery?.let { "?$it" } ?: "")
        val headers = mapOf("host" to url.rawAuthority, "user-agent" to USER_AGENT, "accept-encoding" to "identity", "connection" to "close") + request.headers
        val length = if (request.body.isNotEmpty() || request.method != "GET") mapOf("content-length" to "${request.body.size}") else emptyMap()
        write("${request.method} $target HTTP/1.1", headers + length, request.body)
        val (status, received) = head()
        return HttpResponse(status, received, body(status, received, request.maxBytes + 1))
    }

    /** Opens a tunnel through a proxy (RFC 9110, section 9.3.6). */
    fun connect(authority: String) {
        write("CONNECT $authority HTTP/1.1", mapOf("host" to authority, "user-agent" to USER_AGENT), ByteArray(0))
        val (status) = head()
        if (status == 407) throw TransportFailure(FailureKind.PROXY_AUTHENTICATION, "a proxy asks for credentials")
        if (status !in 200..299) throw TransportFailure(FailureKind.REFUSED, "a proxy refused the connection with status $status")
    }

    private fun write(start: String, headers: Map<String, String>, body: ByteArray) {
        val lines = listOf(start) + headers.map { (name, value) -> "$name: $value" }
        require(lines.none { '\r' in it || '\n' in it }) { "a line break in a header" }
        output.write((lines.joinToString("\r\n") + "\r\n\r\n").toByteArray())
        output.write(body)
        output.flush()
    }

    /** Status and headers of the final response, after those of interim ones. */
    private fun head(): Pair<Int, List<Pair<String, String>>> {
        while (true) {
            var left = MAX_HEAD
            fun line(): String = readLine(left).also { left -= it.length + 2 }
            val status = STATUS_LINE.matchEntire(line())?.groupValues?.get(1)?.toInt() ?: throw malformed()
            val headers = generateSequence { line().ifEmpty { null } }.map { text ->
                val (name, value) = text.split(':', limit = 2).takeIf { it.size == 2 } ?: throw malformed()
                name to value.trim()
            }.toList()
            if (status >= 200) return status to headers
        }
    }

    private fun body(status: Int, headers: List<Pair<String, String>>, most: Int): ByteArray {
        fun header(wanted: String) = headers.firstOrNull { (name) -> name.equals(wanted, ignoreCase = true) }?.second
        if (status == 204 || status == 304) return ByteArray(0)
        if (header("transfer-encoding")?.contains("chunked", ignoreCase = true) == true) return chunks(most)
        val length = header("content-length") ?: return input.readNBytes(most)
        return exactly(length.toLongOrNull()?.takeIf { it >= 0 } ?: throw malformed(), most)
    }

    private fun chunks(most: Int): ByteArray {
        val content = ByteArrayOutputStream()
        while (content.size() < most) {
            val size = readLine(MAX_HEAD).substringBefore(';').trim().toLongOrNull(16)?.takeIf { it >= 0 } ?: throw malformed()
            if (size == 0L) break
            content.write(exactly(size, most - content.size()))
            if (content.size() < most) readLine(2)
        }
        return content.toByteArray()
    }

    /** So many bytes, or `most` if there are more. */
    private fun exactly(count: Long, most: Int): ByteArray {
        val wanted = minOf(count, most.toLong()).toInt()
        return input.readNBytes(wanted).also { if (it.size < wanted) throw EOFException("the response ended early") }
    }

    private fun readLine(most: Int): String {
        val line = ByteArrayOutputStream()
        while (true) {
            val byte = input.read()
            if (byte < 0) throw EOFException("the response ended early")
            if (byte == '\n'.code) return line.toString(Charsets.ISO_8859_1).removeSuffix("\r")
            line.write(byte)
            if (line.size() > most) throw TransportFailure(FailureKind.OTHER, "the head of the response has more than ${MAX_HEAD / 1024} KiB")
        }
    }

    private fun malformed() = TransportFailure(FailureKind.OTHER, "the response does not follow HTTP/1.1")

    companion object {
        const val USER_AGENT = "workload-identity-kotlin"
        private const val MAX_HEAD = 64 * 1024
        private val STATUS_LINE = Regex("HTTP/1\\.[01] (\\d{3})(?: .*)?")
    }
}
