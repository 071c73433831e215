package io.github.workloadidentity.tests;

import io.github.workloadidentity.ConnectionOptions;
import io.github.workloadidentity.HttpRequest;
import io.github.workloadidentity.Transport;
import io.github.workloadidentity.VerifiedToken;
import io.github.workloadidentity.ffi.Verifier;
import io.github.workloadidentity.internal.CheckKt;
import io.github.workloadidentity.internal.DriverKt;
import io.github.workloadidentity.internal.HandledVerifier;
import io.github.workloadidentity.internal.JsonKt;
import io.github.workloadidentity.internal.Outcome;
import io.github.workloadidentity.internal.Performer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import kotlin.coroutines.Continuation;
import kotlin.coroutines.EmptyCoroutineContext;
import kotlinx.coroutines.BuildersKt;
import kotlinx.coroutines.CoroutineScope;
import kotlinx.serialization.json.JsonObject;

/** Calls what Kotlin does not let another module call: single effects, the check with a clock of the test, a token of chosen claims. */
public final class InternalCalls {
    private InternalCalls() {}

    /** Returns the options of a request. */
    public static ConnectionOptions options(boolean direct, String unixSocket, String ca, String serverName, String certificateSha1) {
        return new ConnectionOptions(direct, unixSocket, ca, serverName, certificateSha1);
    }

    /** Returns a request with options, which takes 1000 bytes. */
    public static HttpRequest request(String method, String url, byte[] body, Duration timeout, ConnectionOptions options) {
        return new HttpRequest(method, url, Map.of("metadata", "true"), body, timeout, 1000, options);
    }

    /** Performs an effect with a transport: kind, failure word or head, and body. */
    public static List<String> perform(Transport transport, String effect) throws InterruptedException {
        CoroutineScope scope = DriverKt.effectScope();
        Performer performer = new Performer(transport, null, null, null, scope, null);
        JsonObject parsed = JsonKt.parseObject(effect);
        Outcome outcome = BuildersKt.runBlocking(
            EmptyCoroutineContext.INSTANCE, (ignored, continuation) -> performer.perform(parsed, (Continuation<? super Outcome>) continuation));
        return List.of(outcome.getKind(), outcome.getHead(), new String(outcome.getBody(), StandardCharsets.UTF_8));
    }

    /** Returns a verifier of the kind that `TokenVerifier` has. */
    public static Verifier verifier(ByteBuffer config) {
        return new HandledVerifier(config);
    }

    /** Returns a verified token that no verifier has made. */
    public static VerifiedToken verifiedToken(JsonObject value) {
        return new VerifiedToken(value);
    }

    /** Returns the verified token, or null if keys must be fetched; throws the error that `verify` throws. */
    public static VerifiedToken check(Verifier verifier, String token, long now) {
        return CheckKt.check((HandledVerifier) verifier, token, now);
    }
}
