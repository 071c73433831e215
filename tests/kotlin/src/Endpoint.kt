package io.github.workloadidentity.tests

import io.github.workloadidentity.HttpRequest
import io.github.workloadidentity.HttpResponse
import io.github.workloadidentity.Transport
import io.github.workloadidentity.WorkloadIdentityException
import org.junit.jupiter.api.Assertions.assertThrows
import java.time.Duration
import java.util.Base64
import java.util.concurrent.CompletableFuture
import java.util.concurrent.CompletionStage
import java.util.concurrent.CopyOnWriteArrayList
import java.util.concurrent.TimeUnit

const val TENANT = "8f2f1c6e-5d0a-4c57-9b3e-2a7d64c1e0b9"
const val CLIENT = "3b1d7a52-c94e-4f08-8e67-90af5d2c6b14"
const val SCOPE = "https://vault.azure.net/.default"

/** How long a busy machine may take for what takes no time on an idle one. */
val LONG_TIMEOUT: Duration = Duration.ofSeconds(30)

/** A JWT in form only: its signature is never checked. */
fun assertion(subject: String = "system:serviceaccount:default:app", seconds: Long = 3600): String {
    val expiry = System.currentTimeMillis() / 1000 + seconds
    val claims = """{"iss":"https://issuer.example","sub":"$subject","aud":"api://AzureADTokenExchange","exp":$expiry}"""
    return listOf("""{"alg":"RS256","kid":"k1","typ":"JWT"}""", claims, "signature").joinToString(".") {
        Base64.getUrlEncoder().withoutPadding().encodeToString(it.toByteArray())
    }
}

fun granted(token: String = "token-1", more: String = ""): String =
    """{"token_type":"Bearer","expires_in":3599,"access_token":"$token"$more}"""

fun response(body: String, status: Int = 200, vararg headers: Pair<String, String>): HttpResponse =
    HttpResponse(status, headers.toList(), body.toByteArray())

fun later(response: HttpResponse, millis: Long = 50): CompletableFuture<HttpResponse> =
    CompletableFuture<HttpResponse>().completeOnTimeout(response, millis, TimeUnit.MILLISECONDS)

/** A token endpoint without a network. It answers by the number of the request, from 1, and remembers the requests. */
class Endpoint(
    private val answer: (number: Int, request: HttpRequest) -> CompletionStage<HttpResponse> = { number, _ ->
        CompletableFuture.completedFuture(response(granted("token-$number")))
    },
) : Transport {
    val requests = CopyOnWriteArrayList<HttpRequest>()

    override fun send(request: HttpRequest): CompletionStage<HttpResponse> {
        val number = synchronized(requests) { requests.also { it += request }.size }
        return answer(number, request)
    }

    companion object {
        fun answering(body: String, status: Int = 200, vararg headers: Pair<String, String>) =
            Endpoint { _, _ -> CompletableFuture.completedFuture(response(body, status, *headers)) }
    }
}

/** The error that `work` throws. */
fun failure(work: () -> Any?): WorkloadIdentityException = assertThrows(WorkloadIdentityException::class.java) { work() }
