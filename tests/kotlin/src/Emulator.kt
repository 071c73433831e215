package io.github.workloadidentity.tests

import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.jsonPrimitive
import java.io.File

/** `wif emulator` for the time of a test class. `WIF` is the path of the program. */
class Emulator(vararg options: String) : AutoCloseable {
    private val process: Process = ProcessBuilder(listOf(program, "emulator", "--json") + options)
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start()

    /** What it printed: addresses and identifiers. */
    val facts: JsonObject = Json.parseToJsonElement(process.inputStream.bufferedReader().readLine()) as JsonObject

    fun fact(name: String): String = facts.getValue(name).jsonPrimitive.content

    override fun close() {
        process.destroy()
        process.waitFor()
    }

    companion object {
        /** The repository, in which Maven runs two folders down. */
        val root: File = File(System.getProperty("user.dir")).parentFile.parentFile
        private val program = System.getenv("WIF") ?: File(root, "target/debug/wif").path
    }
}
