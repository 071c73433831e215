package io.github.workloadidentity

import java.time.Duration

/** Settings of a [TokenVerifier]. What is null has its default. */
public class VerifierOptions {
    /** How far clocks may differ, up to five minutes; one minute by default. */
    public var leeway: Duration? = null

    /** Longer tokens are refused before they are decoded; 16,384 by default. */
    public var maxTokenBytes: Int? = null

    /** Bound of the cache of verified tokens; off by default. */
    public var cacheMaxBytes: Long? = null

    /** How long a verification may wait for keys; 10 seconds by default. */
    public var timeout: Duration? = null

    /** Keys may be fetched over http from loopback, for tests. */
    public var allowLoopbackHttp: Boolean = false

    /**
     * Whether keys may be fetched from private addresses: `true` by default. No option allows link-local addresses and those of
     * metadata services.
     */
    public var allowPrivateAddresses: Boolean? = null

    /** The only private addresses that are allowed, such as `10.20.0.0/16`. */
    public var allowedNetworks: List<String>? = null

    /** RSA keys of 1024 to 2047 bits may verify. */
    public var dangerouslyAllowRsa1024: Boolean = false

    /** Sends the HTTP requests; [HttpClientTransport] by default. */
    public var transport: Transport? = null
}
