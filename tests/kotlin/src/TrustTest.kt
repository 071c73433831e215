package io.github.workloadidentity.tests

import io.github.workloadidentity.Callback
import io.github.workloadidentity.CheckOutcome
import io.github.workloadidentity.ErrorCode
import io.github.workloadidentity.FederatedCredential
import io.github.workloadidentity.TokenFile
import io.github.workloadidentity.TrustField
import io.github.workloadidentity.Verdict
import io.github.workloadidentity.WorkloadIdentity
import io.github.workloadidentity.buildSubject
import io.github.workloadidentity.explain
import io.github.workloadidentity.parseSubject
import io.github.workloadidentity.preflight
import kotlinx.coroutines.runBlocking
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.jsonPrimitive
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNotNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import java.io.File
import java.nio.file.Files
import java.nio.file.Path
import java.time.Duration
import java.time.Instant
import java.util.Base64

private const val ISSUER = "https://token.actions.githubusercontent.com"
private const val AUDIENCE = "api://AzureADTokenExchange"

/** What attacks terminals and pages: an escape sequence, a bell, an override of the direction, markup. */
private const val HOSTILE = "repo:o/a\u001b[31m\u0007\u202e<script>alert('&')</script>\r\n"
private const val ESCAPED =
    """repo:o/a\u{1b}[31m\u{7}\u{202e}\u{3c}script\u{3e}alert('\u{26}')\u{3c}/script\u{3e}\u{d}\u{a}"""

private fun JsonObject.text(name: String): String? = (this[name] as? JsonPrimitive)?.takeIf { it.isString }?.content

/** Explanations of trust: `tests/vectors/trust.json`, bad input, and texts of tokens that are data. */
class TrustTest {
    @TempDir
    lateinit var folder: Path

    private fun github(subject: String = "repo:octo/app:pull_request", more: Map<String, Any> = emptyMap()): Map<String, Any> =
        mapOf("iss" to ISSUER, "sub" to subject, "aud" to AUDIENCE) + more

    private fun token(claims: Map<String, Any>, algorithm: String = "RS256"): String {
        val payload = JsonObject(claims.mapValues { (_, value) -> if (value is Number) JsonPrimitive(value) else JsonPrimitive(value.toString()) })
        return listOf("""{"alg":"$algorithm","kid":"k"}""", payload.toString(), "signature").joinToString(".") {
            Base64.getUrlEncoder().withoutPadding().encodeToString(it.toByteArray())
        }
    }

    private fun plain(value: JsonElement): Any? =
        when (value) {
            is JsonObject -> value.mapValues { plain(it.value) }
            is JsonArray -> value.map(::plain)
            is JsonNull -> null
            is JsonPrimitive -> if (value.isString) value.content else value.content.toBooleanStrictOrNull() ?: value.content.toDouble()
        }

    private fun credentialOf(form: JsonObject) =
        FederatedCredential(form.text("issuer")!!, form.text("subject"), form.text("expression"), form.text("audience"), form.text("name"))

    /** What a row of the table says. */
    private fun outcomeOf(verdict: Verdict): List<Any?> {
        val fields = verdict.nearest?.let { verdict.credentials[it].fields }.orEmpty()
        val position = fields.find { it.field == verdict.field }?.position
        return listOf(verdict.isAccepted, verdict.aadsts, verdict.field?.name?.lowercase(), verdict.difference, position)
    }

    private fun wantedOf(case: JsonObject): List<Any?> {
        fun number(name: String) = (case[name] as? JsonPrimitive)?.content?.toIntOrNull()
        return listOf(case["accepted"]!!.jsonPrimitive.content == "true", number("aadsts"), case.text("field"), case.text("difference"), number("position"))
    }

    private fun assertHarmless(report: String, advice: List<String>) {
        assertTrue((listOf(report) + advice).all { text -> text.lines().all { line -> line.all { it in ' '..'~' } } }, report)
        assertTrue(report.none { it in "<>&" }, report)
    }

