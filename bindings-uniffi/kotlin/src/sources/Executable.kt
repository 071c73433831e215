package io.github.workloadidentity

import io.github.workloadidentity.internal.jsonOf
import io.github.workloadidentity.internal.objectOf
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive

/** A token that a program prints, by google-auth's contract for executables. It is not run by a shell. */
public data class Executable @JvmOverloads constructor(
    /** The program and its arguments. */
    val command: List<String>,
    /** Milliseconds allowed, 5,000 to 120,000; 30,000 by default. */
    val timeoutMs: Int? = null,
    /** The file in which the program keeps its answer until it expires. */
    val outputFile: String? = null,
    /** Allows the program, as `GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES=1` does. */
    val allowExecutables: Boolean? = null,
) : TokenSource() {
    override fun describe(): JsonObject = objectOf(
        "kind" to jsonOf("executable"),
        "command" to jsonOf(command),
        "timeout_ms" to timeoutMs?.let { JsonPrimitive(it) },
        "output_file" to outputFile?.let(::jsonOf),
        "allow_executables" to allowExecutables?.let { JsonPrimitive(it) },
    )

    override val variables: List<String> get() = listOf("GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES")
}
