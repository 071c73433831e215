package io.github.workloadidentity.tests

import io.github.workloadidentity.AuthenticationException
import io.github.workloadidentity.Callback
import io.github.workloadidentity.ConfigurationException
import io.github.workloadidentity.ErrorCode
import io.github.workloadidentity.FailureKind
import io.github.workloadidentity.GitHubActions
import io.github.workloadidentity.HttpRequest
import io.github.workloadidentity.HttpResponse
import io.github.workloadidentity.Signed
import io.github.workloadidentity.SourceException
import io.github.workloadidentity.TokenFile
import io.github.workloadidentity.TokenRequest
import io.github.workloadidentity.TokenSource
import io.github.workloadidentity.TransportException
import io.github.workloadidentity.TransportFailure
import io.github.workloadidentity.WorkloadIdentity
import io.github.workloadidentity.WorkloadIdentityOptions
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertInstanceOf
import org.junit.jupiter.api.Assertions.assertSame
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.DynamicTest
import org.junit.jupiter.api.DynamicTest.dynamicTest
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestFactory
import java.net.ConnectException
import java.net.http.HttpTimeoutException
import java.nio.channels.UnresolvedAddressException
import java.time.Duration
import java.util.concurrent.CompletableFuture
import javax.net.ssl.SSLHandshakeException

/** Every wrong input has its documented code and class, and leaves the object usable. */
class BadInputTest {
    private val source: TokenSource = Callback { assertion() }

    private class Configuration(
        val name: String,
        val code: ErrorCode,
        val tenant: String? = TENANT,
        val client: String? = CLIENT,
        val source: TokenSource? = Callback { assertion() },
        val options: WorkloadIdentityOptions.() -> Unit = {},
    )

    @TestFactory
    fun configurations(): List<DynamicTest> =
        listOf(
            Configuration("no tenant", ErrorCode.ENVIRONMENT_INCOMPLETE, tenant = null),
            Configuration("a tenant that is none", ErrorCode.TENANT_INVALID, tenant = "not a tenant"),
            Configuration("a tenant with Unicode", ErrorCode.TENANT_INVALID, tenant = "ünïcödé😀.example"),
            Configuration("a reserved tenant", ErrorCode.TENANT_RESERVED, tenant = "common"),
            Configuration("a client id that is none", ErrorCode.CLIENT_ID_INVALID, client = "42"),
            Configuration("an authority over http", ErrorCode.AUTHORITY_INSECURE) { authorityHost = "http://login.example" },
            Configuration("an authority that is none", ErrorCode.AUTHORITY_INVALID) { authorityHost = "https://" },
            Configuration("a private authority", ErrorCode.AUTHORITY_INVALID) {
                authorityHost = "https://10.0.0.1"
                allowPrivateAddresses = false
            },
            Configuration("a network that is none", ErrorCode.CONFIG_INVALID) { allowedNetworks = listOf("all") },
            Configuration("a negative cache", ErrorCode.CONFIG_INVALID) { cacheMaxEntries = -1 },
            Configuration("a negative timeout", ErrorCode.CONFIG_INVALID) { timeout = Duration.ofMillis(-1) },
            Configuration("half a surrogate pair", ErrorCode.CONFIG_INVALID, tenant = "contoso\ud83d.com"),
            Configuration("no source", ErrorCode.SOURCE_NOT_FOUND, source = null),
            Configuration("a public key that is not JSON", ErrorCode.CONFIG_INVALID, source = Signed("k", "ES256", { it }, publicKey = "{")),
            Configuration("an algorithm that is none", ErrorCode.CONFIG_INVALID, source = Signed("k", "none", { it })),
        ).map { case ->
            dynamicTest(case.name) {
                val error = failure { WorkloadIdentity(case.tenant, case.client, case.source) { case.options(this) } }
                assertEquals(case.code, error.code, error.message)
                val isPlatform = case.code in listOf(ErrorCode.SOURCE_NOT_FOUND, ErrorCode.ENVIRONMENT_INCOMPLETE)
                assertInstanceOf(if (isPlatform) SourceException::class.java else ConfigurationException::class.java, error)
                assertFalse(error.isRetryable)
            }
        }

