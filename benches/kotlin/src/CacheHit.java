package io.github.workloadidentity.benches;

import com.azure.core.credential.TokenCredential;
import com.azure.core.credential.TokenRequestContext;
import com.azure.core.http.HttpHeaderName;
import com.azure.core.http.HttpHeaders;
import com.azure.core.http.HttpRequest;
import com.azure.identity.ClientAssertionCredentialBuilder;
import com.microsoft.aad.msal4j.ClientCredentialFactory;
import com.microsoft.aad.msal4j.ClientCredentialParameters;
import com.microsoft.aad.msal4j.ConfidentialClientApplication;
import com.microsoft.aad.msal4j.HttpResponse;
import io.github.workloadidentity.AccessToken;
import io.github.workloadidentity.Callback;
import io.github.workloadidentity.WorkloadIdentity;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** A cached access token, beside Microsoft's clients. No client uses a network. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class CacheHit {
    private static final String TENANT = "8f2f1c6e-5d0a-4c57-9b3e-2a7d64c1e0b9";
    private static final String CLIENT = "3b1d7a52-c94e-4f08-8e67-90af5d2c6b14";
    private static final String SCOPE = "https://vault.azure.net/.default";
    private static final String GRANTED =
        "{\"token_type\":\"Bearer\",\"expires_in\":86399,\"ext_expires_in\":86399,\"access_token\":\"token\"}";

    private WorkloadIdentity ours;
    private TokenCredential azure;
    private TokenRequestContext context;
    private ConfidentialClientApplication msal;
    private ClientCredentialParameters parameters;

    @Setup
    public void setUp() throws Exception {
        ours = new WorkloadIdentity(TENANT, CLIENT, Callback.blocking(request -> assertion()), options ->
            options.setTransport(request -> CompletableFuture.completedFuture(
                new io.github.workloadidentity.HttpResponse(200, List.of(), GRANTED.getBytes(StandardCharsets.UTF_8)))));
        context = new TokenRequestContext().addScopes(SCOPE);
        azure = new ClientAssertionCredentialBuilder()
            .tenantId(TENANT)
            .clientId(CLIENT)
            .clientAssertion(CacheHit::assertion)
            .disableInstanceDiscovery()
            .httpClient(request -> Mono.just(new Answer(request)))
            .build();
        msal = ConfidentialClientApplication
            .builder(CLIENT, ClientCredentialFactory.createFromClientAssertion(assertion()))
            .authority("https://login.microsoftonline.com/" + TENANT)
            .instanceDiscovery(false)
            .httpClient(request -> {
                var response = new HttpResponse();
                response.statusCode(200);
                response.addHeaders(Map.of("Content-Type", List.of("application/json")));
                response.body(GRANTED);
                return response;
            })
            .build();
        parameters = ClientCredentialParameters.builder(Set.of(SCOPE)).build();
    }

    @Benchmark
    public AccessToken ours() {
        return ours.getTokenBlocking(SCOPE);
    }

    @Benchmark
    public Object azureIdentity() {
        return azure.getTokenSync(context);
    }

    @Benchmark
    public Object msal4j() throws Exception {
        return msal.acquireToken(parameters).get();
    }

    public static void main(String[] arguments) throws Exception {
        var rows = new Rows(CacheHit.class);
        rows.print("kotlin cached token", "ours", "azure-identity ClientAssertionCredential", "azureIdentity", 20);
        rows.print("kotlin cached token", "ours", "msal4j", "msal4j", 20);
    }

    /** A JWT in form only. */
    private static String assertion() {
        long expiry = System.currentTimeMillis() / 1000 + 86_400;
        String claims = "{\"iss\":\"https://issuer.example\",\"sub\":\"app\",\"aud\":\"api://AzureADTokenExchange\",\"exp\":" + expiry + "}";
        return encoded("{\"alg\":\"RS256\"}") + "." + encoded(claims) + "." + encoded("signature");
    }

    private static String encoded(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    /** The response of a token endpoint, as azure-core has it. */
    private static final class Answer extends com.azure.core.http.HttpResponse {
        Answer(HttpRequest request) {
            super(request);
        }

        @Override
        public int getStatusCode() {
            return 200;
        }

        @Override
        @Deprecated
        public String getHeaderValue(String name) {
            return getHeaders().getValue(HttpHeaderName.fromString(name));
        }

        @Override
        public HttpHeaders getHeaders() {
            return new HttpHeaders().set(HttpHeaderName.CONTENT_TYPE, "application/json");
        }

        @Override
        public Flux<ByteBuffer> getBody() {
            return Flux.just(ByteBuffer.wrap(GRANTED.getBytes(StandardCharsets.UTF_8)));
        }

        @Override
        public Mono<byte[]> getBodyAsByteArray() {
            return Mono.just(GRANTED.getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public Mono<String> getBodyAsString() {
            return Mono.just(GRANTED);
        }

        @Override
        public Mono<String> getBodyAsString(Charset charset) {
            return Mono.just(GRANTED);
        }
    }
}
