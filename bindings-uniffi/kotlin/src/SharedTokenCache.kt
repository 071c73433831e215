package io.github.workloadidentity

import io.github.workloadidentity.ffi.Client
import io.github.workloadidentity.ffi.Engine
import io.github.workloadidentity.internal.KeptBound
import io.github.workloadidentity.internal.Machine
import io.github.workloadidentity.internal.NativeLibrary
import io.github.workloadidentity.internal.Waiters
import io.github.workloadidentity.internal.direct
import io.github.workloadidentity.internal.native
import io.github.workloadidentity.internal.objectOf
import io.github.workloadidentity.internal.seed
import kotlinx.serialization.json.JsonPrimitive
import java.nio.ByteBuffer

/**
 * A token cache that several [WorkloadIdentity] objects share.
 *
 * ```kotlin
 * val cache = SharedTokenCache()
 * val orders = WorkloadIdentity(tenantId, ordersId, source) { this.cache = cache }
 * val billing = WorkloadIdentity(tenantId, billingId, source) { this.cache = cache }
 * ```
 *
 * Objects with the same authority, client id and tenant share tokens; others never get them. Objects that have the same
 * source, too, share a token request that is under way. Closing an object keeps the tokens; closing the cache deletes them.
 *
 * @param maxEntries maximum number of cached tokens of all objects together; 10,000 by default, 0 turns the cache off
 * @param maxBytes maximum size of the cached tokens in bytes; 64 MiB by default
 * @throws WorkloadIdentityException a setting is wrong
 */
public class SharedTokenCache @JvmOverloads constructor(maxEntries: Int? = null, maxBytes: Long? = null) : AutoCloseable {
    private val engine: Engine
    private val waiters = Waiters()
    internal val bound = KeptBound(maxEntries)

    init {
        NativeLibrary.ensureLoaded()
        val config = objectOf("max_entries" to maxEntries?.let(::JsonPrimitive), "max_bytes" to maxBytes?.let(::JsonPrimitive))
        engine = native { Engine.shared(direct(config.toString().toByteArray())).apply { reseed(seed()) } }
    }

    /** The machine for an object with this configuration. */
    internal fun machineOf(config: ByteBuffer): Machine {
        val client = native { Client(config) }
        return Machine(
            begin = { request -> engine.beginFor(client, request) },
            poll = engine::poll,
            resolve = engine::resolve,
            end = engine::end,
            close = client::close,
            waiters = waiters,
            sharedBy = "shared token cache",
        )
    }

    /** Deletes the cached tokens. Later calls of the objects that share the cache throw an error with the code `misuse`. */
    override fun close() {
        bound.clear()
        engine.close()
        waiters.wakeAll()
    }

    override fun toString(): String = "SharedTokenCache"
}