    @Test
    fun `the decision table`() {
        val table = (parsed(File(Emulator.root, "tests/vectors/trust.json").readText())["cases"] as JsonArray).map { it as JsonObject }
        assertTrue(table.size >= 150)
        for (case in table) {
            val credentials = (case["credentials"] as JsonArray).map { credentialOf(it as JsonObject) }
            @Suppress("UNCHECKED_CAST")
            val verdict = explain(claims = plain(case["claims"]!!) as Map<String, Any?>, credentials = credentials)
            assertEquals(wantedOf(case), outcomeOf(verdict), case.text("name"))
            assertTrue(verdict.toString().all { it in ' '..'~' || it == '\n' }, case.text("name"))
        }
    }

    @Test
    fun `a report names the character`() {
        val credential = FederatedCredential(ISSUER, "repo:octo/app:environment:prod", name = "prod")
        val report = explain(token(github()), listOf(credential)).toString().lines()
        val start = listOf(
            "refused: AADSTS700213",
            "prod",
            "  issuer: equal",
            "  subject: job_context at character 14",
            "    expected:  repo:octo/app:environment:prod",
            "    presented: repo:octo/app:pull_request",
            "  audience: equal",
        )
        assertEquals(start, report.take(start.size))
        assertTrue("to do" in report)
    }

    @Test
    fun `texts of a token are data`() {
        val credential = FederatedCredential(ISSUER, "repo:o/a:ref:refs/heads/main", name = HOSTILE)
        val verdict = explain(token(github(HOSTILE)), listOf(credential))
        assertEquals(HOSTILE, verdict.credentials[0].fields[1].presented)
        assertEquals(HOSTILE, verdict.credentials[0].name)
        assertTrue(ESCAPED in verdict.toString())
        assertTrue(ESCAPED in verdict.credentials[0].fields[1].toString())
        assertHarmless(verdict.toString(), verdict.fix)
        val report = preflight(token(github(HOSTILE)))
        assertEquals(HOSTILE, report.subject)
        assertTrue(ESCAPED in report.toString())
        assertHarmless(report.toString(), report.entra.problems.map { it.message })
    }

    @Test
    fun `a file of credentials, documents and the answer of Entra`() {
        val file = folder.resolve("credentials.json")
        Files.writeString(file, """[{"id":"1","name":"pr","issuer":"$ISSUER","subject":"repo:octo/app:pull_request","audiences":["$AUDIENCE"]}]""")
        val credentials = FederatedCredential.read(file)
        val token = token(github(more = mapOf("iat" to 1000, "exp" to 1300)))
        assertTrue(explain(token, credentials, now = Instant.ofEpochSecond(1100)).isAccepted)
        val late = explain(token, credentials, now = Instant.ofEpochSecond(9000), jwks = """{"keys":[]}""", discovery = "{}")
        assertFalse(late.isAccepted)
        assertEquals(CheckOutcome.FAIL, late.checks.single { it.check == "lifetime" }.outcome)
        val answered = explain(error = "AADSTS700212: No matching record found for presented assertion audience 'x'. See", credentials = credentials)
        assertEquals(listOf(700212, TrustField.AUDIENCE), listOf(answered.aadsts, answered.field))
        Files.writeString(file, "[\n {\"issuer\": \"https://i\", \"subjectt\": \"s\"}\n]")
        val wrong = failure { FederatedCredential.read(file) }
        assertEquals(ErrorCode.CONFIG_INVALID, wrong.code)
        assertTrue("subjectt" in wrong.message && "line 2" in wrong.message, wrong.message)
        assertEquals(ErrorCode.CONFIG_INVALID, failure { FederatedCredential.read(folder.resolve("absent")) }.code)
    }

    @Test
    fun `preflight of a token`() {
        val good = preflight(token(github(more = mapOf("iat" to 100, "exp" to 400))))
        assertEquals(listOf("RS256", ISSUER, "repo:octo/app:pull_request", listOf(AUDIENCE)), listOf(good.algorithm, good.issuer, good.subject, good.audience))
        assertEquals(Duration.ofMinutes(5), good.lifetime)
        assertTrue(good.entra.isPossible && good.entra.problems.isEmpty())
        val cases = mapOf(
            "algorithm_not_rs256" to token(github(), "ES256"),
            "private_issuer" to token(mapOf("iss" to "https://10.0.0.1", "sub" to "s", "aud" to AUDIENCE)),
            "per_run_subject" to token(mapOf("iss" to "https://oidc.fly.io/o", "sub" to "o:app:148e12345b7789", "aud" to AUDIENCE)),
            "entra_issued" to token(mapOf("iss" to "https://sts.windows.net/t/", "sub" to "s", "aud" to AUDIENCE)),
        )
        for ((code, token) in cases) {
            val entra = preflight(token).entra
            assertEquals(false to listOf(code), entra.isPossible to entra.problems.map { it.code })
        }
        val keys = (0..100).joinToString(",", """{"keys":[""", "]}") { """{"kid":"$it"}""" }
        assertEquals(listOf("too_many_keys", "signing_key_missing"), preflight(token(github()), keys).entra.problems.map { it.code })
    }

