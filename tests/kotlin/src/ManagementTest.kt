package io.github.workloadidentity.tests

import io.github.workloadidentity.AuthenticationException
import io.github.workloadidentity.ChangeAction
import io.github.workloadidentity.ChangeOutcome
import io.github.workloadidentity.ConfigurationException
import io.github.workloadidentity.ErrorCode
import io.github.workloadidentity.FederatedCredential
import io.github.workloadidentity.FederatedCredentials
import io.github.workloadidentity.FederatedCredentialsOptions
import io.github.workloadidentity.GitHubActions
import io.github.workloadidentity.HttpResponse
import io.github.workloadidentity.TokenProvider
import io.github.workloadidentity.TrustFile
import io.github.workloadidentity.TrustIdentity
import io.github.workloadidentity.WorkloadIdentity
import io.github.workloadidentity.WorkloadIdentityException
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertInstanceOf
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.DynamicTest
import org.junit.jupiter.api.DynamicTest.dynamicTest
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestFactory
import org.junit.jupiter.api.io.TempDir
import java.nio.file.Files
import java.nio.file.Path
import java.time.Duration
import java.util.concurrent.CompletableFuture

private const val CANARY = "c4n4ry-s3cr3t"
private const val ISSUER = "https://token.actions.githubusercontent.com"

/** Management of federated credentials: at the emulator's Graph and ARM, and with answers of no good service. */
class ManagementTest {
    private fun wanted(name: String, subject: String = "repo:octo/$name:ref:refs/heads/main") =
        FederatedCredential(ISSUER, subject, name = name)

    private fun stored(name: String) =
        """{"id":"$name","name":"$name","issuer":"$ISSUER","subject":"repo:octo/$name:ref:refs/heads/main","audiences":["api://AzureADTokenExchange"]}"""

    private fun page(vararg names: String) = response("""{"value":[${names.joinToString(transform = ::stored)}]}""")

    private fun refusal(status: Int, code: String) = response("""{"error":{"code":"$code","message":"m"}}""", status)

    /** With a service that answers in turn; the last answer is that of all further requests. */
    private fun at(vararg answers: HttpResponse, options: FederatedCredentialsOptions.() -> Unit = { appId = CLIENT }) =
        FederatedCredentials(TokenProvider { CompletableFuture.completedFuture(CANARY) }) {
            options()
            timeout = LONG_TIMEOUT
            transport = Endpoint { number, _ -> CompletableFuture.completedFuture(answers[minOf(number, answers.size) - 1]) }
        }

    @Test
    fun `one credential and a whole list, at both services`() = Emulator().use { emulator ->
        val source = GitHubActions(emulator.fact("github_request_url"), emulator.fact("github_request_token"))
        WorkloadIdentity(emulator.fact("tenant_id"), emulator.fact("client_id"), source) { authorityHost = emulator.fact("base_url") }.use { identity ->
            val owners = listOf<FederatedCredentialsOptions.() -> Unit>(
                { appId = emulator.fact("client_id") },
                { managedIdentity = emulator.fact("managed_identity_id") },
            )
            for (owner in owners) {
                FederatedCredentials(identity) {
                    owner()
                    graphUrl = emulator.fact("graph_url")
                    armUrl = emulator.fact("arm_url")
                }.use { it.blocking { both() } }
            }
        }
    }

    private suspend fun FederatedCredentials.both() {
        val created = create(wanted("test-one"))
        assertEquals(created, get("test-one"))
        assertEquals(ErrorCode.CREDENTIAL_CONFLICT, assertThrows(ConfigurationException::class.java) { blocking { create(wanted("test-one", "s")) } }.code)
        assertEquals("other", update(wanted("test-one", "other")).subject)
        assertEquals(created, upsert(wanted("test-one")))
        val list = listOf(wanted("test-one", "other"), wanted("test-two"))
        assertEquals(listOf(ChangeAction.UPDATE, ChangeAction.ADD), plan(list).changes.map { it.action })
        assertTrue(apply(list).isComplete)
        val again = apply(list)
        assertEquals(0 to 2, again.changes.size to again.unchanged)
        val stay = list().filterNot { it.name!!.startsWith("test-") }
        assertEquals(listOf(ChangeAction.REMOVE, ChangeAction.REMOVE), apply(stay, prune = true).changes.map { it.action })
        assertFalse(delete("test-one"))
        assertEquals(ErrorCode.CREDENTIAL_NOT_FOUND, assertThrows(WorkloadIdentityException::class.java) { blocking { get("test-one") } }.code)
    }

