package io.github.workloadidentity.internal

import io.github.workloadidentity.FailureKind
import io.github.workloadidentity.TransportFailure
import java.io.ByteArrayOutputStream
import java.io.IOException
import java.io.InputStream
import java.time.Duration
import java.util.concurrent.TimeoutException

/**
 * Runs a program for its standard output, at most one byte more than `maxBytes`. It gets no shell and no standard input, and its standard
 * error is dropped. At the end its children are ended with it. The JVM has no process groups: a child that outlives its parent is not found.
 */
internal fun execute(command: List<String>, environment: Map<String, String>, maxBytes: Int, limit: Duration): ByteArray {
    val deadline = System.nanoTime() + limit.toNanos()
    val process = started(command, environment)
    try {
        process.outputStream.close()
        val output = Output(process.inputStream, maxBytes + 1)
        while (!output.read() && process.isAlive) {
            if (System.nanoTime() >= deadline) throw TimeoutException("the program did not end in time")
            Thread.sleep(INTERVAL_MS)
        }
        if (!output.isFull) {
            output.readRest()
            val status = process.exitValue()
            if (status != 0) throw TransportFailure(FailureKind.OTHER, "exit status $status")
        }
        return output.bytes()
    } finally {
        val children = process.descendants().toList()
        process.destroyForcibly()
        children.forEach { it.destroyForcibly() }
    }
}

/** How often output and end of a program are looked for. */
private const val INTERVAL_MS = 10L

/** How long the rest of the output is waited for after the end. */
private val GRACE = Duration.ofSeconds(2)

private fun started(command: List<String>, environment: Map<String, String>): Process {
    val builder = ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD)
    builder.environment() += environment
    return try {
        builder.start()
    } catch (failure: IOException) {
        // The numbers of Unix and Windows for what is not there, and for what may not be executed.
        val kind = when (ERROR_NUMBER.find(failure.message.orEmpty())?.groupValues?.get(1)) {
            "2" -> FailureKind.NOT_FOUND
            "5", "13" -> FailureKind.DENIED
            else -> FailureKind.OTHER
        }
        throw TransportFailure(kind, "the program cannot be started", failure)
    } catch (empty: IndexOutOfBoundsException) {
        throw TransportFailure(FailureKind.NOT_FOUND, "the command is empty", empty)
    }
}

private val ERROR_NUMBER = Regex("error(?:=|: )(\\d+)")

/** What a program has written. It is read without blocking, because a child of the program may keep it open. */
private class Output(private val stream: InputStream, private val most: Int) {
    private val content = ByteArrayOutputStream()

    val isFull get() = content.size() >= most

    /** Reads what is there. Returns whether the output is as long as it may be. */
    fun read(): Boolean {
        while (!isFull) {
            val count = minOf(stream.available(), most - content.size())
            if (count == 0) break
            content.write(stream.readNBytes(count))
        }
        return isFull
    }

    /** Reads the rest after the end of the program, when the JVM replaces the stream by what is left in it. */
    fun readRest() {
        val end = System.nanoTime() + GRACE.toNanos()
        while (true) {
            try {
                read()
                return
            } catch (replaced: IOException) {
                if (System.nanoTime() >= end) throw replaced
                Thread.sleep(INTERVAL_MS)
            }
        }
    }

    fun bytes(): ByteArray = content.toByteArray()
}
