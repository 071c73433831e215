package io.github.workloadidentity

import java.util.concurrent.CompletionStage

/** Gives the access tokens of [FederatedCredentials]. */
public fun interface TokenProvider {
    /** Completes with an access token for the request's scopes. */
    public fun getToken(request: TokenRequest): CompletionStage<String>
}
