package io.github.workloadidentity.internal

import com.sun.jna.Platform
import io.github.workloadidentity.ffi.environmentNames
import io.github.workloadidentity.ffi.environmentPaths
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonPrimitive
import java.io.File
import java.nio.ByteBuffer

/** Loads the native library, which the jar contains for the platforms that it was packed for. */
internal object NativeLibrary {
    private const val NAME = "workload_identity_native"

    /** The environment variables that the core reads. */
    private val names: Result<List<String>> = runCatching {
        (Json.parseToJsonElement(environmentNames()) as JsonArray).map { (it as JsonPrimitive).content }
    }

    /** Returns the names of the environment variables that the core reads, or throws an error that names the platform. */
    fun environmentVariables(): List<String> = names.getOrElse { throw missing(it) }

    /** Returns those of the files and sockets that the core looks for which exist. */
    fun existingPaths(): List<String> {
        ensureLoaded()
        return (Json.parseToJsonElement(environmentPaths()) as JsonArray)
            .map { (it as JsonPrimitive).content }
            .filter { File(it).exists() }
    }

    /** Throws an error that names the platform if the library cannot be used. */
    fun ensureLoaded() {
        environmentVariables()
    }

    private fun missing(cause: Throwable): Throwable {
        val platform = Platform.RESOURCE_PREFIX
        val file = System.mapLibraryName(NAME)
        val isInJar = javaClass.classLoader?.getResource("$platform/$file") != null
        val what =
            if (isInJar) {
                "the native library for $platform cannot be loaded: ${cause.javaClass.simpleName}; see the cause"
            } else {
                "this jar has no native library for $platform ($platform/$file); use a jar that was packed on this platform " +
                    "(`cargo xtask pack`), or name the folder of the library in the property jna.library.path"
            }
        return configurationError(what, cause)
    }
}

/** Bytes as the native functions take them. */
internal fun direct(bytes: ByteArray): ByteBuffer = ByteBuffer.allocateDirect(bytes.size).put(bytes).flip()
