package io.github.workloadidentity

import io.github.workloadidentity.ffi.Manager
import io.github.workloadidentity.internal.Driver
import io.github.workloadidentity.internal.Machine
import io.github.workloadidentity.internal.Performer
import io.github.workloadidentity.internal.closedError
import io.github.workloadidentity.internal.direct
import io.github.workloadidentity.internal.effectScope
import io.github.workloadidentity.internal.encoded
import io.github.workloadidentity.internal.errorOf
import io.github.workloadidentity.internal.isTrue
import io.github.workloadidentity.internal.jsonOf
import io.github.workloadidentity.internal.native
import io.github.workloadidentity.internal.objectOf
import io.github.workloadidentity.internal.objects
import io.github.workloadidentity.internal.privateAddresses
import io.github.workloadidentity.internal.seed
import kotlinx.coroutines.future.future
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import java.time.Duration
import java.util.concurrent.CompletableFuture

/** Settings of [FederatedCredentials]. Exactly one of [appId], [appObjectId], [agentBlueprint] and [managedIdentity] is set. */
public class FederatedCredentialsOptions {
    /** Application (client) id of an app registration. */
    public var appId: String? = null

    /** Object id of an app registration. */
    public var appObjectId: String? = null

    /** Object id of an agent identity blueprint. */
    public var agentBlueprint: String? = null

    /** Resource id of a user-assigned managed identity (`/subscriptions/.../userAssignedIdentities/NAME`). */
    public var managedIdentity: String? = null

    /** Sets the one of these four that a [TrustFile] names. */
    public fun identity(identity: TrustIdentity) {
        appId = identity.appId
        appObjectId = identity.appObjectId
        agentBlueprint = identity.agentBlueprint
        managedIdentity = identity.managedIdentity
    }

    /** Tenant of the access tokens, where the credential serves several. */
    public var tenantId: String? = null

    /** Entra authority host, which selects Graph and Resource Manager; `https://login.microsoftonline.com` by default. */
    public var authorityHost: String? = null

    /** Microsoft Graph without its version, for tests. */
    public var graphUrl: String? = null

    /** Azure Resource Manager, for tests. */
    public var armUrl: String? = null

    /** `v1.0` or `beta`; by default beta is used only where an expression needs it. */
    public var graphVersion: String? = null

    /** The scope of the access tokens; by default that of the cloud's service. */
    public var scope: String? = null

    /** After this time a call fails. */
    public var timeout: Duration? = null

    /** Whether requests may go to private addresses. */
    public var allowPrivateAddresses: Boolean? = null

    /** The only private addresses that are allowed, such as `10.20.0.0/16`. */
    public var allowedNetworks: List<String>? = null

    /** Sends the HTTP requests; [HttpClientTransport] by default. */
    public var transport: Transport? = null
}

/**
 * The federated identity credentials of one application, agent blueprint or managed identity. They are read and written at
 * Microsoft Graph, those of a managed identity at Azure Resource Manager.
 *
 * ```kotlin
 * val credentials = FederatedCredentials(identity) { appId = clientId }
 * println(credentials.plan(wanted))
 * ```
 *
 * Threads and coroutines may share one object; writes are made one after another. Each call is suspending; [async] and
 * [blocking] run one from Java.
 *
 * @param credential gives the access tokens
 * @throws WorkloadIdentityException a setting is wrong
 */
public class FederatedCredentials(credential: TokenProvider, options: Configure<FederatedCredentialsOptions>) : AutoCloseable {
    /** Takes the access tokens from a [WorkloadIdentity], which is not closed with this object. */
    public constructor(identity: WorkloadIdentity, options: Configure<FederatedCredentialsOptions>) :
        this(TokenProvider { request -> identity.getTokenAsync(request).thenApply { it.token } }, options)

    private val jobs = effectScope()
    private val driver: Driver

    init {
        val settings = options.applied(FederatedCredentialsOptions())
        val manager = native { Manager(direct(encoded(configurationOf(settings).toString()))).apply { reseed(seed()) } }
        val machine = Machine(manager::begin, manager::poll, manager::resolve, manager::end, manager::close)
        val performer = Performer(settings.transport ?: HttpClientTransport(), null, null, null, jobs, credential)
        driver = Driver("object", machine, performer, jobs)
    }

    /** Returns all credentials. */
    public suspend fun list(): List<FederatedCredential> = done("list").objects("credentials").map(::federatedCredentialOf)

    /** Returns the credential of a name; `credential_not_found` if there is none. */
    public suspend fun get(name: String): FederatedCredential = credential("get", "name" to jsonOf(name))