    @TestFactory
    fun requests(): List<DynamicTest> =
        listOf(
            "no scope" to TokenRequest(emptyList()) to ErrorCode.SCOPE_MISSING,
            "an empty scope" to TokenRequest(listOf("")) to ErrorCode.SCOPE_INVALID,
            "two resources" to TokenRequest(listOf(SCOPE, "https://graph.microsoft.com/.default")) to ErrorCode.SCOPE_MULTIPLE_RESOURCES,
            "no .default" to TokenRequest(listOf("https://vault.azure.net/read")) to ErrorCode.SCOPE_NOT_DEFAULT,
            "Unicode" to TokenRequest(listOf("https://ünï/.default")) to ErrorCode.SCOPE_INVALID,
            "half a surrogate pair" to TokenRequest(listOf("https://a\udc00/.default")) to ErrorCode.REQUEST_INVALID,
            "another tenant" to TokenRequest(listOf(SCOPE), tenantId = "other.example") to ErrorCode.TENANT_NOT_CONFIGURED,
            "claims that are no JSON" to TokenRequest(listOf(SCOPE), claims = "{") to ErrorCode.CLAIMS_INVALID,
        ).map { (case, code) ->
            val (name, request) = case
            dynamicTest(name) {
                val endpoint = Endpoint()
                val identity = WorkloadIdentity(TENANT, CLIENT, source) { transport = endpoint }
                assertEquals(code, failure { identity.getTokenBlocking(request) }.code)
                assertEquals(0, endpoint.requests.size)
                assertEquals("token-1", identity.getTokenBlocking(SCOPE).token)
            }
        }

    @TestFactory
    fun answers(): List<DynamicTest> =
        listOf(
            "HTML" to response("<html><body>Sign in to the proxy</body></html>") to ErrorCode.RESPONSE_NOT_JSON,
            "an empty body" to response("") to ErrorCode.RESPONSE_EMPTY,
            "2 MB" to response("x".repeat(2 shl 20)) to ErrorCode.RESPONSE_TOO_LARGE,
            "a redirect" to response("", 302, "location" to "https://evil.example/") to ErrorCode.RESPONSE_REDIRECT,
            "a wrong token_type" to response("""{"token_type":"pop","expires_in":1,"access_token":"a"}""") to ErrorCode.TOKEN_TYPE_UNSUPPORTED,
            "a negative expires_in" to response("""{"token_type":"Bearer","expires_in":-1,"access_token":"a"}""") to ErrorCode.EXPIRES_IN_INVALID,
            "a duplicate member" to
                response("""{"token_type":"Bearer","expires_in":1,"access_token":"a","access\u005ftoken":"b"}""") to ErrorCode.RESPONSE_DUPLICATE_MEMBER,
            "an array" to response("[]") to ErrorCode.RESPONSE_INVALID,
        ).map { (case, code) ->
            val (name, answer) = case
            dynamicTest(name) {
                var isBad = true
                val endpoint = Endpoint { _, _ -> CompletableFuture.completedFuture(if (isBad) answer else response(granted("good"))) }
                val identity = WorkloadIdentity(TENANT, CLIENT, source) {
                    transport = endpoint
                    timeout = LONG_TIMEOUT
                }
                assertEquals(code, assertInstanceOf(AuthenticationException::class.java, failure { identity.getTokenBlocking(SCOPE) }).code)
                isBad = false
                assertEquals("good", identity.getTokenBlocking(SCOPE).token)
            }
        }

    @TestFactory
    fun transports(): List<DynamicTest> =
        listOf(
            ConnectException("no") to ErrorCode.NETWORK_REFUSED,
            ConnectException("no").initCause(UnresolvedAddressException()) to ErrorCode.NETWORK_DNS,
            HttpTimeoutException("late") to ErrorCode.NETWORK_TIMEOUT,
            SSLHandshakeException("no path") to ErrorCode.NETWORK_TLS,
            java.io.IOException("HTTP/1.1 header parser received no bytes") to ErrorCode.NETWORK_REFUSED,
            TransportFailure(FailureKind.DNS) to ErrorCode.NETWORK_DNS,
            IllegalStateException("something else") to ErrorCode.NETWORK_FAILED,
        ).map { (thrown, code) ->
            dynamicTest("$thrown") {
                val identity = WorkloadIdentity(TENANT, CLIENT, source) {
                    transport = Endpoint { _, _ -> CompletableFuture.failedFuture(thrown) }
                    timeout = Duration.ofMillis(1500)
                }
                val error = assertInstanceOf(TransportException::class.java, failure { identity.getTokenBlocking(SCOPE) })
                assertEquals(code, error.code)
                assertTrue(generateSequence<Throwable>(error) { it.cause }.any { it === thrown }, "the exception is the cause")
            }
        }

