//! Keys grow old: background refresh, not modified, stale, expired, revoked.

use super::{HOUR, KEYS, STALE, at_address, fetched, jwk, key_set, mint, token};
use crate::Recorder;
use crate::recorder::START;
use serde_json::json;

pub(super) fn all() -> Vec<Recorder> {
    vec![refresh(), not_modified(), stale_if_error(), expired(), cache_control(), spiffe_revokes()]
}

/// Has a token accepted whose keys are due for a refresh; returns that ticket.
fn due(r: &mut Recorder, token: &str) -> u64 {
    let t = r.begin_token(token);
    let step = r.accepted(t);
    r.end(t);
    step["refresh"].as_u64().expect("a refresh is due")
}

fn refresh() -> Recorder {
    let mut r = Recorder::verifier(
        "verifier-refresh",
        "Keys are refreshed beside the tokens they verify: one caller gets the ticket; if it is dropped, the next one does.",
        at_address(),
    );
    let token = token("k1");
    fetched(&mut r, &token, &["k1"]);
    r.wait(STALE);
    let refresh = due(&mut r, &token);
    let t = r.begin_token(&token);
    assert!(r.accepted(t).get("refresh").is_none());
    r.end(t);
    r.asks(refresh, KEYS);
    r.end(refresh);
    let refresh = due(&mut r, &token);
    let (e, _) = r.asks(refresh, KEYS);
    r.http(e, 200, key_set(&["k1", "k2"]));
    let step = r.poll(refresh, "done");
    assert_eq!(step["value"]["keys"], 2);
    r.end(refresh);
    r.check(&super::token("k2"), "done");
    r
}

fn not_modified() -> Recorder {
    let mut r = Recorder::verifier(
        "verifier-not-modified",
        "The set came with a version (`ETag`): the refresh asks for another one only, and 304 makes the keys young again.",
        at_address(),
    );
    let token = token("k1");
    let t = r.begin_token(&token);
    let (e, headers) = r.asks(t, KEYS);
    assert!(headers.get("if-none-match").is_none());
    let set = key_set(&["k1"]).to_string();
    r.resolve(e, "http", 200, "etag: \"v1\"\ncontent-type: application/json", set.as_bytes());
    r.accepted(t);
    r.end(t);
    r.wait(STALE);
    let refresh = due(&mut r, &token);
    let (e, headers) = r.asks(refresh, KEYS);
    assert_eq!(headers["if-none-match"], "\"v1\"");
    r.resolve(e, "http", 304, "etag: \"v1\"", b"");
    r.poll(refresh, "done");
    r.end(refresh);
    r.wait(5000);
    let step = r.check(&token, "done");
    assert_eq!(step["value"]["key_set_age"], 5);
    r
}

fn stale_if_error() -> Recorder {
    let mut r = Recorder::verifier(
        "verifier-stale-if-error",
        "The refresh fails: the keys at hand serve on, and the next attempt waits.",
        at_address(),
    );
    let token = token("k1");
    fetched(&mut r, &token, &["k1"]);
    r.wait(STALE);
    let refresh = due(&mut r, &token);
    let (e, _) = r.asks(refresh, KEYS);
    r.resolve(e, "failed", 0, "tls", b"");
    r.poll(refresh, "done");
    r.end(refresh);
    let t = r.begin_token(&token);
    assert!(r.accepted(t).get("refresh").is_none());
    r.end(t);
    r.wait(12 * HOUR);
    let refresh = due(&mut r, &token);
    let (e, _) = r.asks(refresh, KEYS);
    r.http(e, 200, key_set(&["k1"]));
    r.poll(refresh, "done");
    r.end(refresh);
    r
}

fn expired() -> Recorder {
    let mut r = Recorder::verifier(
        "verifier-keys-expired",
        "Keys of a day are not used: without new ones tokens are refused with `keys_expired`.",
        at_address(),
    );
    let token = token("k1");
    fetched(&mut r, &token, &["k1"]);
    r.wait(24 * HOUR - 1);
    r.check(&token, "done");
    r.wait(1);
    r.check(&token, "drive");
    let t = r.begin_token(&token);
    let (e, _) = r.asks(t, KEYS);
    r.resolve(e, "http", 404, "", b"");
    let step = r.fail(t, "keys_expired");
    assert_eq!(step["error"]["retryable"], true);
    r.end(t);
    r.wait(1000);
    fetched(&mut r, &token, &["k1"]);
    r
}

fn cache_control() -> Recorder {
    let mut r = Recorder::verifier(
        "verifier-cache-control",
        "A short `max-age` brings the refresh forward, but to no less than five minutes.",
        at_address(),
    );
    let token = token("k1");
    let t = r.begin_token(&token);
    let (e, _) = r.asks(t, KEYS);
    let set = key_set(&["k1"]).to_string();
    r.resolve(e, "http", 200, "cache-control: public, max-age=10", set.as_bytes());
    r.accepted(t);
    r.end(t);
    r.wait(269_000);
    let t = r.begin_token(&token);
    assert!(r.accepted(t).get("refresh").is_none());
    r.end(t);
    r.wait(62_000);
    let refresh = due(&mut r, &token);
    r.end(refresh);
    r
}

fn spiffe_revokes() -> Recorder {
    let mut r = Recorder::verifier(
        "verifier-spiffe-revoked",
        "A trust domain whose bundle is empty has revoked its keys: nothing of it is accepted any more.",
        json!({"issuers": [{"profile": "spiffe-jwt-svid", "trust_domain": "example.org", "audience": "api://mine", "jwks_uri": KEYS}]}),
    );
    let token = mint(
        "k1",
        &json!({"alg": "ES256", "kid": "k1"}),
        &json!({"sub": "spiffe://example.org/app", "aud": ["api://mine"], "exp": START / 1000 + 172_800}),
    );
    let mut key = jwk("k1");
    key["use"] = json!("jwt-svid");
    let t = r.begin_token(&token);
    let (e, _) = r.asks(t, KEYS);
    r.http(e, 200, json!({"keys": [key], "spiffe_sequence": 1, "spiffe_refresh_hint": 120}));
    r.accepted(t);
    r.end(t);
    r.wait(133_000);
    let refresh = due(&mut r, &token);
    let (e, _) = r.asks(refresh, KEYS);
    r.http(e, 200, json!({"keys": [], "spiffe_sequence": 2}));
    r.poll(refresh, "done");
    r.end(refresh);
    r.wait(30_000);
    let t = r.begin_token(&token);
    let (e, _) = r.asks(t, KEYS);
    r.http(e, 200, json!({"keys": [], "spiffe_sequence": 2}));
    r.fail(t, "no_matching_key");
    r.end(t);
    r
}
