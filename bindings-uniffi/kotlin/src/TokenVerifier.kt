package io.github.workloadidentity

import io.github.workloadidentity.internal.Driver
import io.github.workloadidentity.internal.HandledVerifier
import io.github.workloadidentity.internal.Machine
import io.github.workloadidentity.internal.NativeLibrary
import io.github.workloadidentity.internal.Performer
import io.github.workloadidentity.internal.blocking
import io.github.workloadidentity.internal.check
import io.github.workloadidentity.internal.closedError
import io.github.workloadidentity.internal.configurationOf
import io.github.workloadidentity.internal.direct
import io.github.workloadidentity.internal.effectScope
import io.github.workloadidentity.internal.encoded
import io.github.workloadidentity.internal.issuerKeysOf
import io.github.workloadidentity.internal.jsonOf
import io.github.workloadidentity.internal.native
import io.github.workloadidentity.internal.now
import io.github.workloadidentity.internal.objectOf
import io.github.workloadidentity.internal.requestError
import io.github.workloadidentity.internal.seed
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.future.future
import kotlinx.serialization.json.JsonObject
import java.util.concurrent.CompletableFuture
import java.util.concurrent.atomic.AtomicLong

/**
 * Verifies tokens, and fetches and caches the keys of their issuers. Create one and share it.
 *
 * ```kotlin
 * val verifier = TokenVerifier.entra(tenantId, "api://orders") { roles("Orders.Read") }
 * val subject = verifier.verify(token).subject
 * ```
 *
 * Each method has three forms: suspending, returning a `CompletableFuture` (`...Async`), and blocking (`...Blocking`).
 *
 * @param issuers who is trusted, 1 to 100; a token's `iss` selects one of them and never an address
 * @throws ConfigurationException a setting is wrong
 */
