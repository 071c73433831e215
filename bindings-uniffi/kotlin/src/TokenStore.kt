package io.github.workloadidentity

import java.time.Instant
import java.util.concurrent.CompletionStage

/**
 * A token store that processes share, e.g. Redis. Keys are digests. Values contain tokens and must be protected like the
 * tokens themselves. Threads call it concurrently.
 */
public interface TokenStore {
    /** Returns the value of a key, or null. */
    public fun load(key: String): CompletionStage<String?>

    /** Stores a value. It may be deleted after `until`. */
    public fun save(key: String, value: String, until: Instant): CompletionStage<*>
}
