package io.github.workloadidentity.tests

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import java.io.File
import java.util.concurrent.TimeUnit

/** The class path of the tests. Surefire starts their process with a jar that only names it. */
val testClassPath: String = System.getProperty("surefire.test.class.path") ?: System.getProperty("java.class.path")

/** What a Java program of its own printed. */
data class Printed(val status: Int, val text: String)

/** Runs a program on this Java release with a class path, without the variables of token sources but those given. */
fun runJava(classPath: String, arguments: List<String>, environment: Map<String, String> = emptyMap()): Printed {
    val java = File(System.getProperty("java.home"), "bin/java").path
    val output = File.createTempFile("output", ".txt")
    try {
        val builder = ProcessBuilder(listOf(java, "--enable-native-access=ALL-UNNAMED", "-cp", classPath) + arguments)
            .redirectErrorStream(true)
            .redirectOutput(output)
        builder.environment().keys.removeIf { it.startsWith("AZURE_") || it.startsWith("ACTIONS_") || it.startsWith("GITHUB_") }
        builder.environment() += environment
        val process = builder.start()
        assertTrue(process.waitFor(4 * LONG_TIMEOUT.toSeconds(), TimeUnit.SECONDS), "the program does not end")
        return Printed(process.exitValue(), output.readText())
    } finally {
        output.delete()
    }
}

/** As [runJava], of a program that must end well. */
fun runJavaWell(classPath: String, arguments: List<String>, environment: Map<String, String> = emptyMap()) {
    val (status, text) = runJava(classPath, arguments, environment)
    assertEquals(0, status, text)
}
