package io.github.workloadidentity.tests

import io.github.workloadidentity.GitHubActions
import io.github.workloadidentity.WorkloadIdentity
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.AfterAll
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertSame
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestInstance

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EmulatorTest {
    private val emulator = Emulator()
    private val scope = "https://vault.azure.net/.default"

    @AfterAll
    fun stop() = emulator.close()

    private fun identity() =
        WorkloadIdentity(
            emulator.fact("tenant_id"),
            emulator.fact("client_id"),
            GitHubActions(emulator.fact("github_request_url"), emulator.fact("github_request_token")),
        ) { authorityHost = emulator.fact("base_url") }

    @Test
    fun `all three forms give the token, and a second call makes no request`() {
        identity().use { identity ->
            val first = runBlocking { identity.getToken(scope) }
            assertEquals("Bearer", first.tokenType)
            assertTrue(first.token.count { it == '.' } == 2)
            assertSame(first, identity.getTokenBlocking(scope))
            assertSame(first, identity.getTokenAsync(scope).get())
        }
    }
}