    @Test
    fun `subjects are built and taken apart`() {
        val parts = mapOf("owner" to "octo", "repo" to "app", "environment" to "prod")
        val subject = buildSubject("github", "environment", parts)
        assertEquals("repo:octo/app:environment:prod", subject)
        val parsed = parseSubject(subject, ISSUER)
        assertEquals(listOf("github", "environment", 1, parts), listOf(parsed.platform, parsed.form, parsed.generation, parsed.parts))
        assertEquals(null, parseSubject("\u001b?").platform)
        assertTrue("environment" in failure { buildSubject("github", "environment", parts - "environment") }.message)
    }

    @Test
    fun `bad input has its code`() {
        val cases: Map<() -> Any, ErrorCode> = mapOf(
            { explain() } to ErrorCode.REQUEST_INVALID,
            { explain("x", claims = emptyMap()) } to ErrorCode.REQUEST_INVALID,
            { explain("no token") } to ErrorCode.MALFORMED,
            { explain("a.b.c.d.e") } to ErrorCode.ENCRYPTED_UNSUPPORTED,
            { explain("x".repeat(1_000_000)) } to ErrorCode.TOO_LARGE,
            { explain(claims = github(), credentials = listOf(FederatedCredential("https://i"))) } to ErrorCode.REQUEST_INVALID,
            { explain(error = "no number") } to ErrorCode.REQUEST_INVALID,
            { preflight("no token") } to ErrorCode.MALFORMED,
        )
        for ((call, code) in cases) assertEquals(code, failure { call() }.code)
    }

    @Test
    fun `preflight of a source in each form`() {
        val file = folder.resolve("token")
        Files.writeString(file, token(github(HOSTILE)))
        val identity = WorkloadIdentity(TENANT, CLIENT, TokenFile(file.toString())) { transport = Endpoint() }
        val report = preflight(token(github(HOSTILE)))
        assertEquals(report, identity.preflightBlocking())
        assertEquals(report, identity.preflightAsync().get())
        assertEquals(report, runBlocking { identity.preflight() })
        Files.delete(file)
        val missing = failure { identity.preflightBlocking() }
        assertEquals(ErrorCode.TOKEN_FILE_MISSING, missing.code)
        assertNotNull(missing.cause)
        identity.close()
        assertEquals(ErrorCode.MISUSE, failure { identity.preflightBlocking() }.code)
    }

    @Test
    fun `a refused trust is explained`() {
        val description = "AADSTS700213: No matching federated identity record found for presented assertion subject 'repo:octo/app:pull_request'. Trace"
        val endpoint = Endpoint.answering("""{"error":"invalid_client","error_description":"$description","error_codes":[700213]}""", 401)
        val identity = WorkloadIdentity(TENANT, CLIENT, Callback { token(github()) }) { transport = endpoint }
        val error = failure { identity.getTokenBlocking(SCOPE) }
        assertEquals(ErrorCode.TRUST_MISMATCH, error.code)
        assertEquals(listOf(ISSUER, "repo:octo/app:pull_request", listOf(AUDIENCE)), error.presented!!.let { listOf(it.issuer, it.subject, it.audience) })
        val explanation = error.explanation!!
        assertEquals(listOf(700213, TrustField.SUBJECT), listOf(explanation.aadsts, explanation.field))
        assertTrue(explanation.fix.any { it.startsWith("az ad app federated-credential create") })
        assertTrue(ESCAPED in error.presented!!.copy(subject = HOSTILE).toString())
    }
}
