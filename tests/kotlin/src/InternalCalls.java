package io.github.workloadidentity.tests;

import io.github.workloadidentity.VerifiedToken;
import io.github.workloadidentity.ffi.Verifier;
import io.github.workloadidentity.internal.CheckKt;

/** Calls what Kotlin does not let another module call: the check with a clock of the test. */
public final class InternalCalls {
    private InternalCalls() {}

    /** Returns the verified token, or null if keys must be fetched; throws the error that `verify` throws. */
    public static VerifiedToken check(Verifier verifier, String token, long now) {
        return CheckKt.check(verifier, token, now);
    }
}
