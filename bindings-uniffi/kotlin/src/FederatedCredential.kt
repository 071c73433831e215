package io.github.workloadidentity

import io.github.workloadidentity.ffi.credentials
import io.github.workloadidentity.internal.direct
import io.github.workloadidentity.internal.jsonOf
import io.github.workloadidentity.internal.native
import io.github.workloadidentity.internal.objectOf
import io.github.workloadidentity.internal.readFile
import io.github.workloadidentity.internal.text
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonObject
import java.nio.file.Path

/** A federated identity credential: with [subject], or with [expression] for a flexible one. */
public data class FederatedCredential @JvmOverloads constructor(
    /** `iss` of the tokens that it accepts. */
    val issuer: String,
    /** `sub` of these tokens. */
    val subject: String? = null,
    /** The claims matching expression of a flexible credential. */
    val expression: String? = null,
    /** `aud` of these tokens; `api://AzureADTokenExchange` if null. */
    val audience: String? = null,
    /** A name for reports; [FederatedCredentials] needs it: 3 to 120 letters, digits, `-` and `_`. */
    val name: String? = null,
    /** A text for readers, at most 600 characters. */
    val description: String? = null,
    /** Its id at the service, once it exists. */
    val id: String? = null,
) {
    internal fun describe(): JsonObject =
        objectOf(
            "name" to name?.let(::jsonOf),
            "issuer" to jsonOf(issuer),
            "subject" to subject?.let(::jsonOf),
            "expression" to expression?.let(::jsonOf),
            "audience" to audience?.let(::jsonOf),
            "description" to description?.let(::jsonOf),
        )

    public companion object {
        /**
         * Reads a file of credentials: a list in JSON, or what `az ad app federated-credential list` and Microsoft Graph print.
         *
         * @throws ConfigurationException the file cannot be read; an error in it is named with line and column
         */
        @JvmStatic
        public fun read(path: Path): List<FederatedCredential> {
            val content = readFile(path, "the file of credentials")
            val listed = Json.parseToJsonElement(native { credentials(direct(content)) }) as JsonArray
            return listed.map { federatedCredentialOf(it as JsonObject) }
        }
    }
}

/** A credential of its wire form. */
internal fun federatedCredentialOf(wire: JsonObject) =
    FederatedCredential(
        issuer = wire.text("issuer").orEmpty(),
        subject = wire.text("subject"),
        expression = wire.text("expression"),
        audience = wire.text("audience"),
        name = wire.text("name"),
        description = wire.text("description"),
        id = wire.text("id"),
    )
