//! Signatures that the host verifies: the step `verify_signature` and the effect `verify`.

use super::{KEYS, config, key_set, token};
use crate::Recorder;
use serde_json::{Value, json};

pub(super) fn all() -> Vec<Recorder> {
    vec![steps(), steps_and_cache(), results(), after_fetch(), claims_after_signature()]
}

fn by_host(issuer: Value) -> Value {
    config(issuer, json!({"signatures": "host"}))
}

fn steps() -> Recorder {
    let mut r = Recorder::verifier(
        "verifier-verify-signature",
        "The host verifies signatures without a ticket: every result, also out of order, late and twice.",
        by_host(json!({"keys": key_set(&["k1"]), "roles": ["Orders.Write"]})),
    );
    let poor = token("k1");
    let rich = super::token_with("k1", json!({"roles": ["Orders.Write"]}));
    for (result, code) in [
        ("valid", None),
        ("invalid", Some("signature_invalid")),
        ("not_found", Some("alg_unsupported")),
        ("denied", Some("key_rejected")),
        ("other", Some("provider_error")),
        ("VALID", Some("provider_error")),
    ] {
        let verification = verification(&mut r, &rich);
        assert!(!r.signature(verification).is_empty());
        assert!(r.jwk(verification).is_some());
        r.complete(verification, result, code);
        r.complete(verification, result, Some("too_many_requests"));
    }
    let (first, second) = (verification(&mut r, &poor), verification(&mut r, &rich));
    r.complete(second, "valid", None);
    r.complete(first, "valid", Some("claim_missing"));
    let last = verification(&mut r, &poor);
    r.complete(last, "invalid", Some("signature_invalid"));
    r.check_refuses(&rich[..rich.len() - 2], "signature_invalid");
    assert_eq!(r.signature(999), "");
    assert_eq!(r.jwk(999), None);
    r
}

fn steps_and_cache() -> Recorder {
    let mut r = Recorder::verifier(
        "verifier-verify-signature-cached",
        "A result that is complete is cached: only a valid one.",
        config(
            json!({"keys": key_set(&["k1"])}),
            json!({"signatures": "host", "cache_max_bytes": 100_000}),
        ),
    );
    let token = token("k1");
    let bad = verification(&mut r, &token);
    r.complete(bad, "invalid", Some("signature_invalid"));
    let good = verification(&mut r, &token);
    r.complete(good, "valid", None);
    let step = r.check(&token, "done");
    assert!(step["fresh_until"].as_i64() > Some(r.now));
    r
}

/// `check`, which must ask for a signature; returns the number of the verification. The step has no claims.
fn verification(r: &mut Recorder, token: &str) -> u64 {
    let step = r.check(token, "verify_signature");
    assert!(!step.to_string().contains("api://"), "the step shows the audience: {step}");
    step["verification"].as_u64().expect("a number")
}

fn results() -> Recorder {
    let mut r = Recorder::verifier(
        "verifier-host-signatures",
        "The host computes signatures: what it can say and what becomes of the token.",
        by_host(json!({"keys": key_set(&["k1"])})),
    );
    let token = token("k1");
    r.check(&token, "verify_signature");
    for (kind, status, head, code) in [
        ("verified", 1, "", ""),
        ("verified", 0, "", "signature_invalid"),
        ("verified", 2, "", "signature_invalid"),
        ("failed", 0, "not_found", "alg_unsupported"),
        ("failed", 0, "other", "provider_error"),
        ("failed", 0, "timeout", "provider_error"),
        ("failed", 0, "cancelled", "cancelled"),
        ("elapsed", 0, "", "provider_error"),
    ] {
        let t = r.begin_token(&token);
        let e = r.perform(t, "verify");
        assert_eq!(r.perform(t, "verify"), e);
        r.resolve(e, kind, status, head, b"");
        match code {
            "" => r.accepted(t),
            code => r.fail(t, code),
        };
        assert_eq!(r.end(t), 0);
        assert_eq!(r.resolve(e, "verified", 1, "", b""), 0);
    }
    r
}

fn after_fetch() -> Recorder {
    let mut r = Recorder::verifier(
        "verifier-host-signatures-fetch",
        "Keys first, then a signature for each token of its own: no token waits for another one's signature.",
        by_host(json!({"jwks_uri": KEYS})),
    );
    let first = r.begin_token(&token("k1"));
    let second = r.begin_token(&token("k2"));
    let (e, _) = r.asks(first, KEYS);
    r.poll(second, "wait");
    r.http(e, 200, key_set(&["k1", "k2"]));
    let one = r.perform(first, "verify");
    let two = r.perform(second, "verify");
    r.resolve(two, "verified", 0, "", b"");
    r.resolve(one, "verified", 1, "", b"");
    r.accepted(first);
    r.fail(second, "signature_invalid");
    r.end(first);
    r.end(second);
    // A ticket that has ended gets no result.
    let t = r.begin_token(&token("k1"));
    let e = r.perform(t, "verify");
    assert_eq!(r.end(t), 0);
    assert_eq!(r.resolve(e, "verified", 1, "", b""), 0);
    r
}

fn claims_after_signature() -> Recorder {
    let mut r = Recorder::verifier(
        "verifier-host-signatures-claims",
        "What a token claims is looked at after its signature; a signature of the wrong length never reaches the host.",
        by_host(json!({"keys": key_set(&["k1"]), "roles": ["Orders.Write"]})),
    );
    let poor = token("k1");
    let t = r.begin_token(&poor);
    let e = r.perform(t, "verify");
    r.resolve(e, "verified", 1, "", b"");
    r.fail(t, "claim_missing");
    r.end(t);
    let rich = super::token_with("k1", json!({"roles": ["Orders.Read", "Orders.Write"]}));
    let t = r.begin_token(&rich);
    let e = r.perform(t, "verify");
    r.resolve(e, "verified", 1, "", b"");
    r.accepted(t);
    r.end(t);
    let cut = &rich[..rich.len() - 2];
    let t = r.begin_token(cut);
    r.fail(t, "signature_invalid");
    r.end(t);
    r
}
