package io.github.workloadidentity.tests

import io.github.workloadidentity.AccessToken
import io.github.workloadidentity.Callback
import io.github.workloadidentity.ErrorCode
import io.github.workloadidentity.HttpResponse
import io.github.workloadidentity.TokenRequest
import io.github.workloadidentity.Transport
import io.github.workloadidentity.WorkloadIdentity
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertInstanceOf
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.time.Duration
import java.util.concurrent.CompletableFuture
import java.util.concurrent.CountDownLatch
import java.util.concurrent.Executors
import java.util.concurrent.Callable
import kotlin.concurrent.thread

class SingleFlightTest {
    private fun identity(transport: Transport, timeout: Duration? = null) =
        WorkloadIdentity(TENANT, CLIENT, Callback { assertion() }) {
            this.transport = transport
            this.timeout = timeout
        }

    private val slow = Endpoint { number, _ -> later(response(granted("token-$number"))) }

    /** Answers the first request never, and others at once. */
    private fun silentOnce() = Endpoint { number, _ ->
        if (number == 1) CompletableFuture<HttpResponse>() else CompletableFuture.completedFuture(response(granted("token-$number")))
    }

    private fun Endpoint.awaitRequest() {
        val end = System.nanoTime() + LONG_TIMEOUT.toNanos()
        while (requests.isEmpty()) {
            assertTrue(System.nanoTime() < end, "no request")
            Thread.sleep(1)
        }
    }

    @Test
    fun `200 threads make one request`() {
        val identity = identity(slow)
        val start = CountDownLatch(1)
        val pool = Executors.newFixedThreadPool(200)
        val tokens = List(200) {
            pool.submit(Callable { start.await().let { identity.getTokenBlocking(SCOPE) } })
        }
        start.countDown()
        assertEquals(setOf("token-1"), tokens.map { it.get().token }.toSet())
        pool.shutdown()
        assertEquals(1, slow.requests.size)
    }

    @Test
    fun `1000 coroutines make one request`() {
        val identity = identity(slow)
        val tokens = runBlocking(Dispatchers.Default) { List(1000) { async { identity.getToken(SCOPE) } }.awaitAll() }
        assertEquals(setOf("token-1"), tokens.map(AccessToken::token).toSet())
        assertEquals(1, slow.requests.size)
    }

    @Test
    fun `a cancelled leader is replaced at once`() = runBlocking {
        val endpoint = silentOnce()
        val identity = identity(endpoint)
        val leader = async(Dispatchers.Default) { identity.getToken(SCOPE) }
        endpoint.awaitRequest()
        val followers = List(10) { async(Dispatchers.Default) { identity.getToken(SCOPE) } }
        delay(50)
        val started = System.nanoTime()
        leader.cancel(CancellationException("changed my mind"))
        assertEquals(setOf("token-2"), followers.awaitAll().map(AccessToken::token).toSet())
        // A lease of a request runs out after 12 s.
        assertTrue(System.nanoTime() - started < 10_000_000_000)
        assertTrue(leader.isCancelled)
        assertEquals(2, endpoint.requests.size)
    }

    @Test
    fun `a cancelled follower leaves the others alone`() = runBlocking {
        val identity = identity(slow)
        val leader = async(Dispatchers.Default) { identity.getToken(SCOPE) }
        slow.awaitRequest()
        val follower = launch(Dispatchers.Default) { identity.getToken(SCOPE) }
        delay(5)
        follower.cancel()
        assertEquals("token-1", leader.await().token)
        assertEquals(1, slow.requests.size)
    }

    @Test
    fun `a cancelled future ends its request`() {
        val endpoint = silentOnce()
        val identity = identity(endpoint)
        val future = identity.getTokenAsync(SCOPE)
        endpoint.awaitRequest()
        assertTrue(future.cancel(true))
        assertEquals("token-2", identity.getTokenBlocking(SCOPE).token)
    }

    @Test
    fun `an interrupted thread ends with the code cancelled and stays interrupted`() {
        val endpoint = silentOnce()
        val identity = identity(endpoint)
        val result = CompletableFuture<Pair<Throwable?, Boolean>>()
        val waiting = thread {
            val error = runCatching { identity.getTokenBlocking(SCOPE) }.exceptionOrNull()
            result.complete(error to Thread.currentThread().isInterrupted)
        }
        endpoint.awaitRequest()
        waiting.interrupt()
        val (error, isInterrupted) = result.get()
        error as io.github.workloadidentity.ConfigurationException
        assertEquals(ErrorCode.CANCELLED, error.code)
        assertTrue(error.isRetryable && isInterrupted)
        assertInstanceOf(InterruptedException::class.java, error.cause)
        assertEquals("token-2", identity.getTokenBlocking(SCOPE).token)
    }

