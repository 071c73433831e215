package io.github.workloadidentity.internal

import java.io.IOException
import java.nio.file.Files
import java.nio.file.Path

/** The core takes files of one MiB. */
private const val MAX_FILE_BYTES = 1024 * 1024

/** The content of a file that the core reads, and one byte more than it takes at most. */
internal fun readFile(path: Path, what: String): ByteArray =
    try {
        Files.newInputStream(path).use { it.readNBytes(MAX_FILE_BYTES + 1) }
    } catch (failure: IOException) {
        throw configurationError("$what `${escaped(path.toString())}` cannot be read", failure)
    }
