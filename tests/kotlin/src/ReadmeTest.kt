package io.github.workloadidentity.tests

import org.junit.jupiter.api.AfterAll
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.DynamicTest
import org.junit.jupiter.api.DynamicTest.dynamicTest
import org.junit.jupiter.api.TestFactory
import org.junit.jupiter.api.TestInstance
import java.io.File

/**
 * Each example of the README runs by itself in a GitHub job that the emulator trusts. `cargo xtask test` writes the examples to
 * `target/readme`: those in Kotlin are compiled with the tests, those in Java are run from their source.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ReadmeTest {
    private val emulator = Emulator()

    @AfterAll
    fun stop() = emulator.close()

    @TestFactory
    fun examples(): List<DynamicTest> {
        val files = File("target/readme").listFiles().orEmpty().sorted()
        assertTrue(files.size >= 6, "only ${files.size} examples")
        val environment = mapOf(
            "AZURE_TENANT_ID" to emulator.fact("tenant_id"),
            "AZURE_CLIENT_ID" to emulator.fact("client_id"),
            "AZURE_AUTHORITY_HOST" to emulator.fact("base_url"),
            "ACTIONS_ID_TOKEN_REQUEST_URL" to emulator.fact("github_request_url"),
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN" to emulator.fact("github_request_token"),
        )
        return files.map { file ->
            val program = if (file.extension == "kt") "readme.${file.nameWithoutExtension.lowercase()}.${file.nameWithoutExtension}Kt" else file.path
            dynamicTest(file.name) { runJavaWell(testClassPath, listOf(program), environment) }
        }
    }
}