    /** Creates a credential; `credential_conflict` if its name, or its issuer and subject, exist already. */
    public suspend fun create(credential: FederatedCredential): FederatedCredential = credential("create", "credential" to credential.describe())

    /** Makes the credential with this name equal to it; a description that is null stays. `credential_not_found` if there is none. */
    public suspend fun update(credential: FederatedCredential): FederatedCredential = credential("update", "credential" to credential.describe())

    /** Creates the credential, or makes the one with this name equal to it. */
    public suspend fun upsert(credential: FederatedCredential): FederatedCredential = credential("upsert", "credential" to credential.describe())

    /** Deletes the credential of a name. Returns whether there was one. */
    public suspend fun delete(name: String): Boolean = done("delete", "name" to jsonOf(name)).isTrue("deleted")

    /** Returns what [apply] would change. Nothing is written. With `prune`, credentials that are not wanted are removed. */
    @JvmOverloads
    public suspend fun plan(credentials: List<FederatedCredential>, prune: Boolean = false): CredentialPlan =
        planned(wanted(credentials, prune))

    /** As [plan] of a list. `config_invalid` if the file is of another identity than this object. */
    @JvmOverloads
    public suspend fun plan(trust: TrustFile, prune: Boolean = false): CredentialPlan = planned(wanted(trust, prune))

    /**
     * Makes the credentials as wanted. A second time there is nothing to do. If something had been changed before it failed,
     * [WorkloadIdentityException.applied] is the report.
     */
    @JvmOverloads
    public suspend fun apply(credentials: List<FederatedCredential>, prune: Boolean = false): AppliedCredentials =
        applied(wanted(credentials, prune))

    /** As [apply] of a list. `config_invalid` if the file is of another identity than this object. */
    @JvmOverloads
    public suspend fun apply(trust: TrustFile, prune: Boolean = false): AppliedCredentials = applied(wanted(trust, prune))

    /** Runs a call of this object; cancelling the future ends it. */
    public fun <T> async(call: suspend FederatedCredentials.() -> T): CompletableFuture<T> {
        if (driver.isClosed) return CompletableFuture.failedFuture(closedError("object"))
        return jobs.future { call() }
    }

    /** Runs a call of this object, and blocks the thread. An interrupt ends the wait with the code `cancelled`. */
    public fun <T> blocking(call: suspend FederatedCredentials.() -> T): T = io.github.workloadidentity.internal.blocking { call() }

    /** Later calls, and those that wait, throw an error with the code `misuse`. */
    override fun close(): Unit = driver.close()

    private suspend fun credential(operation: String, member: Pair<String, JsonElement>): FederatedCredential =
        federatedCredentialOf(done(operation, member)["credential"] as JsonObject)

    private suspend fun done(operation: String, vararg members: Pair<String, JsonElement>): JsonObject =
        driver.acquire(objectOf("operation" to jsonOf(operation), *members).toString())["value"] as JsonObject

    private suspend fun planned(wanted: Array<Pair<String, JsonElement>>): CredentialPlan = planOf(done("plan", *wanted))

    private suspend fun applied(wanted: Array<Pair<String, JsonElement>>): AppliedCredentials {
        val wire = done("apply", *wanted)
        val applied = appliedOf(wire)
        val error = wire["error"] as? JsonObject
        if (!applied.isComplete && error != null) throw errorOf(error, applied = applied)
        return applied
    }

    private fun wanted(credentials: List<FederatedCredential>, prune: Boolean): Array<Pair<String, JsonElement>> =
        arrayOf("credentials" to JsonArray(credentials.map { it.describe() }), "prune" to JsonPrimitive(prune))

    private fun wanted(trust: TrustFile, prune: Boolean): Array<Pair<String, JsonElement>> =
        arrayOf(*wanted(trust.credentials, prune), "identity" to trust.identity.describe())
}

/** The core's configuration (`docs/protocol.md`, section 11). */
private fun configurationOf(options: FederatedCredentialsOptions): JsonObject =
    objectOf(
        "identity" to
            TrustIdentity(options.appId, options.appObjectId, options.agentBlueprint, options.managedIdentity).describe(),
        "tenant_id" to options.tenantId?.let(::jsonOf),
        "authority_host" to options.authorityHost?.let(::jsonOf),
        "graph_url" to options.graphUrl?.let(::jsonOf),
        "arm_url" to options.armUrl?.let(::jsonOf),
        "graph_version" to options.graphVersion?.let(::jsonOf),
        "scope" to options.scope?.let(::jsonOf),
        "timeout_ms" to options.timeout?.let { JsonPrimitive(it.toMillis()) },
        "private_addresses" to options.allowPrivateAddresses?.let(::privateAddresses),
        "allowed_networks" to options.allowedNetworks?.let(::jsonOf),
    )
