package io.github.workloadidentity.tests;

import io.github.workloadidentity.VerifiedToken;
import io.github.workloadidentity.ffi.Verifier;
import io.github.workloadidentity.internal.CheckKt;
import io.github.workloadidentity.internal.HandledVerifier;
import java.nio.ByteBuffer;
import kotlinx.serialization.json.JsonObject;

/** Calls what Kotlin does not let another module call: the check with a clock of the test, and a token of chosen claims. */
public final class InternalCalls {
    private InternalCalls() {}

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
