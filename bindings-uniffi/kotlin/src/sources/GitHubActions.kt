package io.github.workloadidentity

import io.github.workloadidentity.internal.jsonOf
import io.github.workloadidentity.internal.objectOf
import kotlinx.serialization.json.JsonObject

/** The token endpoint of a GitHub Actions job; Forgejo has the same. `toString` does not show the request token. */
public data class GitHubActions @JvmOverloads constructor(
    /** `ACTIONS_ID_TOKEN_REQUEST_URL`; that of the environment if absent. */
    val requestUrl: String? = null,
    /** `ACTIONS_ID_TOKEN_REQUEST_TOKEN`; that of the environment if absent. */
    val requestToken: String? = null,
    /** The audience that the cloud's token exchange expects, if absent. */
    val audience: String? = null,
) : TokenSource() {
    override fun describe(): JsonObject? {
        if (!isComplete && audience == null) return null
        return objectOf(
            "kind" to jsonOf("github"),
            "request_url" to jsonOf(requestUrl ?: System.getenv("ACTIONS_ID_TOKEN_REQUEST_URL") ?: return null),
            "request_token" to jsonOf(requestToken ?: System.getenv("ACTIONS_ID_TOKEN_REQUEST_TOKEN") ?: return null),
            "audience" to audience?.let(::jsonOf),
        )
    }

    override fun incomplete(variables: Map<String, String>): Map<String, String> =
        variables - "AZURE_FEDERATED_TOKEN_FILE" + ("GITHUB_ACTIONS" to "true")

    private val isComplete get() = requestUrl != null && requestToken != null

    override fun toString(): String = "GitHubActions(requestUrl=$requestUrl, audience=$audience)"
}
