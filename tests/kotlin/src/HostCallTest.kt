package io.github.workloadidentity.tests

import io.github.workloadidentity.ErrorCode
import io.github.workloadidentity.HttpClientTransport
import io.github.workloadidentity.detectSources
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonPrimitive
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import java.nio.file.Files
import java.nio.file.Path

/** The functions that the core asks this host for: variables and programs. */
class HostCallTest {
    /** Long enough for a shell to start on a busy machine. */
    private val limitMillis = 2000L

    private fun call(name: String, payload: String, millis: Long = 30_000): List<String> =
        InternalCalls.perform(HttpClientTransport(), """{"kind":"ask_host","name":"$name","payload":$payload,"timeout_ms":$millis}""")

    private fun execute(vararg command: String, maxBytes: Int = 1000, millis: Long = 30_000): List<String> {
        val words = JsonArray(command.map(::JsonPrimitive))
        return call("execute", """{"command":$words,"environment":{"ADDED":"a b"},"max_bytes":$maxBytes}""", millis)
    }

    private fun shell(script: String, maxBytes: Int = 1000, millis: Long = 30_000) =
        execute("/bin/sh", "-c", script, maxBytes = maxBytes, millis = millis)

    private fun ends(pid: String): Boolean {
        val handle = ProcessHandle.of(pid.trim().toLong()).orElse(null) ?: return true
        val deadline = System.nanoTime() + LONG_TIMEOUT.toNanos()
        while (handle.isAlive && !isZombie(pid) && System.nanoTime() < deadline) Thread.sleep(10)
        return !handle.isAlive || isZombie(pid)
    }

    private fun isZombie(pid: String) =
        runCatching { Files.readString(Path.of("/proc", pid.trim(), "stat")).substringAfterLast(") ").startsWith("Z") }.getOrDefault(true)

    @Test
    fun `a variable`() {
        assertEquals(listOf("answer", "", System.getenv("PATH")), call("environment", """{"variable":"PATH"}"""))
        val (kind, word, detail) = call("environment", """{"variable":"WI_TEST_NONE"}""")
        assertEquals("failed not_found", "$kind $word")
        assertTrue("WI_TEST_NONE" in detail, detail)
    }

    @Test
    fun `the output of a program`() {
        // `cat` ends at once, because there is no standard input.
        assertEquals(listOf("answer", "", "a b"), shell("cat; echo secret >&2; printf '%s' \"\$ADDED\""))
        // No shell looks at the arguments.
        assertEquals("\$HOME ; ls\n", execute("/bin/echo", "\$HOME", ";", "ls").last())
        repeat(20) { assertEquals("$it\n", execute("/bin/echo", "$it").last()) }
    }

    @Test
    fun `a child that keeps the output open`() {
        val begun = System.nanoTime()
        val (kind, _, output) = shell("sleep 60 & echo text")
        assertEquals("answer text\n", "$kind $output")
        assertTrue(System.nanoTime() - begun < LONG_TIMEOUT.toNanos())
    }

    @Test
    fun `a program that hangs ends with its children`(@TempDir folder: Path) {
        val pids = folder.resolve("pids")
        val begun = System.nanoTime()
        assertEquals("timeout", shell("sleep 60 & echo $$ $! > $pids; sleep 60", millis = limitMillis)[1])
        assertTrue(System.nanoTime() - begun < LONG_TIMEOUT.toNanos())
        for (pid in Files.readString(pids).trim().split(' ')) assertTrue(ends(pid), pid)
        assertEquals("timeout", shell("exec >&-; sleep 60", millis = 300)[1])
    }

    @Test
    fun `a program that floods is cut`(@TempDir folder: Path) {
        val pid = folder.resolve("pid")
        assertEquals(5001, shell("echo $$ > $pid; exec yes", maxBytes = 5000).last().length)
        assertTrue(ends(Files.readString(pid)))
    }

    @Test
    fun `programs that fail`(@TempDir folder: Path) {
        assertEquals(listOf("failed", "other", "exit status 3"), shell("echo secret; echo secret >&2; exit 3"))
        val program = folder.resolve("program")
        assertEquals("not_found", execute("$program")[1])
        Files.writeString(program, "#!/bin/sh\n")
        assertEquals("denied", execute("$program")[1])
    }

    @Test
    fun `a function that does not exist`() {
        val (kind, word, detail) = call("levitate", "{}")
        assertEquals("failed unsupported", "$kind $word")
        assertTrue("levitate" in detail, detail)
    }

    @Test
    fun `the sources of an environment`() {
        val found = detectSources(mapOf("AZURE_FEDERATED_TOKEN_FILE" to "/run/token"))
        val chosen = found.single { it.isChosen }
        assertEquals("file", chosen.name)
        assertTrue(chosen.isDetected && chosen.why.isNotEmpty() && "AZURE_FEDERATED_TOKEN_FILE" in chosen.variables)
        assertTrue(detectSources(emptyMap()).none { it.isDetected || it.isChosen })
        assertEquals(found.size, detectSources().size)
        assertEquals(ErrorCode.CONFIG_INVALID, failure { detectSources(emptyMap(), listOf("half\ud83d")) }.code)
    }
}