public class TokenVerifier @JvmOverloads constructor(
    issuers: List<Issuer>,
    options: Configure<VerifierOptions> = Configure {},
) : AutoCloseable {
    private val entries: Int
    private val verifier: HandledVerifier
    private val jobs = effectScope()
    private val driver: Driver
    private val refreshedAt = AtomicLong()

    init {
        NativeLibrary.ensureLoaded()
        val settings = options.applied(VerifierOptions())
        val json = configurationOf(issuers, settings)
        entries = issuers.sumOf { it.entries.size }
        verifier = native { HandledVerifier(direct(encoded(json))).apply { reseed(seed()) } }
        // Not destroyed when it is closed, since a check may be under way in another thread: the garbage collector does it.
        val machine = Machine(verifier::begin, verifier::poll, verifier::resolve, verifier::end, close = {})
        val performer = Performer(settings.transport ?: HttpClientTransport(), null, null, null, jobs)
        driver = Driver("verifier", machine, performer, jobs)
    }

    /** Trusts one issuer. */
    @JvmOverloads
    public constructor(issuer: Issuer, options: Configure<VerifierOptions> = Configure {}) : this(listOf(issuer), options)

    /**
     * Returns the claims of a token if all of it is right; `token` comes without `Bearer`.
     *
     * @throws TokenException the token is refused; `code` names the reason
     * @throws TransportException the issuer's keys cannot be fetched
     */
    public suspend fun verify(token: String): VerifiedToken = checked(token) ?: drive(token)

    /** As [verify]; cancelling the future ends the request for keys. */
    public fun verifyAsync(token: String): CompletableFuture<VerifiedToken> {
        val checked = runCatching { checked(token) }
        val verified = checked.getOrElse { return CompletableFuture.failedFuture(it) }
        return if (verified == null) jobs.future { drive(token) } else CompletableFuture.completedFuture(verified)
    }

    /** As [verify], and blocks the thread while keys are fetched. An interrupt ends the wait with the code `cancelled`. */
    public fun verifyBlocking(token: String): VerifiedToken = checked(token) ?: blocking { drive(token) }

    /**
     * Fetches the keys of every issuer that has none or old ones: a warm-up, or a refresh by hand within the limits. An
     * Entra tenant counts twice, for its two versions of tokens.
     */
    public suspend fun loadKeys(): List<IssuerKeys> = coroutineScope { List(entries) { place -> async { keysOf(place) } }.awaitAll() }

    /** As [loadKeys]. */
    public fun loadKeysAsync(): CompletableFuture<List<IssuerKeys>> =
        if (driver.isClosed) CompletableFuture.failedFuture(closedError("verifier")) else jobs.future { loadKeys() }

    /** As [loadKeys], and blocks the thread. */
    public fun loadKeysBlocking(): List<IssuerKeys> = blocking { loadKeys() }

    /** Returns the cached key sets as JSON, to be stored and loaded elsewhere. They are public data. */
    public fun snapshot(): String = driver.open { verifier.snapshot(now()) }

    /**
     * Takes the key sets of a snapshot: those of configured addresses that are newer than the cached ones and not too old.
     * Returns how many were taken.
     */
    public fun loadSnapshot(snapshot: String): Int {
        val given: String? = snapshot
        val text = given ?: throw requestError("the snapshot is null")
        return driver.open { verifier.load(direct(encoded(text)), now()) }.toInt()
    }

    /** Later calls, and those that wait, throw an error with the code `misuse`. */
    override fun close(): Unit = driver.close()

    override fun toString(): String = "TokenVerifier"

    private fun checked(token: String?): VerifiedToken? {
        if (token == null) throw requestError("the token is null; pass the text after `Bearer`")
        val now = now()
        val verified = driver.open { check(verifier, token, now) }
        if (verified != null) refreshKeys(now)
        return verified
    }

    /** Asks the core about once a second whether keys are due for a refresh. */
    private fun refreshKeys(now: Long) {
        val last = refreshedAt.get()
        if (now - last in 0 until REFRESH_INTERVAL_MS || !refreshedAt.compareAndSet(last, now)) return
        val ticket = driver.open { verifier.refresh(now) }
        if (ticket != 0UL) driver.refresh(ticket)
    }

    private suspend fun drive(token: String): VerifiedToken {
        val done = driver.acquire(objectOf("token" to jsonOf(token)).toString())
        return VerifiedToken(done["value"] as JsonObject)
    }

    private suspend fun keysOf(place: Int): IssuerKeys {
        val done = driver.acquire("{\"keys_of\":$place}")
        return issuerKeysOf(done["value"] as JsonObject)
    }

    public companion object {
        private const val REFRESH_INTERVAL_MS = 1000

        /** Trusts one Entra tenant; see [Issuer.entra]. */
        @JvmStatic
        @JvmOverloads
        public fun entra(tenantId: String, audience: String, rules: Configure<EntraRules> = Configure {}): TokenVerifier =
            TokenVerifier(Issuer.entra(tenantId, audience, rules))

        /** Trusts these Entra tenants; see [Issuer.entraMultiTenant]. */
        @JvmStatic
        @JvmOverloads
        public fun entraMultiTenant(tenants: List<String>, audience: String, rules: Configure<EntraRules> = Configure {}): TokenVerifier =
            TokenVerifier(Issuer.entraMultiTenant(tenants, audience, rules))

        /** Trusts GitHub Actions; see [Issuer.github]. */
        @JvmStatic
        @JvmOverloads
        public fun github(audience: String, rules: Configure<GitHubRules> = Configure {}): TokenVerifier =
            TokenVerifier(Issuer.github(audience, rules))

        /** Trusts GitLab CI; see [Issuer.gitlab]. */
        @JvmStatic
        @JvmOverloads
        public fun gitlab(audience: String, rules: Configure<GitLabRules> = Configure {}): TokenVerifier =
            TokenVerifier(Issuer.gitlab(audience, rules))

        /** Trusts a Kubernetes cluster; see [Issuer.kubernetes]. */
        @JvmStatic
        @JvmOverloads
        public fun kubernetes(issuer: String, audience: String, rules: Configure<KubernetesRules> = Configure {}): TokenVerifier =
            TokenVerifier(Issuer.kubernetes(issuer, audience, rules))

        /** Trusts Google; see [Issuer.google]. */
        @JvmStatic
        @JvmOverloads
        public fun google(audience: String, rules: Configure<GoogleRules> = Configure {}): TokenVerifier =
            TokenVerifier(Issuer.google(audience, rules))

        /** Trusts a SPIFFE trust domain; see [Issuer.spiffe]. */
        @JvmStatic
        public fun spiffe(trustDomain: String, audience: String, rules: Configure<IssuerRules>): TokenVerifier =
            TokenVerifier(Issuer.spiffe(trustDomain, audience, rules))

        /** Trusts any OpenID Connect issuer; see [Issuer.oidc]. */
        @JvmStatic
        @JvmOverloads
        public fun oidc(issuer: String, audience: String, rules: Configure<IssuerRules> = Configure {}): TokenVerifier =
            TokenVerifier(Issuer.oidc(issuer, audience, rules))
    }
}
