package io.github.workloadidentity.tests

import io.github.workloadidentity.ErrorCode
import io.github.workloadidentity.GitHubActions
import io.github.workloadidentity.HttpClientTransport
import io.github.workloadidentity.Issuer
import io.github.workloadidentity.TokenException
import io.github.workloadidentity.TokenVerifier
import io.github.workloadidentity.TransportException
import io.github.workloadidentity.UnverifiedToken
import io.github.workloadidentity.WorkloadIdentity
import io.github.workloadidentity.claim
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.runBlocking
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.jsonPrimitive
import org.junit.jupiter.api.AfterAll
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertInstanceOf
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestInstance
import java.io.File
import java.net.ConnectException
import java.time.Instant
import java.util.concurrent.CompletableFuture

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class VerifierTest {
    private val emulator = Emulator()
    private val tenant = emulator.fact("tenant_id")
    private val token: String by lazy {
        WorkloadIdentity(
            tenant,
            emulator.fact("client_id"),
            GitHubActions(emulator.fact("github_request_url"), emulator.fact("github_request_token")),
        ) { authorityHost = emulator.fact("base_url") }.use { it.getTokenBlocking(SCOPE).token }
    }

    @AfterAll
    fun stop() = emulator.close()

    private fun issuer(audience: String = "https://vault.azure.net", vararg roles: String) =
        Issuer.oidc("${emulator.fact("base_url")}/$tenant/v2.0", audience) { if (roles.isNotEmpty()) roles(*roles) }

    private fun verifier(issuer: Issuer = issuer()) = TokenVerifier(issuer) { allowLoopbackHttp = true }

    @Test
    fun `a token of the emulator, in all three forms`() {
        verifier().use { verifier ->
            val verified = runBlocking { verifier.verify(token) }
            assertEquals(tenant, verified.claims["tid"])
            assertEquals(listOf("https://vault.azure.net"), verified.audience)
            assertEquals("RS256", verified.algorithm)
            assertTrue(verified.expiresOn!!.isAfter(Instant.now()))
            assertEquals(verified.subject, verifier.verifyBlocking(token).subject)
            assertEquals(verified.keyThumbprint, verifier.verifyAsync(token).get().keyThumbprint)
        }
    }

    @Test
    fun `concurrent verifications fetch the keys once`() {
        val network = HttpClientTransport()
        val endpoint = Endpoint { _, request -> network.send(request) }
        val verifier = TokenVerifier(issuer()) {
            allowLoopbackHttp = true
            transport = endpoint
        }
        val subjects = runBlocking(Dispatchers.Default) { List(200) { async { verifier.verify(token).subject } }.awaitAll() }
        assertEquals(1, subjects.toSet().size)
        assertEquals(listOf("openid-configuration", "keys"), endpoint.requests.map { it.url.substringAfterLast('/') })
    }

    @Test
    fun `a refusal has its code`() {
        assertEquals(ErrorCode.AUDIENCE_MISMATCH, refusal(issuer("api://other"), token).code)
        assertEquals(ErrorCode.CLAIM_MISMATCH, refusal(issuer("https://vault.azure.net", "Nobody.Has"), token).code)
        assertEquals(ErrorCode.SIGNATURE_INVALID, refusal(issuer(), token.dropLast(8) + "AAAAAAAA").code)
        for (text in listOf("", "a.b.c", "ü.b.c", "\ud83d", ".".repeat(1_000_000))) refusal(issuer(), text)
    }

    private fun refusal(issuer: Issuer, text: String): TokenException =
        verifier(issuer).use { verifier -> assertInstanceOf(TokenException::class.java, failure { verifier.verifyBlocking(text) }) }

    @Test
    fun `a refusal says what an API answers`() {
        val role = refusal(issuer("https://vault.azure.net", "Nobody.Has"), token)
        assertEquals(listOf(403, "roles"), listOf(role.httpStatus, role.rule))
        assertTrue(role.wwwAuthenticate!!.startsWith("Bearer error=\"insufficient_scope\""), role.wwwAuthenticate)
        val forged = refusal(issuer(), token.dropLast(8) + "AAAAAAAA")
        assertEquals(listOf(401, null), listOf(forged.httpStatus, forged.service))
        assertTrue(forged.wwwAuthenticate!!.startsWith("Bearer error=\"invalid_token\""), forged.wwwAuthenticate)
    }

    @Test
    fun `roles and scopes are whole words`() {
        val cases = Json.parseToJsonElement(File(Emulator.root, "tests/vectors/granted.json").readText()) as JsonArray
        for (case in cases.map { it as JsonObject }) {
            val found = InternalCalls.verifiedToken(JsonObject(mapOf("claims" to case["claims"]!!)))
            fun words(name: String) = (case[name] as JsonArray).map { it.jsonPrimitive.content }
            assertEquals(words("roles"), found.roles, "$case")
            assertEquals(words("scopes"), found.scopes, "$case")
            assertEquals(case["is_app"]!!.jsonPrimitive.content.toBoolean(), found.isApp, "$case")
            assertEquals("Orders.Read" in words("roles"), found.hasRole("Orders.Read"), "$case")
            assertTrue(words("scopes").all(found::hasScope) && !found.hasScope("Orders"), "$case")
        }
    }

    @Test
    fun `rules for claims`() {
        fun verified(vararg rules: io.github.workloadidentity.ClaimRule) =
            verifier(Issuer.oidc("${emulator.fact("base_url")}/$tenant/v2.0", "https://vault.azure.net") { claims(*rules) }).verifyBlocking(token)
        verified(claim("tid").equalTo(tenant), claim("ver").oneOf("2.0", "1.0"), claim("iss").glob("http://*"), claim("nobody").absent())
        val error = failure { verified(claim("nobody").present()) }
        assertTrue(error.code == ErrorCode.CLAIM_MISSING || error.code == ErrorCode.CLAIM_MISMATCH, "$error")
    }

    @Test
    fun `keys are loaded, copied and given directly`() {
        val first = verifier()
        assertEquals(null, first.loadKeysBlocking().single().unusable.firstOrNull())
        val offline = TokenVerifier(issuer()) {
            allowLoopbackHttp = true
            transport = Endpoint { _, _ -> CompletableFuture.failedFuture(ConnectException("offline")) }
        }
        assertInstanceOf(TransportException::class.java, failure { offline.verifyBlocking(token) })
        assertEquals(1, offline.loadSnapshot(first.snapshot()))
        assertEquals(tenant, offline.verifyBlocking(token).claims["tid"])
        assertInstanceOf(TokenException::class.java, failure { offline.loadSnapshot("{") })
    }

    @Test
    fun `wrong settings`() {
        assertEquals(ErrorCode.CONFIG_INVALID, failure { TokenVerifier(emptyList()) }.code)
        assertEquals(ErrorCode.CONFIG_INVALID, failure { TokenVerifier.oidc("https://a.example", "b") { keys("{") } }.code)
        assertEquals(ErrorCode.CONFIG_INVALID, failure { TokenVerifier.oidc("https://a.example", "b") { set("unknown", 1) } }.code)
        assertEquals(ErrorCode.CONFIG_INVALID, failure { TokenVerifier.oidc("https://a.example", "b") { set("keys", Any()) } }.code)
        assertEquals(ErrorCode.CONFIG_INVALID, failure { TokenVerifier.oidc("https://a.example\ud83d", "b") }.code)
    }

    @Test
    fun `a closed verifier`() {
        val verifier = verifier()
        verifier.close()
        assertEquals(ErrorCode.MISUSE, failure { verifier.verifyBlocking(token) }.code)
        assertEquals(ErrorCode.MISUSE, failure { verifier.snapshot() }.code)
        assertTrue(verifier.verifyAsync(token).isCompletedExceptionally)
    }

    @Test
    fun `a look into a token without verification`() {
        assertEquals(tenant, UnverifiedToken.peek(token).unverifiedClaims["tid"])
        for (text in listOf("", "a.b", "a.b.c", "!.!.!", "${"a".repeat(300_000)}.b.c")) {
            assertEquals(ErrorCode.MALFORMED, failure { UnverifiedToken.peek(text) }.code)
        }
    }
}
