package io.github.workloadidentity.tests

import io.github.workloadidentity.AzurePipelines
import io.github.workloadidentity.Bitbucket
import io.github.workloadidentity.Buildkite
import io.github.workloadidentity.CircleCI
import io.github.workloadidentity.EnvironmentVariable
import io.github.workloadidentity.ErrorCode
import io.github.workloadidentity.Executable
import io.github.workloadidentity.Fly
import io.github.workloadidentity.GitLab
import io.github.workloadidentity.ManagedIdentity
import io.github.workloadidentity.Modal
import io.github.workloadidentity.NamedSource
import io.github.workloadidentity.Spacelift
import io.github.workloadidentity.Terraform
import io.github.workloadidentity.TokenFile
import io.github.workloadidentity.TokenSource
import io.github.workloadidentity.TokenUrl
import io.github.workloadidentity.Vercel
import io.github.workloadidentity.WorkloadIdentity
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.jsonPrimitive
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.DynamicTest
import org.junit.jupiter.api.DynamicTest.dynamicTest
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestFactory
import org.junit.jupiter.api.io.TempDir
import java.nio.file.Files
import java.nio.file.Path
import java.time.Duration

private const val IDENTITY = "2d1f8b64-7a3c-4e59-8c10-9b5e6f7a8c3d"
private const val CANARY = "c4n4ry-s3cr3t"

/** The sources of CI services, hosting platforms and Azure at the emulator, and the generic ones. */
class PlatformSourceTest {
    private fun identityOf(source: TokenSource, variables: Map<String, String>, emulator: Emulator? = null) =
        WorkloadIdentity(emulator?.fact("tenant_id") ?: TENANT, emulator?.fact("client_id") ?: CLIENT, source) {
            environment = variables
            timeout = LONG_TIMEOUT
            if (emulator == null) transport = Endpoint() else authorityHost = emulator.fact("base_url")
        }

    private val sources = listOf(
        Triple("azure-pipelines", "(SYSTEM|AZURESUBSCRIPTION)_.*", AzurePipelines()),
        Triple("app-service", "IDENTITY_.*", ManagedIdentity(clientId = IDENTITY)),
        Triple("azure-ml", "(MSI|DEFAULT_IDENTITY)_.*", ManagedIdentity(clientId = IDENTITY)),
        Triple("imds", "AZURE_POD_.*", ManagedIdentity()),
        Triple("bitbucket", "BITBUCKET_.*", Bitbucket()),
        Triple("buildkite", "BUILDKITE_.*", Buildkite()),
        Triple("circleci", "CIRCLE.*", CircleCI()),
        Triple("fly", "FLY_.*", Fly()),
        Triple("gitlab", "GITLAB_CI|AZURE_ID_TOKEN", GitLab()),
        Triple("modal", "MODAL_.*", EnvironmentVariable("MODAL_IDENTITY_TOKEN")),
        Triple("modal", "MODAL_.*", NamedSource("modal")),
        Triple("spacelift", "SPACELIFT_.*", Spacelift()),
        Triple("terraform", "TFC_.*", Terraform()),
        Triple("vercel", "VERCEL.*", Vercel()),
    )

    @Test
    fun `each platform of the emulator`() {
        val platforms = sources.map { (platform) -> platform }.distinct()
        Emulator(*platforms.flatMap { listOf("--platform", it) }.toTypedArray()).use { emulator ->
            val all = (emulator.facts.getValue("environment") as JsonObject).mapValues { it.value.jsonPrimitive.content }
            for ((platform, names, source) in sources) {
                val variables = all.filterKeys(Regex(names)::matches)
                val token = identityOf(source, variables, emulator).use { it.getTokenBlocking(SCOPE).token }
                assertTrue(token.isNotEmpty(), "$platform by $source")
            }
        }
    }

    private class Wrong(val source: TokenSource, val code: ErrorCode, val part: String, vararg variables: Pair<String, String>) {
        val variables = mapOf(*variables)
    }

    @TestFactory
    fun `what cannot be used`(): List<DynamicTest> = listOf(
        Wrong(AzurePipelines(), ErrorCode.ENVIRONMENT_INCOMPLETE, "SYSTEM_OIDCREQUESTURI"),
        Wrong(AzurePipelines(IDENTITY, "$CANARY\nx", "https://dev.azure.com/o/"), ErrorCode.CONFIG_INVALID, "SYSTEM_ACCESSTOKEN"),
        Wrong(ManagedIdentity(IDENTITY, IDENTITY), ErrorCode.CONFIG_INVALID, "`source."),
        Wrong(ManagedIdentity(), ErrorCode.ENVIRONMENT_INCOMPLETE, "IDENTITY_ENDPOINT", "IDENTITY_HEADER" to CANARY),
        Wrong(ManagedIdentity(), ErrorCode.CONFIG_INVALID, "MSI_ENDPOINT", "MSI_ENDPOINT" to "http://attacker.example/"),
        Wrong(Bitbucket(), ErrorCode.ENVIRONMENT_INCOMPLETE, "BITBUCKET_STEP_OIDC_TOKEN"),
        Wrong(Buildkite(), ErrorCode.ENVIRONMENT_INCOMPLETE, "BUILDKITE_JOB_ID", "BUILDKITE_AGENT_ACCESS_TOKEN" to CANARY),
        Wrong(CircleCI(), ErrorCode.ENVIRONMENT_INCOMPLETE, "CIRCLE_OIDC_TOKEN"),
        Wrong(GitLab("MY_TOKEN"), ErrorCode.ENVIRONMENT_INCOMPLETE, "MY_TOKEN", "GITLAB_CI" to "true"),
        Wrong(Modal(), ErrorCode.ENVIRONMENT_INCOMPLETE, "MODAL_IDENTITY_TOKEN"),
        Wrong(Terraform(), ErrorCode.ENVIRONMENT_INCOMPLETE, "TFC_WORKLOAD_IDENTITY_TOKEN"),
        Wrong(EnvironmentVariable("no name"), ErrorCode.CONFIG_INVALID, "variable"),
        Wrong(NamedSource("nope"), ErrorCode.CONFIG_INVALID, "`source.kind`"),
        Wrong(TokenUrl("https://169.254.169.254/"), ErrorCode.CONFIG_INVALID, "url"),
        Wrong(TokenUrl("https://a.example/", mapOf("a" to "$CANARY\nx")), ErrorCode.CONFIG_INVALID, "header"),
        Wrong(Executable(listOf("/bin/true")), ErrorCode.CONFIG_INVALID, "allow_executables"),
    ).map { case ->
        dynamicTest("${case.source::class.simpleName}: ${case.part}") {
            val error = failure { identityOf(case.source, case.variables).getTokenBlocking(SCOPE) }
            assertEquals(case.code, error.code, error.message)
            assertTrue(case.part in error.message, error.message)
            assertFalse(CANARY in "$error ${error.hint} ${case.source}", "$error")
        }
    }

    @Test
    fun `an executable, and a member of a file`(@TempDir folder: Path) {
        val answer = """{"version":1,"success":true,"token_type":"urn:ietf:params:oauth:token-type:jwt","id_token":"${assertion()}"}"""
        val program = Executable(listOf("/bin/echo", answer), allowExecutables = true)
        val file = Files.writeString(folder.resolve("token.json"), """{"t":"${assertion()}"}""")
        for (source in listOf(program, TokenFile("$file", format = "json", field = "t"))) {
            assertEquals("token-1", identityOf(source, emptyMap()).getTokenBlocking(SCOPE).token)
        }
    }
}
