package io.github.workloadidentity.azure

import com.azure.core.credential.AccessToken
import com.azure.core.credential.TokenCredential
import com.azure.core.credential.TokenRequestContext
import io.github.workloadidentity.TokenRequest
import io.github.workloadidentity.WorkloadIdentity
import reactor.core.publisher.Mono
import java.time.ZoneOffset

/**
 * A [WorkloadIdentity] as a credential of the Azure SDK for Java.
 *
 * ```kotlin
 * val secrets = SecretClientBuilder().vaultUrl(url).credential(WorkloadIdentityCredential(identity)).buildClient()
 * ```
 */
public class WorkloadIdentityCredential(private val identity: WorkloadIdentity) : TokenCredential {
    override fun getToken(request: TokenRequestContext): Mono<AccessToken> =
        Mono.fromFuture({ identity.getTokenAsync(requestOf(request)) }, false).map(::tokenOf)

    override fun getTokenSync(request: TokenRequestContext): AccessToken =
        tokenOf(identity.getTokenBlocking(requestOf(request)))
}

private fun requestOf(request: TokenRequestContext) =
    TokenRequest(
        scopes = request.scopes,
        claims = request.claims,
        tenantId = request.tenantId,
        enableCae = request.isCaeEnabled,
    )

private fun tokenOf(token: io.github.workloadidentity.AccessToken) =
    AccessToken(token.token, token.expiresOn.atOffset(ZoneOffset.UTC), token.refreshOn?.atOffset(ZoneOffset.UTC), token.tokenType)