    @Test
    fun `a trust file`(@TempDir folder: Path) = Emulator().use { emulator ->
        val id = emulator.fact("client_id").uppercase()
        val text = "version: 1\nidentity: {app_id: $id}\ncredentials:\n  - {name: test-file, issuer: $ISSUER, subject: 'repo:octo/app:environment:prod'}\n"
        val path = folder.resolve("trust.yaml").also { Files.writeString(it, text) }
        val trust = TrustFile.read(path)
        assertEquals(TrustFile(TrustIdentity(appId = emulator.fact("client_id")), listOf(FederatedCredential(ISSUER, "repo:octo/app:environment:prod", name = "test-file"))), trust)
        assertEquals(trust, TrustFile.parse("\uFEFF" + text.replace("\n", "\r\n")))
        val source = GitHubActions(emulator.fact("github_request_url"), emulator.fact("github_request_token"))
        WorkloadIdentity(emulator.fact("tenant_id"), emulator.fact("client_id"), source) { authorityHost = emulator.fact("base_url") }.use { identity ->
            for (owner in listOf<FederatedCredentialsOptions.() -> Unit>({ identity(trust.identity) }, { appId = id })) {
                FederatedCredentials(identity) {
                    owner()
                    graphUrl = emulator.fact("graph_url")
                }.use { it.blocking { apply(trust).also { assertTrue(plan(trust).changes.isEmpty()) } } }
            }
        }
        val other = at(page(), options = { identity(TrustIdentity(appObjectId = emulator.fact("client_id"))) })
        for (call in listOf<suspend FederatedCredentials.() -> Any>({ plan(trust) }, { apply(trust, prune = true) })) {
            val error = failure { other.blocking(call) }
            assertEquals(ErrorCode.CONFIG_INVALID, error.code)
            assertTrue("another `identity`" in error.message!!, error.message)
        }
    }

    @TestFactory
    fun `trust files that are wrong`(@TempDir folder: Path): List<DynamicTest> = listOf(
        Triple("an unknown member", "version: 1\nfoo: 1\n", "line 2, column 1"),
        Triple("a tab", "version: 1\nidentity:\n\tapp_id: x\n", "tab"),
        Triple("an alias", "version: *v\n", "aliases"),
        Triple("no file", null, "cannot be read"),
        Triple("two MiB", "#".repeat(2 * 1024 * 1024), "larger than 1 MiB"),
    ).map { (name, text, words) ->
        dynamicTest(name) {
            val path = folder.resolve("trust.yaml")
            if (text == null) Files.deleteIfExists(path) else Files.writeString(path, text)
            val error = failure { TrustFile.read(path) }
            assertEquals(ErrorCode.CONFIG_INVALID, error.code, name)
            assertTrue(words in error.message!!, error.message)
        }
    }

    @Test
    fun `half applied is reported`() {
        val answers = arrayOf(page(), response(stored("first"), 201), refusal(403, "Authorization_RequestDenied"))
        val error = failure { at(*answers).blocking { apply(listOf(wanted("first"), wanted("second"), wanted("third"))) } }
        val applied = assertInstanceOf(AuthenticationException::class.java, error).applied!!
        assertEquals(ErrorCode.MANAGEMENT_REFUSED, error.code)
        assertEquals(listOf(ChangeOutcome.DONE, ChangeOutcome.FAILED, ChangeOutcome.NOT_TRIED), applied.changes.map { it.outcome })
        assertEquals(ErrorCode.MANAGEMENT_REFUSED, applied.changes[1].error?.code)
        assertTrue("+ second: failed" in "$applied", "$applied")
    }

    @TestFactory
    fun `what is refused`(): List<DynamicTest> = listOf(
        Triple(refusal(403, "Authorization_RequestDenied"), ErrorCode.MANAGEMENT_REFUSED, "403"),
        Triple(refusal(404, "Request_ResourceNotFound"), ErrorCode.IDENTITY_NOT_FOUND, "404"),
        Triple(response("<html>$CANARY"), ErrorCode.RESPONSE_NOT_JSON, "HTML"),
        Triple(response("""{"value":"$CANARY"}"""), ErrorCode.RESPONSE_INVALID, "another form"),
        Triple(response("""{"value":[],"@odata.nextLink":"https://attacker.example/"}"""), ErrorCode.RESPONSE_INVALID, "a page elsewhere"),
    ).map { (answer, code, name) ->
        dynamicTest(name) {
            val error = failure { at(answer).blocking { list() } }
            assertEquals(code, error.code, error.message)
            assertFalse("Bearer $CANARY" in "$error ${error.service}")
        }
    }

    @Test
    fun `settings and credentials that are wrong`() {
        for (options in listOf<FederatedCredentialsOptions.() -> Unit>({}, { appId = "my-app" }, { managedIdentity = "/subscriptions/x" })) {
            assertEquals(ErrorCode.CONFIG_INVALID, failure { at(page(), options = options) }.code)
        }
        for (wrong in listOf(wanted("ab"), FederatedCredential(ISSUER, name = "abc"), wanted("abc", "x".repeat(601)))) {
            assertEquals(ErrorCode.REQUEST_INVALID, failure { at(page()).blocking { create(wrong) } }.code)
        }
        val closed = at(page()).apply { close() }
        assertEquals(ErrorCode.MISUSE, failure { closed.blocking { list() } }.code)
    }
}
