package io.github.workloadidentity

import io.github.workloadidentity.ffi.Engine
import io.github.workloadidentity.internal.Driver
import io.github.workloadidentity.internal.KeptBound
import io.github.workloadidentity.internal.Machine
import io.github.workloadidentity.internal.NativeLibrary
import io.github.workloadidentity.internal.Performer
import io.github.workloadidentity.internal.blocking
import io.github.workloadidentity.internal.closedError
import io.github.workloadidentity.internal.configurationOf
import io.github.workloadidentity.internal.direct
import io.github.workloadidentity.internal.effectScope
import io.github.workloadidentity.internal.encoded
import io.github.workloadidentity.internal.examine
import io.github.workloadidentity.internal.logDetected
import io.github.workloadidentity.internal.long
import io.github.workloadidentity.internal.native
import io.github.workloadidentity.internal.now
import io.github.workloadidentity.internal.requestError
import io.github.workloadidentity.internal.requestOf
import io.github.workloadidentity.internal.seed
import io.github.workloadidentity.internal.text
import kotlinx.coroutines.future.future
import kotlinx.serialization.json.JsonObject
import java.time.Instant
import java.util.concurrent.CompletableFuture
import java.util.concurrent.ConcurrentHashMap

/**
 * Exchanges the workload's own token for Entra access tokens, and caches and refreshes them.
 *
 * Threads and coroutines may share one object. Create it once and keep it, since it holds the token cache:
 *
 * ```kotlin
 * val identity = WorkloadIdentity(tenantId, clientId, TokenFile("/run/token"))
 * val token = identity.getToken("https://vault.azure.net/.default")
 * ```
 *
 * Each method has three forms: suspending, returning a `CompletableFuture` (`...Async`), and blocking (`...Blocking`).
 *
 * @param tenantId GUID or domain name of the tenant; `AZURE_TENANT_ID` of the options' environment if null
 * @param clientId GUID of the app registration or managed identity; `AZURE_CLIENT_ID` of the environment if null
 * @param source where the workload's own token comes from; the environment decides if null
 * @throws WorkloadIdentityException a setting is wrong, or there is no source
 */
