package io.github.workloadidentity.tests

import io.github.workloadidentity.AwsCognito
import io.github.workloadidentity.AwsCredentials
import io.github.workloadidentity.AwsIrsa
import io.github.workloadidentity.AwsWebIdentity
import io.github.workloadidentity.ErrorCode
import io.github.workloadidentity.HttpResponse
import io.github.workloadidentity.TokenFile
import io.github.workloadidentity.TokenSource
import io.github.workloadidentity.WorkloadIdentity
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.jsonPrimitive
import org.junit.jupiter.api.AfterAll
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.DynamicTest
import org.junit.jupiter.api.DynamicTest.dynamicTest
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestFactory
import org.junit.jupiter.api.TestInstance
import java.nio.file.Path
import java.time.Duration
import java.util.concurrent.CompletableFuture

private const val CANARY = "c4n4ry-s3cr3t"
private const val POOL = "eu-west-1:0b6d2f7a-93c8-4e15-a7d0-58f1c3e964b2"
private val LOGINS = mapOf("login.emulator.example" to "app")
private val KEYS =
    mapOf("AWS_REGION" to "eu-west-1", "AWS_ACCESS_KEY_ID" to "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY" to CANARY)

/** STS, Cognito and the pod's file of AWS as sources: at the emulator, and with answers that a service should not give. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AwsSourceTest {
    private val emulator = Emulator("--platform", "aws")
    private val pod = (emulator.facts.getValue("environment") as JsonObject).mapValues { it.value.jsonPrimitive.content }
    private val irsaToken = Path.of(pod.getValue("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")).resolveSibling("irsa-token").toString()
    private val instance = pod.filterKeys { !it.startsWith("AWS_CONTAINER_") }
    private val role = instance +
        mapOf("AWS_ROLE_ARN" to "arn:aws:iam::123456789012:role/workload", "AWS_WEB_IDENTITY_TOKEN_FILE" to irsaToken)

    @AfterAll
    fun stop() = emulator.close()

    private fun identityOf(source: TokenSource, variables: Map<String, String>) =
        WorkloadIdentity(emulator.fact("tenant_id"), emulator.fact("client_id"), source) {
            authorityHost = emulator.fact("base_url")
            environment = variables
            timeout = LONG_TIMEOUT
        }

    private fun token(source: TokenSource, variables: Map<String, String>): String =
        identityOf(source, variables).use { it.getTokenBlocking(SCOPE).token }

    private fun refuses(source: TokenSource, variables: Map<String, String>, code: ErrorCode, part: String) {
        val error = failure { token(source, variables) }
        assertEquals(code, error.code, error.message)
        assertTrue(part in error.message, error.message)
        assertFalse(CANARY in "$error ${error.hint} ${error.service}", "$error")
    }

    @Test
    fun `GetWebIdentityToken with the credentials of a pod, an instance and a role`() {
        for (variables in listOf(pod, instance, role)) {
            assertTrue(token(AwsWebIdentity(durationSeconds = 900, tags = mapOf("team" to "shop")), variables).isNotEmpty())
        }
    }

    @Test
    fun `a developer identity of Cognito, and the file of IAM roles for service accounts`() {
        for ((source, audience) in listOf(
            AwsCognito(POOL, LOGINS) to POOL,
            AwsIrsa() to "sts.amazonaws.com",
            AwsIrsa(irsaToken) to "sts.amazonaws.com",
        )) {
            identityOf(source, role).use { assertEquals(listOf(audience), it.preflightBlocking().audience) }
        }
    }

    @Test
    fun `what AWS and Entra refuse`() {
        val unknown = instance + KEYS
        refuses(AwsWebIdentity(), unknown, ErrorCode.SOURCE_REJECTED, "AWS")
        refuses(AwsCognito(POOL, LOGINS), unknown, ErrorCode.SOURCE_REJECTED, "AWS")
        refuses(AwsWebIdentity(signingAlgorithm = "ES384"), pod, ErrorCode.SOURCE_REJECTED, "AWS")
        refuses(AwsCognito(POOL, mapOf("other.example" to "app")), pod, ErrorCode.SOURCE_REJECTED, "`logins`")
        refuses(AwsCognito(POOL.replace("0b6d", "0000"), LOGINS), pod, ErrorCode.SOURCE_REJECTED, "`identity_pool_id`")
        refuses(AwsIrsa(), instance, ErrorCode.ENVIRONMENT_INCOMPLETE, "AWS_WEB_IDENTITY_TOKEN_FILE")
        refuses(AwsIrsa("$irsaToken.missing"), role, ErrorCode.TOKEN_FILE_MISSING, "AWS_WEB_IDENTITY_TOKEN_FILE")
        refuses(TokenFile(irsaToken), role, ErrorCode.TRUST_MISMATCH, "sts.amazonaws.com")
    }

    @TestFactory
    fun `what cannot be used`(): List<DynamicTest> = listOf(
        Triple(AwsWebIdentity(), KEYS + ("AWS_CREDENTIAL_EXPIRATION" to "2020-01-01T00:00:00Z"), ErrorCode.CREDENTIALS_EXPIRED) to "environment",
        Triple(AwsWebIdentity(), KEYS - "AWS_SECRET_ACCESS_KEY", ErrorCode.ENVIRONMENT_INCOMPLETE) to "AWS_SECRET_ACCESS_KEY",
        Triple(AwsWebIdentity(), KEYS + ("AWS_SECRET_ACCESS_KEY" to "$CANARY\nx"), ErrorCode.CONFIG_INVALID) to "AWS_SECRET_ACCESS_KEY",
        Triple(AwsWebIdentity(region = "eu west"), KEYS, ErrorCode.CONFIG_INVALID) to "region",
        Triple(AwsWebIdentity(durationSeconds = 59), KEYS, ErrorCode.CONFIG_INVALID) to "duration_seconds",
        Triple(AwsCognito("pool", LOGINS), KEYS, ErrorCode.CONFIG_INVALID) to "identity_pool_id",
        Triple(AwsCognito(POOL, emptyMap()), KEYS, ErrorCode.CONFIG_INVALID) to "logins",
        Triple(AwsWebIdentity(), KEYS + ("AWS_ENDPOINT_URL_STS" to "http://attacker.example"), ErrorCode.CONFIG_INVALID) to "AWS_ENDPOINT_URL_STS",
        Triple(AwsWebIdentity(credentials = AwsCredentials("AKIDOTHER", "$CANARY\n-")), KEYS, ErrorCode.CONFIG_INVALID) to "secret_access_key",
    ).map { (case, part) ->
        val (source, variables, code) = case
        dynamicTest("$code: $part") { refuses(source, variables, code, part) }
    }

    @TestFactory
    fun `answers of AWS`(): List<DynamicTest> {
        fun refused(code: String) = response("<ErrorResponse><Error><Code>$code</Code><Message>$CANARY</Message></Error></ErrorResponse>", 403)
        fun both(token: String) = response("""{"WebIdentityToken":$token,"Token":$token}""")
        return listOf<Triple<String, HttpResponse, ErrorCode>>(
            Triple("federation is off", refused("OutboundWebIdentityFederationDisabledException"), ErrorCode.SOURCE_REJECTED),
            Triple("an expired session", refused("ExpiredTokenException"), ErrorCode.CREDENTIALS_EXPIRED),
            Triple("a page", response("<!doctype html><title>$CANARY</title>"), ErrorCode.SOURCE_RESPONSE_INVALID),
            Triple("a list", response("[]"), ErrorCode.SOURCE_RESPONSE_INVALID),
            Triple("a number for a token", both("7"), ErrorCode.SOURCE_RESPONSE_INVALID),
            Triple("half a document", response("""{"WebIdentityToken":"$CANARY"""), ErrorCode.SOURCE_RESPONSE_INVALID),
            Triple("a token that is none", both("\"opaque\""), ErrorCode.SOURCE_RESPONSE_INVALID),
            Triple("an expired token", both("\"${assertion(seconds = -600)}\""), ErrorCode.ASSERTION_EXPIRED),
        ).map { (name, answer, code) ->
            dynamicTest(name) {
                for (source in listOf(AwsWebIdentity(), AwsCognito(POOL, LOGINS, credentials = AwsCredentials("AKIDOTHER", CANARY)))) {
                    val endpoint = Endpoint { _, _ -> CompletableFuture.completedFuture(answer) }
                    val identity = WorkloadIdentity(TENANT, CLIENT, source) {
                        transport = endpoint
                        environment = KEYS
                        timeout = LONG_TIMEOUT
                    }
                    val error = failure { identity.getTokenBlocking(SCOPE) }
                    assertEquals(code, error.code, error.message)
                    assertFalse(CANARY in "$error ${error.hint} ${error.service} $source", "$error")
                    assertTrue(endpoint.requests.all { "amazonaws.com" in it.url }, "nothing is exchanged")
                }
            }
        }
    }
}
