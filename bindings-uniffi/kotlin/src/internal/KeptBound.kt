package io.github.workloadidentity.internal

/**
 * How many tokens the objects of one cache keep together to hand them out without a call of the core. The core has the real
 * cache, so forgetting costs little.
 */
internal class KeptBound(most: Int?) {
    private val most = most ?: DEFAULT_ENTRIES
    private var count = 0

    /** Tokens of another generation are forgotten. */
    @Volatile
    var generation = 0
        private set

    /** Counts one more token if it is new. Returns whether any may be kept. */
    @Synchronized
    fun add(isNew: Boolean): Boolean {
        if (most <= 0) return false
        if (isNew) {
            if (count >= most) clear()
            count++
        }
        return true
    }

    /** Makes all objects forget their tokens, because the core has a newer one. */
    @Synchronized
    fun clear() {
        count = 0
        generation++
    }

    private companion object {
        const val DEFAULT_ENTRIES = 10_000
    }
}
