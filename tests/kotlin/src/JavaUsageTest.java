package io.github.workloadidentity.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.workloadidentity.AccessToken;
import io.github.workloadidentity.Callback;
import io.github.workloadidentity.ConfigurationException;
import io.github.workloadidentity.ErrorCode;
import io.github.workloadidentity.Issuer;
import io.github.workloadidentity.SourceException;
import io.github.workloadidentity.TokenException;
import io.github.workloadidentity.TokenFile;
import io.github.workloadidentity.TokenRequest;
import io.github.workloadidentity.TokenVerifier;
import io.github.workloadidentity.UnverifiedToken;
import io.github.workloadidentity.WorkloadIdentity;
import io.github.workloadidentity.WorkloadIdentityException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** The package as Java calls it. */
class JavaUsageTest {
    private static final String SCOPE = "https://vault.azure.net/.default";
    private static final String TENANT = "8f2f1c6e-5d0a-4c57-9b3e-2a7d64c1e0b9";
    private static final String CLIENT = "3b1d7a52-c94e-4f08-8e67-90af5d2c6b14";

    private static WorkloadIdentity identity() {
        return new WorkloadIdentity(TENANT, CLIENT, Callback.blocking(request -> EndpointKt.assertion("java", 3600)), options -> {
            options.setTransport(new Endpoint());
            options.setTimeout(Duration.ofSeconds(5));
        });
    }

    private static WorkloadIdentityException failure(Supplier<Object> work) {
        return assertThrows(WorkloadIdentityException.class, work::get);
    }

    @Test
    void futuresAndBlockingCallsShareTheCache() throws Exception {
        try (WorkloadIdentity identity = identity()) {
            AccessToken token = identity.getTokenAsync(SCOPE).get();
            assertEquals("token-1", token.getToken());
            assertSame(token, identity.getTokenBlocking(SCOPE));
            assertSame(token, identity.getTokenBlocking(new TokenRequest(List.of(SCOPE))));
        }
    }

    @Test
    void anErrorOfAFutureIsTheCauseOfItsException() {
        ExecutionException thrown = assertThrows(ExecutionException.class, () -> identity().getTokenAsync("").get());
        assertEquals(ErrorCode.SCOPE_INVALID, assertInstanceOf(ConfigurationException.class, thrown.getCause()).getCode());
    }

    @Test
    void nullsAreReportedAsInEveryLanguage() {
        WorkloadIdentity identity = identity();
        assertEquals(ErrorCode.REQUEST_INVALID, failure(() -> identity.getTokenBlocking((String) null)).getCode());
        assertEquals(ErrorCode.REQUEST_INVALID, failure(() -> identity.getTokenBlocking((TokenRequest) null)).getCode());
        assertEquals(ErrorCode.REQUEST_INVALID, failure(() -> identity.getTokenBlocking(new TokenRequest(null))).getCode());
        TokenRequest nullScope = new TokenRequest(java.util.Collections.singletonList(null));
        assertEquals(ErrorCode.REQUEST_INVALID, failure(() -> identity.getTokenBlocking(nullScope)).getCode());
        assertEquals(ErrorCode.CONFIG_INVALID, failure(() -> new WorkloadIdentity(TENANT, CLIENT, new TokenFile(null))).getCode());
        assertEquals(ErrorCode.CONFIG_INVALID, failure(() -> new WorkloadIdentity(TENANT, CLIENT, null, null)).getCode());
        assertEquals("token-1", identity.getTokenBlocking(SCOPE).getToken());

        TokenVerifier verifier = TokenVerifier.oidc("https://issuer.example", "api://mine");
        assertEquals(ErrorCode.REQUEST_INVALID, failure(() -> verifier.verifyBlocking(null)).getCode());
        assertEquals(ErrorCode.REQUEST_INVALID, failure(() -> verifier.loadSnapshot(null)).getCode());
        assertEquals(ErrorCode.CONFIG_INVALID, failure(() -> TokenVerifier.oidc("https://issuer.example", null)).getCode());
        assertEquals(ErrorCode.CONFIG_INVALID, failure(() -> TokenVerifier.entra(null, "api://mine")).getCode());
        assertEquals(ErrorCode.CONFIG_INVALID, failure(() -> new TokenVerifier((Issuer) null)).getCode());
        assertEquals(ErrorCode.CONFIG_INVALID, failure(() -> new TokenVerifier((List<Issuer>) null)).getCode());
        assertEquals(ErrorCode.MALFORMED, failure(() -> UnverifiedToken.peek(null)).getCode());
    }

    @Test
    void aCallbackThatReturnsNullIsAFailedCallback() {
        WorkloadIdentity identity = new WorkloadIdentity(TENANT, CLIENT, Callback.blocking(request -> null), options -> {
            options.setTransport(new Endpoint());
            options.setTimeout(Duration.ofSeconds(5));
        });
        assertEquals(ErrorCode.CALLBACK_FAILED, assertInstanceOf(SourceException.class, failure(() -> identity.getTokenBlocking(SCOPE))).getCode());
    }

    @Test
    void aCheckedExceptionOfACallbackIsTheCause() {
        Exception boom = new java.io.IOException("boom");
        WorkloadIdentity identity = new WorkloadIdentity(TENANT, CLIENT, Callback.blocking(request -> {
            throw boom;
        }), options -> options.setTimeout(Duration.ofSeconds(5)));
        Throwable link = failure(() -> identity.getTokenBlocking(SCOPE));
        while (link.getCause() != null) link = link.getCause();
        assertSame(boom, link);
    }

    @Test
    void issuersAreConfiguredByLambdas() {
        TokenVerifier verifier = new TokenVerifier(List.of(
            Issuer.github("api://deploy", rules -> rules.repository("octo/app", "octo/other")),
            Issuer.oidc("https://login.example", "api://deploy", rules -> rules.keys("{\"keys\":[]}"))
        ), options -> options.setLeeway(Duration.ofSeconds(30)));
        TokenException refused = assertThrows(TokenException.class, () -> verifier.verifyBlocking("not a token"));
        assertEquals(ErrorCode.MALFORMED, refused.getCode());
        assertEquals(0, refused.getStackTrace().length);
        assertTrue(verifier.verifyAsync("not a token").isCompletedExceptionally());
    }
}
