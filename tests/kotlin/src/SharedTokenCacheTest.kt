package io.github.workloadidentity.tests

import io.github.workloadidentity.AssertionReason
import io.github.workloadidentity.AssertionRequest
import io.github.workloadidentity.Callback
import io.github.workloadidentity.ErrorCode
import io.github.workloadidentity.HttpResponse
import io.github.workloadidentity.SharedTokenCache
import io.github.workloadidentity.TokenRequest
import io.github.workloadidentity.Transport
import io.github.workloadidentity.WorkloadIdentity
import io.github.workloadidentity.WorkloadIdentityOptions
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNotEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.time.Duration
import java.time.Instant
import java.util.concurrent.CompletableFuture
import java.util.concurrent.CopyOnWriteArrayList
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit

private const val OTHER = "11111111-1111-1111-1111-111111111111"

class SharedTokenCacheTest {
    private fun identity(
        cache: SharedTokenCache?,
        transport: Transport,
        tenant: String = TENANT,
        client: String = CLIENT,
        source: Callback = Callback { assertion() },
        more: WorkloadIdentityOptions.() -> Unit = {},
    ) = WorkloadIdentity(tenant, client, source) {
        this.cache = cache
        this.transport = transport
        more()
    }

    private fun WorkloadIdentity.token() = getTokenBlocking(SCOPE).token

    @Test
    fun `objects of one client share tokens, and others get their own`() {
        val cache = SharedTokenCache()
        val endpoint = Endpoint()
        val identities = {
            listOf(
                identity(cache, endpoint),
                identity(cache, endpoint, client = OTHER),
                identity(cache, endpoint, tenant = OTHER),
                identity(cache, endpoint) { authorityHost = "https://login.microsoftonline.us" },
            )
        }
        val tokens = identities().map { it.token() }
        assertEquals(4, tokens.toSet().size)
        assertEquals(tokens, identities().map { it.token() })
        assertEquals(4, endpoint.requests.size)
        val request = TokenRequest(listOf(SCOPE), tenantId = OTHER)
        val wide = identity(cache, endpoint) { additionallyAllowedTenants = listOf("*") }
        assertEquals(tokens[2], wide.getTokenBlocking(request).token)
        assertEquals(ErrorCode.TENANT_NOT_CONFIGURED, failure { identities()[0].getTokenBlocking(request) }.code)
    }

    @Test
    fun `coroutines of several objects make one request`() {
        val cache = SharedTokenCache()
        val endpoint = Endpoint { number, _ -> later(response(granted("token-$number"))) }
        val tokens = runBlocking(Dispatchers.Default) {
            List(100) { async { identity(cache, endpoint).getToken(SCOPE).token } }.awaitAll()
        }
        assertEquals(setOf("token-1"), tokens.toSet())
        assertEquals(1, endpoint.requests.size)
    }

    @Test
    fun `a closed leader passes its request on`() {
        val cache = SharedTokenCache()
        val silent = Endpoint { _, _ -> CompletableFuture<HttpResponse>() }
        val leader = identity(cache, silent)
        val leading = leader.getTokenAsync(SCOPE)
        val end = System.nanoTime() + LONG_TIMEOUT.toNanos()
        while (silent.requests.isEmpty()) Thread.sleep(1).also { assertTrue(System.nanoTime() < end) }
        val endpoint = Endpoint()
        val following = identity(cache, endpoint).getTokenAsync(SCOPE)
        Thread.sleep(50)
        leader.close()
        assertEquals("token-1", following.get(LONG_TIMEOUT.toSeconds(), TimeUnit.SECONDS).token)
        assertTrue(leading.isCompletedExceptionally)
        assertEquals(ErrorCode.MISUSE, failure { leader.token() }.code)
        assertEquals("token-1", identity(cache, silent).token())
    }

    @Test
    fun `a new token replaces that of all objects`() {
        val cache = SharedTokenCache()
        val endpoint = Endpoint()
        val (first, second) = List(2) { identity(cache, endpoint) }
        assertEquals(listOf("token-1", "token-1"), listOf(first.token(), second.token()))
        assertEquals("token-2", first.getTokenBlocking(TokenRequest(listOf(SCOPE), forceRefresh = true)).token)
        assertEquals(listOf("token-2", "token-2"), listOf(first.token(), second.token()))
    }

