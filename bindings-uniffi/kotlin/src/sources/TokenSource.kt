package io.github.workloadidentity

import kotlinx.serialization.json.JsonObject

/** Where the workload's own token comes from. */
public sealed class TokenSource {
    /** The object `source` of the core's configuration (`docs/protocol.md`, section 3). */
    internal abstract fun describe(): JsonObject?

    /** The environment variables that the core reads for this source where no environment is passed. */
    internal open val variables: List<String> get() = emptyList()

    /** The environment whose error tells what is missing, where [describe] returns null. */
    internal open fun incomplete(variables: Map<String, String>): Map<String, String> = variables
}
