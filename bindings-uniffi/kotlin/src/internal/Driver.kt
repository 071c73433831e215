package io.github.workloadidentity.internal

import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.asCoroutineDispatcher
import kotlinx.coroutines.cancel
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeoutOrNull
import kotlinx.serialization.json.JsonObject
import java.nio.ByteBuffer
import java.security.SecureRandom
import java.util.concurrent.Executors
import java.util.concurrent.atomic.AtomicInteger

/** The methods that the native classes have in common. */
internal class Machine(
    val begin: (ByteBuffer) -> ULong,
    val poll: (ULong, Long) -> String,
    val resolve: (ULong, String, UInt, ByteBuffer, ByteBuffer, Long) -> ULong,
    val end: (ULong) -> ULong,
    val close: () -> Unit,
    /** Those who wait for its flights; of a shared machine, all drivers' callers. */
    val waiters: Waiters = Waiters(),
    /** What several drivers share the machine by, if they do. */
    val sharedBy: String? = null,
)

/** The loop of `docs/protocol.md`, section 4: begin, poll, perform or wait, resolve, end. All decisions are the core's. */
internal class Driver(
    private val what: String,
    private val machine: Machine,
    private val performer: Performer,
    private val scope: CoroutineScope,
) {
    private val waiters get() = machine.waiters

    /** How many outcomes the machine was given: what it can answer changes with each. */
    val outcomes = AtomicInteger()

    @Volatile
    var isClosed = false
        private set

    /** Drives one request to its end. Returns the step `done`, and passes it to `onDone`, also that of a refresh. */
    suspend fun acquire(request: String, onDone: (JsonObject) -> Unit = {}): JsonObject {
        val ticket = open { machine.begin(direct(encoded(request))) }
        return drive(ticket, onDone)
    }

    /** Drives the ticket of a refresh in the background. Its errors are dropped, since the caller has a valid result. */
    fun refresh(ticket: ULong, onDone: (JsonObject) -> Unit = {}) {
        scope.launch { runCatching { drive(ticket, onDone) } }
    }

    /** Runs a call of the machine, or throws `misuse` after [close]. */
    inline fun <T> open(call: () -> T): T {
        if (isClosed) throw closedError(what)
        return try {
            native { call() }
        } catch (destroyed: IllegalStateException) {
            if (isClosed) throw closedError(what)
            throw machine.sharedBy?.let(::closedError) ?: destroyed
        }
    }

    /** Ends background refreshes and wakes all waiters, which then throw `misuse`. */
    fun close() {
        isClosed = true
        scope.cancel()
        machine.close()
        waiters.wakeAll()
    }

    private suspend fun drive(ticket: ULong, onDone: (JsonObject) -> Unit): JsonObject {
        var cause: Throwable? = null
        // A ticket that must wait registers first and polls again before it sleeps. Otherwise a wake-up between the poll and
        // the registration would be lost.
        var registered: Waiters.Sleeper? = null
        try {
            while (true) {
                val step = parseObject(open { machine.poll(ticket, now()) })
                when (step.text("step")) {
                    "done" -> {
                        onDone(step)
                        step.id("refresh")?.let { refresh(it, onDone) }
                        return step
                    }
                    "perform" -> {
                        val effect = step["effect"] as JsonObject
                        val outcome = performer.perform(effect)
                        cause = outcome.cause
                        resolve(effect.id("id")!!, outcome)
                    }
                    "wait" -> {
                        val flight = step.id("flight")!!
                        if (registered?.flight == flight) {
                            withTimeoutOrNull(maxOf(step.long("until")!! - now(), 1)) { registered!!.await() }
                            waiters.remove(registered!!)
                            registered = null
                        } else {
                            registered?.let(waiters::remove)
                            registered = waiters.add(flight)
                        }
                    }
                    else -> throw errorOf(step["error"] as JsonObject, cause)
                }
            }
        } finally {
            registered?.let(waiters::remove)
            // Also after `close`: other callers of a shared machine may wait for this one.
            waiters.wake(runCatching { machine.end(ticket) }.getOrDefault(0UL))
        }
    }

    private fun resolve(effect: ULong, outcome: Outcome) {
        outcomes.incrementAndGet()
        val flight = open {
            val head = direct(outcome.head.toByteArray())
            machine.resolve(effect, outcome.kind, outcome.status.toUInt(), head, direct(outcome.body), now())
        }
        waiters.wake(flight)
    }
}

/** Those who wait for a flight. */
internal class Waiters {
    private val sleepers = HashMap<ULong, MutableSet<Sleeper>>()

    class Sleeper(val flight: ULong) {
        private val woken = CompletableDeferred<Unit>()

        suspend fun await() = woken.await()

        fun wake() {
            woken.complete(Unit)
        }
    }

    fun add(flight: ULong): Sleeper = Sleeper(flight).also { synchronized(sleepers) { sleepers.getOrPut(flight, ::HashSet).add(it) } }

    fun remove(sleeper: Sleeper) {
        synchronized(sleepers) {
            val others = sleepers[sleeper.flight] ?: return
            others.remove(sleeper)
            if (others.isEmpty()) sleepers.remove(sleeper.flight)
        }
    }

    fun wake(flight: ULong) {
        if (flight == 0UL) return
        synchronized(sleepers) { sleepers.remove(flight) }?.forEach(Sleeper::wake)
    }

    fun wakeAll() {
        val all = synchronized(sleepers) { sleepers.values.flatten().also { sleepers.clear() } }
        all.forEach(Sleeper::wake)
    }
}

internal fun now(): Long = System.currentTimeMillis()

/** 32 random bytes for `reseed`. */
internal fun seed(): ByteBuffer = direct(ByteArray(32).also(SecureRandom()::nextBytes))

/** Daemon threads for effects: callbacks and files may block them, so there is no bound but that of the flights. */
private val effectThreads = Executors.newCachedThreadPool { work ->
    Thread(work, "workload-identity").apply { isDaemon = true }
}.asCoroutineDispatcher()

/** A scope for the effects and refreshes of one object. */
internal fun effectScope() = CoroutineScope(SupervisorJob() + effectThreads)

/** Runs suspending work on this thread. An interrupt ends the wait with the error `cancelled`, and stays set. */
internal fun <T> blocking(work: suspend () -> T): T =
    try {
        runBlocking { work() }
    } catch (interrupted: InterruptedException) {
        Thread.currentThread().interrupt()
        throw interruptedError(interrupted)
    }
