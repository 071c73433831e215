//! Signatures that the host computes: the effect `verify`.

use super::{KEYS, config, key_set, token};
use crate::Recorder;
use serde_json::{Value, json};

pub(super) fn all() -> Vec<Recorder> {
    vec![results(), after_fetch(), claims_after_signature()]
}

fn by_host(issuer: Value) -> Value {
    config(issuer, json!({"signatures": "host"}))
}

fn results() -> Recorder {
    let mut r = Recorder::verifier(
        "verifier-host-signatures",
        "The host computes signatures: what it can say and what becomes of the token.",
        by_host(json!({"keys": key_set(&["k1"])})),
    );
    let token = token("k1");
    r.check(&token, "drive");
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
