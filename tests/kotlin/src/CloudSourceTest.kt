package io.github.workloadidentity.tests

import io.github.workloadidentity.ErrorCode
import io.github.workloadidentity.GoogleMetadata
import io.github.workloadidentity.GoogleServiceAccount
import io.github.workloadidentity.HttpClientTransport
import io.github.workloadidentity.KubernetesTokenRequest
import io.github.workloadidentity.Spiffe
import io.github.workloadidentity.TokenFile
import io.github.workloadidentity.TokenSource
import io.github.workloadidentity.WorkloadIdentity
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.jsonPrimitive
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.StandardCopyOption
import java.util.concurrent.CompletableFuture
import java.util.concurrent.atomic.AtomicInteger
import kotlin.concurrent.thread

private const val ACCOUNT = "workload@octo-project.iam.gserviceaccount.com"

/** Google Cloud, Kubernetes and SPIFFE as sources, at the emulator, and their files under rotation. */
class CloudSourceTest {
    /** An emulator that is a platform, with that platform's variables. */
    private class Place(name: String) : AutoCloseable {
        val emulator = Emulator("--platform", name)
        val variables = (emulator.facts.getValue("environment") as JsonObject).mapValues { it.value.jsonPrimitive.content }

        fun token(source: TokenSource, more: Map<String, String> = emptyMap()): String =
            WorkloadIdentity(emulator.fact("tenant_id"), emulator.fact("client_id"), source) {
                authorityHost = emulator.fact("base_url")
                environment = variables + more
            }.use { it.getTokenBlocking(SCOPE).token }

        /** Checks the code of a refusal, and a part of its message. */
        fun refuses(source: TokenSource, code: ErrorCode, part: String, more: Map<String, String> = emptyMap()) {
            val error = failure { token(source, more) }
            assertEquals(code, error.code, error.message)
            assertTrue(part in error.message, error.message)
        }

        override fun close() = emulator.close()
    }

    @Test
    fun `Google Cloud`() = Place("gcp").use { place ->
        val endpoint = place.emulator.fact("base_url")
        assertTrue(place.token(GoogleMetadata()).isNotEmpty())
        assertTrue(place.token(GoogleMetadata(serviceAccount = ACCOUNT, licenses = true)).isNotEmpty())
        assertTrue(place.token(GoogleServiceAccount(ACCOUNT, endpoint = endpoint, includeEmail = true)).isNotEmpty())
        place.refuses(GoogleMetadata(serviceAccount = "other@x"), ErrorCode.SOURCE_REJECTED, "other@x")
        val role = "serviceAccountOpenIdTokenCreator"
        place.refuses(GoogleServiceAccount("other@x", endpoint = endpoint), ErrorCode.SOURCE_REJECTED, role)
        for (host in listOf("attacker.example", "169.254.170.2", "127.0.0.1/x", "a\nb")) {
            place.refuses(GoogleMetadata(), ErrorCode.CONFIG_INVALID, "GCE_METADATA_HOST", mapOf("GCE_METADATA_HOST" to host))
        }
    }

    @Test
    fun `Kubernetes' TokenRequest`(@TempDir folder: Path) = Place("kubernetes").use { place ->
        assertTrue(place.token(KubernetesTokenRequest()).isNotEmpty())
        assertTrue(place.token(KubernetesTokenRequest("workload", expirationSeconds = 600)).isNotEmpty())
        place.refuses(KubernetesTokenRequest("other"), ErrorCode.SOURCE_REJECTED, "`default/other`")
        place.refuses(KubernetesTokenRequest("workload", namespace = "other"), ErrorCode.SOURCE_REJECTED, "serviceaccounts/token")
        val kubeconfig = Files.readString(Path.of(place.variables.getValue("KUBECONFIG")))
        val server = "${place.emulator.fact("base_url")}/platforms/kubernetes"
        val metadata = Files.writeString(folder.resolve("kubeconfig"), kubeconfig.replace(server, "https://169.254.169.254"))
        place.refuses(KubernetesTokenRequest(kubeconfig = "$metadata"), ErrorCode.CONFIG_INVALID, "metadata service")
    }

    @Test
    fun `SPIFFE by spiffe-helper's file, and without a gRPC client`() = Place("spiffe").use { place ->
        assertTrue(place.token(TokenFile(place.variables.getValue("AZURE_FEDERATED_TOKEN_FILE"))).isNotEmpty())
        place.refuses(Spiffe("unix:///nowhere/agent.sock"), ErrorCode.SOURCE_UNSUPPORTED, "spire_agent")
    }

    /** 10,000 swaps of the symbolic link, as kubelet does them, under a reading loop. */
    @Test
    fun `a projected file is never torn`() {
        // In memory, as projected volumes are, where the system has such a folder.
        val memory = Path.of("/dev/shm").takeIf(Files::isWritable)
        val folder = memory?.let { Files.createTempDirectory(it, "projected") } ?: Files.createTempDirectory("projected")
        try {
            rotate(folder)
        } finally {
            folder.toFile().deleteRecursively()
        }
    }

    private fun rotate(folder: Path) {
        // The length changes, so that a mixture of two tokens would have a wrong end.
        fun text(number: Int) = "$number.${"A".repeat(number % 97 * 4)}.${number.toString().padStart(8, '0')}"

        fun publish(number: Int) {
            val name = "..$number"
            Files.writeString(Files.createDirectory(folder.resolve(name)).resolve("token"), text(number))
            val link = Files.createSymbolicLink(folder.resolve("..data_tmp"), Path.of(name))
            Files.move(link, folder.resolve("..data"), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING)
        }
        publish(0)
        val token = Files.createSymbolicLink(folder.resolve("token"), Path.of("..data/token"))
        val done = CompletableFuture<Unit>()
        val read = AtomicInteger()
        val writer = thread(isDaemon = true) {
            runCatching {
                for (number in 1..10_000) {
                    // The reading loop gets its turns on a busy machine, too.
                    while (read.get() < number / 100) Thread.sleep(1)
                    publish(number)
                    Files.delete(folder.resolve("..${number - 1}/token"))
                    Files.delete(folder.resolve("..${number - 1}"))
                }
            }.fold(done::complete, done::completeExceptionally)
        }
        val transport = HttpClientTransport()
        val effect = """{"kind":"read_file","path":"$token","max_bytes":65536}"""
        while (!done.isDone) {
            val (kind, word, content) = InternalCalls.perform(transport, effect)
            if (kind == "file") {
                assertEquals(text(content.substringBefore('.').toInt()), content)
                read.incrementAndGet()
            } else {
                // Between the look-up of the link and that of the folder behind it.
                assertEquals("not_found", word)
            }
        }
        writer.join()
        done.get()
        assertTrue(read.get() >= 100, "$read")
    }
}
