package io.github.workloadidentity.tests

import com.azure.core.credential.TokenRequestContext
import com.azure.core.http.HttpClient
import com.azure.core.http.HttpHeaderName
import com.azure.core.http.HttpHeaders
import com.azure.core.http.HttpMethod
import com.azure.core.http.HttpPipelineBuilder
import com.azure.core.http.HttpRequest
import com.azure.core.http.HttpResponse
import com.azure.core.http.policy.BearerTokenAuthenticationPolicy
import com.azure.core.util.Context
import io.github.workloadidentity.AuthenticationException
import io.github.workloadidentity.Callback
import io.github.workloadidentity.GitHubActions
import io.github.workloadidentity.HttpClientTransport
import io.github.workloadidentity.WorkloadIdentity
import io.github.workloadidentity.azure.WorkloadIdentityCredential
import org.junit.jupiter.api.AfterAll
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestInstance
import reactor.core.publisher.Flux
import reactor.core.publisher.Mono
import java.io.File
import java.net.http.HttpResponse.BodyHandlers
import java.nio.ByteBuffer
import java.nio.charset.Charset
import java.security.KeyStore
import java.security.cert.CertificateFactory
import javax.net.ssl.SSLContext
import javax.net.ssl.TrustManagerFactory

/** A pipeline of azure-core with our credential, against the protected API of the emulator over TLS. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AzureTest {
    private val emulator = Emulator("--tls")
    private val client: java.net.http.HttpClient =
        java.net.http.HttpClient.newBuilder().sslContext(trusting(File(emulator.fact("ca_file")))).build()
    private val api = "${emulator.fact("base_url")}/api/resource"

    private fun identity() =
        WorkloadIdentity(
            emulator.fact("tenant_id"),
            emulator.fact("client_id"),
            GitHubActions(emulator.fact("github_request_url"), emulator.fact("github_request_token")),
        ) {
            authorityHost = emulator.fact("base_url")
            transport = HttpClientTransport(client)
        }

    @AfterAll
    fun stop() = emulator.close()

    @Test
    fun `the pipeline calls an API with our token, synchronously and not`() {
        val policy = BearerTokenAuthenticationPolicy(WorkloadIdentityCredential(identity()), SCOPE)
        val pipeline = HttpPipelineBuilder().policies(policy).httpClient(JdkClient(client)).build()
        repeat(3) {
            pipeline.sendSync(HttpRequest(HttpMethod.GET, api), Context.NONE).use { assertEquals(200, it.statusCode) }
            pipeline.send(HttpRequest(HttpMethod.GET, api)).block()!!.use { assertEquals(200, it.statusCode) }
        }
    }

    @Test
    fun `the API needs a token`() {
        val pipeline = HttpPipelineBuilder().httpClient(JdkClient(client)).build()
        pipeline.sendSync(HttpRequest(HttpMethod.GET, api), Context.NONE).use { assertEquals(401, it.statusCode) }
    }

    @Test
    fun `the token has the times that the service gave`() {
        val token = WorkloadIdentityCredential(identity()).getTokenSync(TokenRequestContext().addScopes(SCOPE))
        assertEquals("Bearer", token.tokenType)
        assertTrue(token.expiresAt.toInstant().isAfter(java.time.Instant.now()))
    }

    @Test
    fun `errors are ours in both forms`() {
        val endpoint = Endpoint.answering("""{"error":"invalid_client","error_description":"AADSTS700016: no"}""", 400)
        val credential = WorkloadIdentityCredential(WorkloadIdentity(TENANT, CLIENT, Callback { assertion() }) { transport = endpoint })
        val context = TokenRequestContext().addScopes(SCOPE)
        assertThrows(AuthenticationException::class.java) { credential.getTokenSync(context) }
        assertThrows(AuthenticationException::class.java) { credential.getToken(context).block() }
    }
}

/** The certificates of a PEM file as the only authorities. */
private fun trusting(authorities: File): SSLContext {
    val store = KeyStore.getInstance(KeyStore.getDefaultType()).apply { load(null) }
    authorities.inputStream().use { CertificateFactory.getInstance("X.509").generateCertificates(it) }
        .forEachIndexed { place, certificate -> store.setCertificateEntry("$place", certificate) }
    val trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm()).apply { init(store) }
    return SSLContext.getInstance("TLS").apply { init(null, trust.trustManagers, null) }
}

/** The HTTP client that azure-core asks for, over that of the JDK: GET without a body. */
private class JdkClient(private val client: java.net.http.HttpClient) : HttpClient {
    override fun send(request: HttpRequest): Mono<HttpResponse> {
        val builder = java.net.http.HttpRequest.newBuilder(request.url.toURI())
        for (header in request.headers) if (!header.name.equals("content-length", true)) builder.header(header.name, header.value)
        return Mono.fromFuture { client.sendAsync(builder.build(), BodyHandlers.ofByteArray()) }.map { Answer(request, it) }
    }
}

private class Answer(request: HttpRequest, private val answer: java.net.http.HttpResponse<ByteArray>) : HttpResponse(request) {
    override fun getStatusCode() = answer.statusCode()

    override fun getHeaders() = HttpHeaders().also { headers ->
        answer.headers().map().forEach { (name, values) -> headers.set(HttpHeaderName.fromString(name), values) }
    }

    @Deprecated("of azure-core", ReplaceWith("headers"))
    override fun getHeaderValue(name: String): String? = answer.headers().firstValue(name).orElse(null)

    override fun getBody(): Flux<ByteBuffer> = Flux.just(ByteBuffer.wrap(answer.body()))

    override fun getBodyAsByteArray(): Mono<ByteArray> = Mono.just(answer.body())

    override fun getBodyAsString(): Mono<String> = Mono.just(answer.body().decodeToString())

    override fun getBodyAsString(charset: Charset): Mono<String> = Mono.just(answer.body().toString(charset))
}