public class WorkloadIdentity @JvmOverloads constructor(
    tenantId: String?,
    clientId: String?,
    source: TokenSource?,
    options: Configure<WorkloadIdentityOptions> = Configure {},
) : AutoCloseable {
    private class Kept(val token: AccessToken, val generation: Int, val from: Long, val until: Long)

    private val kept = ConcurrentHashMap<Any, Kept>()
    private val bound: KeptBound
    private val jobs = effectScope()
    private val driver: Driver
    private val performer: Performer
    private val config: ByteArray

    init {
        val settings = options.applied(WorkloadIdentityOptions())
        val cache = settings.cache
        if (source == null) logDetected(settings.environment.orEmpty(), settings.environmentPaths.orEmpty())
        bound = cache?.bound ?: KeptBound(settings.cacheMaxEntries)
        val json = configurationOf(tenantId, clientId, source, settings, NativeLibrary.environmentVariables())
        config = encoded(json.toString())
        val machine = cache?.machineOf(direct(config)) ?: machineOf(native { Engine(direct(config)).apply { reseed(seed()) } })
        performer = Performer(settings.transport ?: HttpClientTransport(), source, settings.store, settings.environment, jobs)
        driver = Driver("credential", machine, performer, jobs)
    }

    /** Returns an access token for one resource, e.g. `https://vault.azure.net/.default`. */
    public suspend fun getToken(scope: String): AccessToken = cached(scope) ?: acquire(requestFor(scope), scope)

    /** Returns an access token for a request with options. */
    public suspend fun getToken(request: TokenRequest): AccessToken {
        val key = keyOf(request)
        return cached(key) ?: acquire(request, key)
    }

    /** As [getToken]; cancelling the future ends the request. */
    public fun getTokenAsync(scope: String): CompletableFuture<AccessToken> =
        cached(scope)?.let { CompletableFuture.completedFuture(it) } ?: future(requestFor(scope), scope)

    /** As [getToken]; cancelling the future ends the request. */
    public fun getTokenAsync(request: TokenRequest): CompletableFuture<AccessToken> {
        val key = keyOf(request)
        return cached(key)?.let { CompletableFuture.completedFuture(it) } ?: future(request, key)
    }

    /** As [getToken], and blocks the thread. An interrupt ends the wait with the code `cancelled`. */
    public fun getTokenBlocking(scope: String): AccessToken = cached(scope) ?: blocking { acquire(requestFor(scope), scope) }

    /** As [getToken], and blocks the thread. An interrupt ends the wait with the code `cancelled`. */
    public fun getTokenBlocking(request: TokenRequest): AccessToken {
        val key = keyOf(request)
        return cached(key) ?: blocking { acquire(request, key) }
    }

    /**
     * Asks the token source for its token, and tells whether a federated identity credential can match it at all. Nothing is
     * exchanged or cached.
     */
    public suspend fun preflight(): Preflight {
        if (driver.isClosed) throw closedError("credential")
        return examine(config, performer)
    }

    /** As [preflight]; cancelling the future ends the request. */
    public fun preflightAsync(): CompletableFuture<Preflight> {
        if (driver.isClosed) return CompletableFuture.failedFuture(closedError("credential"))
        return jobs.future { preflight() }
    }

    /** As [preflight], and blocks the thread. An interrupt ends the wait with the code `cancelled`. */
    public fun preflightBlocking(): Preflight = blocking { preflight() }

    /** Deletes the cached tokens, unless they are in a [SharedTokenCache]. Later calls, and those that wait, throw an error with the code `misuse`. */
    override fun close() {
        driver.close()
        kept.clear()
    }

    override fun toString(): String = "WorkloadIdentity"

    /** A hit is a look-up and a clock read: the core is asked again only after the instant that it named. */
    private fun cached(key: Any?): AccessToken? {
        val found = kept[key ?: return null] ?: return null
        val now = now()
        val isValid = found.generation == bound.generation && now >= found.from && now < found.until
        return if (isValid) found.token else null
    }

    private fun requestFor(scope: String?): TokenRequest =
        TokenRequest(listOf(scope ?: throw requestError("the scope is null; name one, e.g. `https://vault.azure.net/.default`")))

    private fun keyOf(request: TokenRequest?): Any? {
        val given = request ?: throw requestError("the request is null")
        val scopes: List<String>? = given.scopes
        if (scopes == null) throw requestError("the scopes of the request are null")
        return if (given.mayUseCache) given.cacheKey else null
    }

    private fun future(request: TokenRequest, key: Any?): CompletableFuture<AccessToken> {
        if (driver.isClosed) return CompletableFuture.failedFuture(closedError("credential"))
        return jobs.future { acquire(request, key) }
    }

    private suspend fun acquire(request: TokenRequest, key: Any?): AccessToken {
        var answer: AccessToken? = null
        driver.acquire(requestOf(request).toString()) { done ->
            val token = tokenOf(done["value"] as JsonObject).also { answer = it }
            // With claims or a forced refresh the core has a newer token than those that were kept.
            if (key == null) bound.clear() else keep(key, token, done.long("fresh_until") ?: 0)
        }
        return answer!!
    }

    private fun keep(key: Any, token: AccessToken, until: Long) {
        if (driver.isClosed || !bound.add(isNew = !kept.containsKey(key))) return
        val generation = bound.generation
        kept.values.removeIf { it.generation != generation }
        kept[key] = Kept(token, generation, now(), until)
    }

    public companion object {
        /**
         * Reads what is not given from the environment variables of the process: `AZURE_TENANT_ID`, `AZURE_CLIENT_ID`,
         * `AZURE_AUTHORITY_HOST`, and the source from `AZURE_FEDERATED_TOKEN_FILE` or the variables of GitHub Actions.
         */
        @JvmStatic
        @JvmOverloads
        public fun fromEnvironment(source: TokenSource? = null, options: Configure<WorkloadIdentityOptions> = Configure {}): WorkloadIdentity =
            WorkloadIdentity(null, null, source) {
                environment = System.getenv()
                // With a source there is nothing to look for.
                if (source == null) environmentPaths = NativeLibrary.existingPaths()
                options.applied(this)
            }
    }
}

private fun machineOf(engine: Engine) =
    Machine(engine::begin, engine::poll, engine::resolve, engine::end, engine::close)

private fun tokenOf(value: JsonObject) =
    AccessToken(
        token = value.text("token").orEmpty(),
        expiresOn = Instant.ofEpochSecond(value.long("expires_on") ?: 0),
        refreshOn = value.long("refresh_on")?.let(Instant::ofEpochSecond),
        tokenType = value.text("token_type").orEmpty(),
        correlationId = value.text("correlation_id"),
    )
