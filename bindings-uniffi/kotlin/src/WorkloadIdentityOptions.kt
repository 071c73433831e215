package io.github.workloadidentity

import io.github.workloadidentity.internal.configurationError
import java.time.Duration

/** Sets options: a lambda with the options as its receiver in Kotlin, as its parameter in Java. */
public fun interface Configure<in T> {
    public fun T.configure()
}

/** Returns `options` after they were set. A null of Java is an error of the caller. */
internal fun <T> Configure<T>?.applied(options: T): T {
    val setter = this ?: throw configurationError("the options are null; leave them out, or pass a lambda that sets them")
    with(setter) { options.configure() }
    return options
}

/** Settings of a [WorkloadIdentity]. What is null has its default. */
public class WorkloadIdentityOptions {
    /** Entra authority host; `https://login.microsoftonline.com` by default. */
    public var authorityHost: String? = null

    /** Any OpenID Connect authority instead of Entra. */
    public var authority: Authority? = null

    /** Tenants that a request may name beside the configured one; `"*"` for any. */
    public var additionallyAllowedTenants: List<String>? = null

    /** A cache of several objects; by default the object has a cache of its own. */
    public var cache: SharedTokenCache? = null

    /** Bound of the object's own token cache; 10,000 by default, 0 turns it off. */
    public var cacheMaxEntries: Int? = null

    /** Bound of the object's own token cache in bytes. */
    public var cacheMaxBytes: Long? = null

    /** After this time a request without an own limit fails; 30 seconds by default. */
    public var timeout: Duration? = null

    /** Sends the HTTP requests; [HttpClientTransport] by default. */
    public var transport: Transport? = null

    /**
     * Whether requests may go to private addresses: `true` by default. No option allows link-local addresses and those of
     * metadata services.
     */
    public var allowPrivateAddresses: Boolean? = null

    /** The only private addresses that are allowed, such as `10.20.0.0/16`. */
    public var allowedNetworks: List<String>? = null

    /** A token store shared with other processes. */
    public var store: TokenStore? = null

    /**
     * Whether token requests go to the token proxy of an AKS identity binding (`AZURE_KUBERNETES_TOKEN_PROXY`). By default they
     * do where [WorkloadIdentity.fromEnvironment] finds the token file of the pod.
     */
    public var tokenProxy: Boolean? = null

    /**
     * Whether the metadata services of Google Cloud and Azure are looked for, within 1 s, where neither a source is given nor
     * the environment offers one.
     */
    public var probe: Boolean? = null

    /** Environment variables to read settings from; none by default. [WorkloadIdentity.fromEnvironment] passes those of the process. */
    public var environment: Map<String, String>? = null

    /** Files and sockets of this machine by which sources are found; none by default. [WorkloadIdentity.fromEnvironment] passes those that exist. */
    public var environmentPaths: List<String>? = null
}

/** A generic OpenID Connect authority: its issuer, whose discovery document names the token endpoint, or both. */
public data class Authority @JvmOverloads constructor(val issuer: String?, val tokenEndpoint: String? = null)