    @Test
    fun `the bound holds for all objects together`() {
        val cache = SharedTokenCache(maxEntries = 2)
        val endpoint = Endpoint()
        val identities = List(3) { identity(cache, endpoint, client = "$it${CLIENT.drop(1)}") }
        identities.forEach { it.token() }
        identities[2].token()
        assertEquals(3, endpoint.requests.size)
        identities[0].token()
        assertEquals(4, endpoint.requests.size)
        val off = identity(SharedTokenCache(maxEntries = 0), endpoint)
        assertNotEquals(off.token(), off.token())
    }

    @Test
    fun `wrong settings are refused`() {
        assertEquals(ErrorCode.CONFIG_INVALID, failure { SharedTokenCache(maxEntries = -1) }.code)
        assertEquals(ErrorCode.CONFIG_INVALID, failure { SharedTokenCache(maxBytes = 1L shl 40) }.code)
        val cache = SharedTokenCache()
        assertEquals(ErrorCode.CONFIG_INVALID, failure { identity(cache, Endpoint()) { cacheMaxEntries = 5 } }.code)
        val identity = identity(cache, Endpoint())
        assertEquals("token-1", identity.token())
        cache.close()
        val error = failure { identity.token() }
        assertEquals(ErrorCode.MISUSE, error.code)
        assertTrue("shared token cache" in error.message.orEmpty())
        assertEquals(ErrorCode.MISUSE, failure { identity(cache, Endpoint()).token() }.code)
    }

    @Test
    fun `the path of a federated managed identity separates tokens`() {
        val cache = SharedTokenCache()
        val endpoint = Endpoint()
        val agent = TokenRequest(listOf(SCOPE), fmiPath = "agents/a")
        val (first, second) = List(2) { identity(cache, endpoint) }
        assertEquals("token-1", first.token())
        assertEquals("token-2", first.getTokenBlocking(agent).token)
        assertEquals("token-2", second.getTokenBlocking(agent).token)
        assertTrue("fmi_path=agents%2Fa" in String(endpoint.requests[1].body))
        for (path in listOf("", " ", " a", "a\n", "a".repeat(1025))) {
            assertEquals(ErrorCode.REQUEST_INVALID, failure { first.getTokenBlocking(agent.copy(fmiPath = path)) }.code)
        }
    }

    @Test
    fun `the callback is told why it is asked`() {
        val told = CopyOnWriteArrayList<AssertionRequest>()
        val left = CopyOnWriteArrayList<Duration>()
        val source = Callback {
            told += it
            left += Duration.between(Instant.now(), it.deadline)
            if (told.size == 1) throw java.util.concurrent.TimeoutException()
            assertion()
        }
        val refusal = """{"error":"invalid_client","error_codes":[700024]}"""
        val endpoint = Endpoint { number, _ ->
            CompletableFuture.completedFuture(if (number == 1) response(refusal, 401) else response(granted()))
        }
        val request = TokenRequest(listOf(SCOPE), enableCae = true, fmiPath = "agents/a", timeout = Duration.ofSeconds(9))
        identity(null, endpoint, source = source).getTokenBlocking(request)
        val expected = listOf(AssertionReason.FIRST to 1, AssertionReason.FIRST to 2, AssertionReason.REJECTED to 3)
        assertEquals(expected, told.map { it.reason to it.attempt })
        assertEquals("https://login.microsoftonline.com/$TENANT", told[0].authority)
        assertEquals(listOf("cp1"), told[0].clientCapabilities)
        assertEquals("agents/a", told[0].fmiPath)
        assertTrue(left.all { it > Duration.ZERO && it <= Duration.ofSeconds(9) }, "$left")
    }

    @Test
    fun `a callback is cancelled, and one that blocks is interrupted`() {
        val cancelled = CompletableDeferred<Unit>()
        val source = Callback {
            try {
                awaitCancellation()
            } finally {
                cancelled.complete(Unit)
            }
        }
        failure { identity(null, Endpoint(), source = source) { timeout = Duration.ofSeconds(1) }.token() }
        runBlocking { withTimeout(LONG_TIMEOUT.toMillis()) { cancelled.await() } }
        val interrupted = CountDownLatch(1)
        val blocking = Callback.blocking {
            try {
                Thread.sleep(60_000)
            } catch (stopped: InterruptedException) {
                interrupted.countDown()
            }
            assertion()
        }
        failure { identity(null, Endpoint(), source = blocking) { timeout = Duration.ofSeconds(1) }.token() }
        assertTrue(interrupted.await(LONG_TIMEOUT.toSeconds(), TimeUnit.SECONDS))
    }
}