    @TestFactory
    fun assertions(): List<DynamicTest> =
        listOf<Pair<String, suspend () -> String>>(
            "assertion_expired" to { assertion("s", -3600) },
            "assertion_malformed" to { "not a jwt" },
            "assertion_malformed" to { "" },
            "assertion_malformed" to { "${assertion()}\ud83d" },
            "callback_failed" to { throw IllegalStateException("boom") },
            "callback_failed" to { throw AssertionError("boom") },
            "callback_failed" to { kotlinx.coroutines.withTimeout(10) { kotlinx.coroutines.delay(5000).let { "" } } },
        ).mapIndexed { place, (code, give) ->
            dynamicTest("$place: $code") {
                var isBad = true
                val identity = WorkloadIdentity(TENANT, CLIENT, Callback { if (isBad) give() else assertion() }) {
                    transport = Endpoint()
                    timeout = LONG_TIMEOUT
                }
                val error = assertInstanceOf(SourceException::class.java, failure { identity.getTokenBlocking(SCOPE) })
                assertEquals(code, error.code.toString())
                isBad = false
                assertEquals("token-1", identity.getTokenBlocking(SCOPE).token)
            }
        }

    @Test
    fun `an exception of a callback is the cause`() {
        val thrown = IllegalStateException("boom")
        val identity = WorkloadIdentity(TENANT, CLIENT, Callback { throw thrown }) { timeout = LONG_TIMEOUT }
        assertSame(thrown, deepest(failure { identity.getTokenBlocking(SCOPE) }))
        val signed = WorkloadIdentity(TENANT, CLIENT, Signed("k", "ES256", { throw thrown })) { timeout = LONG_TIMEOUT }
        assertSame(thrown, deepest(failure { signed.getTokenBlocking(SCOPE) }))
    }

    private fun deepest(error: Throwable): Throwable = generateSequence(error) { it.cause }.last()

    @Test
    fun `a file that is missing, a folder, and a path that is none`() {
        for ((path, code) in listOf(
            "/nonexistent/token" to ErrorCode.TOKEN_FILE_MISSING,
            System.getProperty("user.dir") to ErrorCode.TOKEN_FILE_UNREADABLE,
            "a\u0000b" to null,
        )) {
            val error = failure { WorkloadIdentity(TENANT, CLIENT, TokenFile(path)) { timeout = Duration.ofSeconds(2) }.getTokenBlocking(SCOPE) }
            if (code != null) assertEquals(code, error.code, "$error")
        }
    }

    @Test
    fun `GitHub without permission names it`() {
        val error = failure {
            WorkloadIdentity(null, null, null) {
                environment = mapOf("AZURE_TENANT_ID" to TENANT, "AZURE_CLIENT_ID" to CLIENT, "GITHUB_ACTIONS" to "true")
            }
        }
        assertEquals(ErrorCode.GITHUB_PERMISSION_MISSING, error.code)
        assertTrue("permissions: id-token: write" in error.message)
    }

    @Test
    fun `no secret in any error`() {
        val canary = "c4n4ry-s3cr3t"
        val leaks = listOf<Pair<TokenSource, (HttpRequest) -> HttpResponse>>(
            Callback { assertion(canary) } to { response("""{"error":"invalid_client","error_description":"bad ${assertion(canary)}"}""", 401) },
            Callback { assertion(canary) } to { response("""{"access_token":"$canary",""") },
            Callback { assertion(canary) } to { throw IllegalArgumentException("illegal header $canary").fillInStackTrace() },
            Callback { "$canary.$canary" } to { response(granted()) },
            GitHubActions("https://token.example/?a=b", canary) to { response(canary, 403) },
            GitHubActions("https://token.example/?a=b", "$canary\n") to { response(canary, 403) },
        )
        for ((source, answer) in leaks) {
            val error = failure {
                WorkloadIdentity(TENANT, CLIENT, source) {
                    transport = Endpoint { _, request -> CompletableFuture.completedFuture(answer(request)) }
                    timeout = Duration.ofSeconds(1)
                }.getTokenBlocking(SCOPE)
            }
            assertFalse(canary in "$error ${error.message} ${error.hint} ${error.service} ${error.presented}", "$error")
            assertFalse(canary in source.toString())
        }
    }
}
