package io.github.workloadidentity

import io.github.workloadidentity.ffi.sources
import io.github.workloadidentity.internal.NativeLibrary
import io.github.workloadidentity.internal.direct
import io.github.workloadidentity.internal.encoded
import io.github.workloadidentity.internal.isTrue
import io.github.workloadidentity.internal.jsonOf
import io.github.workloadidentity.internal.native
import io.github.workloadidentity.internal.objectOf
import io.github.workloadidentity.internal.text
import io.github.workloadidentity.internal.texts
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonObject

/** A token source, and whether the environment offers it. */
public data class DetectedSource(
    /** The `kind` of the source in `docs/protocol.md`, section 3. */
    val name: String,
    /** Whether its variables or files are there, even if one is missing or cannot be used. */
    val isDetected: Boolean,
    /** Whether [WorkloadIdentity.fromEnvironment] uses it. */
    val isChosen: Boolean,
    /** What was found, or what was looked for. */
    val why: String,
    /** The environment variables that it reads. */
    val variables: List<String>,
) {
    public companion object {
        /**
         * Reports on every token source in the order of detection. Makes no request.
         *
         * @param environment environment variables; those of the process by default
         * @param environmentPaths paths that exist; those of this machine by default, or none with an `environment`
         * @throws WorkloadIdentityException an argument has a wrong value
         */
        @JvmStatic
        @JvmOverloads
        public fun all(environment: Map<String, String>? = null, environmentPaths: List<String>? = null): List<DetectedSource> {
            val names = NativeLibrary.environmentVariables()
            val variables = (environment ?: System.getenv()).filterKeys { it in names }
            val paths = environmentPaths ?: if (environment == null) NativeLibrary.existingPaths() else emptyList()
            val document = objectOf(
                "environment" to JsonObject(variables.mapValues { (_, value) -> jsonOf(value) }),
                "environment_paths" to jsonOf(paths),
            )
            val report = native { sources(direct(encoded(document.toString()))) }
            return (Json.parseToJsonElement(report) as JsonArray).map { detected(it as JsonObject) }
        }
    }
}

/** Reports on every token source in the order of detection; see [DetectedSource.all], which Java calls. */
public fun detectSources(environment: Map<String, String>? = null, environmentPaths: List<String>? = null): List<DetectedSource> =
    DetectedSource.all(environment, environmentPaths)

private fun detected(row: JsonObject): DetectedSource =
    DetectedSource(row.text("name").orEmpty(), row.isTrue("detected"), row.isTrue("chosen"), row.text("why").orEmpty(), row.texts("variables"))