    @Test
    fun `a deadline ends the waiting of the leader and of followers`() {
        val identity = identity(Endpoint { _, _ -> CompletableFuture() })
        val request = TokenRequest(listOf(SCOPE), timeout = Duration.ofMillis(300))
        val started = System.nanoTime()
        val errors = List(3) { identity.getTokenAsync(request) }.map { future ->
            assertThrows(java.util.concurrent.ExecutionException::class.java) { future.get() }.cause
        }
        assertTrue(System.nanoTime() - started < LONG_TIMEOUT.toNanos())
        for (error in errors) {
            error as io.github.workloadidentity.WorkloadIdentityException
            assertTrue(error.code == ErrorCode.DEADLINE_EXCEEDED || error.code == ErrorCode.NETWORK_TIMEOUT, "$error")
            assertTrue(error.isRetryable)
        }
    }

    @Test
    fun `a callback that blocks and ignores interrupts does not outlast the deadline`() {
        val release = CountDownLatch(1)
        val identity = WorkloadIdentity(TENANT, CLIENT, Callback.blocking { release.awaitUninterruptibly().let { assertion() } }) {
            transport = Endpoint()
            timeout = Duration.ofMillis(300)
        }
        val started = System.nanoTime()
        val error = failure { identity.getTokenBlocking(SCOPE) }
        assertTrue(System.nanoTime() - started < LONG_TIMEOUT.toNanos())
        assertTrue(error.code == ErrorCode.DEADLINE_EXCEEDED || error.code == ErrorCode.CALLBACK_FAILED, "$error")
        release.countDown()
    }

    @Test
    fun `one failure reaches all, and a later good call works`() {
        var isGood = false
        val refusal = """{"error":"unauthorized_client","error_description":"AADSTS700016: unknown app"}"""
        val allWait = CompletableFuture<Unit>()
        val endpoint = Endpoint { _, _ -> allWait.thenApply { if (isGood) response(granted("good")) else response(refusal, 400) } }
        val identity = identity(endpoint)
        val errors = runBlocking {
            val calls = List(100) {
                async(start = CoroutineStart.UNDISPATCHED) { runCatching { identity.getToken(SCOPE) }.exceptionOrNull() }
            }
            allWait.complete(Unit)
            calls.awaitAll()
        }
        assertEquals(1, endpoint.requests.size)
        assertEquals(setOf(listOf(700016)), errors.map { (it as io.github.workloadidentity.AuthenticationException).service?.aadsts }.toSet())
        isGood = true
        assertEquals("good", identity.getTokenBlocking(SCOPE).token)
    }

    @Test
    fun `a due refresh happens in the background, once`() {
        val release = CompletableFuture<Unit>()
        val endpoint = Endpoint { number, _ ->
            val answer = response(granted("token-$number", ""","refresh_in":1"""))
            if (number == 1) CompletableFuture.completedFuture(answer) else release.thenApply { answer }
        }
        val identity = identity(endpoint)
        assertEquals("token-1", identity.getTokenBlocking(SCOPE).token)
        Thread.sleep(1100)
        assertEquals(setOf("token-1"), List(50) { identity.getTokenBlocking(SCOPE).token }.toSet())
        release.complete(Unit)
        val end = System.nanoTime() + LONG_TIMEOUT.toNanos()
        while (identity.getTokenBlocking(SCOPE).token != "token-2") {
            assertTrue(System.nanoTime() < end)
            Thread.sleep(10)
        }
        assertEquals(2, endpoint.requests.size)
    }

    @Test
    fun `closing ends those that wait`() {
        val endpoint = Endpoint { _, _ -> CompletableFuture() }
        val identity = identity(endpoint)
        val error = CompletableFuture<Throwable?>()
        thread { error.complete(runCatching { identity.getTokenBlocking(SCOPE) }.exceptionOrNull()) }
        endpoint.awaitRequest()
        val future = identity.getTokenAsync(SCOPE)
        identity.close()
        assertEquals(ErrorCode.MISUSE, (error.get() as io.github.workloadidentity.ConfigurationException).code)
        assertThrows(Exception::class.java) { future.get() }
        assertEquals(ErrorCode.MISUSE, failure { identity.getTokenBlocking(SCOPE) }.code)
        assertTrue(identity.getTokenAsync(SCOPE).isCompletedExceptionally)
        identity.close()
    }

    private fun CountDownLatch.awaitUninterruptibly() {
        while (true) {
            try {
                return await()
            } catch (ignored: InterruptedException) {
                assertFalse(count == 0L)
            }
        }
    }
}
