package io.github.workloadidentity

import io.github.workloadidentity.ffi.trustFile
import io.github.workloadidentity.internal.direct
import io.github.workloadidentity.internal.jsonOf
import io.github.workloadidentity.internal.native
import io.github.workloadidentity.internal.objectOf
import io.github.workloadidentity.internal.objects
import io.github.workloadidentity.internal.parseObject
import io.github.workloadidentity.internal.readFile
import io.github.workloadidentity.internal.text
import kotlinx.serialization.json.JsonObject
import java.nio.file.Path

/** Whose credentials they are: exactly one id is not null. */
public data class TrustIdentity @JvmOverloads constructor(
    /** Application (client) id of an app registration. */
    val appId: String? = null,
    /** Object id of an app registration. */
    val appObjectId: String? = null,
    /** Object id of an agent identity blueprint. */
    val agentBlueprint: String? = null,
    /** Resource id of a user-assigned managed identity (`/subscriptions/.../userAssignedIdentities/NAME`). */
    val managedIdentity: String? = null,
) {
    /** As the core takes it. */
    internal fun describe(): JsonObject =
        objectOf(
            "app_id" to appId?.let(::jsonOf),
            "app_object_id" to appObjectId?.let(::jsonOf),
            "agent_blueprint" to agentBlueprint?.let(::jsonOf),
            "managed_identity" to managedIdentity?.let(::jsonOf),
        )
}

/**
 * What a file `trust.yaml` declares.
 *
 * ```kotlin
 * val trust = TrustFile.read(Path.of("trust.yaml"))
 * val credentials = FederatedCredentials(identity) { identity(trust.identity) }
 * println(credentials.plan(trust))
 * ```
 */
public data class TrustFile(
    /** Whose credentials they are. */
    val identity: TrustIdentity,
    /** The wanted credentials. */
    val credentials: List<FederatedCredential>,
) {
    public companion object {
        /**
         * Reads a file of at most one MiB.
         *
         * @throws ConfigurationException the file cannot be read, or is no such document; the message has the line and the column
         */
        @JvmStatic
        public fun read(path: Path): TrustFile = parse(readFile(path, "the trust file"))

        /**
         * Reads the text of such a file, in YAML or JSON.
         *
         * @throws ConfigurationException it is no such document; the message has the line and the column
         */
        @JvmStatic
        public fun parse(text: String): TrustFile = parse(text.encodeToByteArray())

        /** As [parse] of a text. */
        @JvmStatic
        public fun parse(content: ByteArray): TrustFile {
            val wire = parseObject(native { trustFile(direct(content)) })
            val identity = wire["identity"] as JsonObject
            return TrustFile(
                TrustIdentity(
                    appId = identity.text("app_id"),
                    appObjectId = identity.text("app_object_id"),
                    agentBlueprint = identity.text("agent_blueprint"),
                    managedIdentity = identity.text("managed_identity"),
                ),
                wire.objects("credentials").map(::federatedCredentialOf),
            )
        }
    }
}
