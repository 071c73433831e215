//! Issuers that fail: what callers are told, and when the next attempt is made.

use super::{DISCOVERY, KEYS, at_address, config, discovery, key_set, token};
use crate::Recorder;
use serde_json::json;

pub(super) fn all() -> Vec<Recorder> {
    vec![
        unavailable(),
        throttled(),
        unreachable(),
        proxy(),
        not_keys(),
        wrong_discovery(),
        empty_at_first(),
    ]
}

fn unavailable() -> Recorder {
    let mut r = Recorder::verifier(
        "verifier-keys-unavailable",
        "The issuer's server fails: two retries, then `keys_unavailable` with `retry_at`; nobody asks before that, and afterwards it works.",
        at_address(),
    );
    let token = token("k1");
    let t = r.begin_token(&token);
    for attempt in 0..3 {
        let (e, _) = r.asks(t, KEYS);
        r.resolve(e, "http", 503, "", b"");
        if attempt < 2 {
            let step = r.poll(t, "perform");
            let until = step["effect"]["until"].as_i64().expect("a pause");
            let pause = until - r.now();
            r.wait(pause);
            r.resolve(step["effect"]["id"].as_u64().expect("an id"), "elapsed", 0, "", b"");
        }
    }
    let step = r.fail(t, "keys_unavailable");
    let retry_at = step["error"]["retry_at"].as_i64().expect("retry_at");
    r.end(t);
    r.check(&token, "drive");
    let t = r.begin_token(&token);
    r.fail(t, "keys_unavailable");
    r.end(t);
    let pause = retry_at - r.now();
    r.wait(pause);
    let t = r.begin_token(&token);
    let (e, _) = r.asks(t, KEYS);
    r.http(e, 200, key_set(&["k1"]));
    r.accepted(t);
    r.end(t);
    r
}

fn throttled() -> Recorder {
    let mut r = Recorder::verifier(
        "verifier-throttled",
        "The issuer's server asks to be left alone for a minute: nobody waits for that, and nobody asks before.",
        at_address(),
    );
    let t = r.begin_token(&token("k1"));
    let (e, _) = r.asks(t, KEYS);
    r.resolve(e, "http", 429, "retry-after: 60", b"");
    let step = r.fail(t, "keys_unavailable");
    assert!(step["error"]["retry_at"].as_i64() >= Some(r.now() + 60_000));
    r.end(t);
    r
}

fn proxy() -> Recorder {
    let mut r = Recorder::verifier(
        "verifier-proxy-authentication",
        "A proxy asks for credentials: 407 to `CONNECT`, or as the answer. Neither is retried.",
        at_address(),
    );
    for connect in [true, false] {
        let t = r.begin_token(&token("k1"));
        let (e, _) = r.asks(t, KEYS);
        if connect {
            r.resolve(e, "failed", 0, "proxy_authentication", b"CONNECT was answered with 407");
        } else {
            r.resolve(e, "http", 407, "proxy-authenticate: Basic", b"");
        }
        let step = r.fail(t, "proxy_authentication_required");
        assert_eq!(step["error"]["retryable"], false);
        assert!(step["error"]["hint"].to_string().contains("HTTPS_PROXY"));
        r.end(t);
        r.wait(300_000);
    }
    r
}

fn unreachable() -> Recorder {
    let mut r = Recorder::verifier(
        "verifier-unreachable",
        "Every way in which no answer comes: some are tried again, some are not.",
        at_address(),
    );
    for failure in
        ["timeout", "refused", "dns", "tls", "not_found", "denied", "unreadable", "other"]
    {
        let t = r.begin(json!({"token": token("k1"), "deadline": r.now() + 1}));
        let (e, _) = r.asks(t, KEYS);
        r.resolve(e, "failed", 0, failure, b"a detail");
        let code = if failure == "timeout" { "network_timeout" } else { "keys_unavailable" };
        assert_eq!(r.fail(t, code)["error"]["http_status"], 503);
        r.end(t);
        r.wait(300_000);
    }
    let t = r.begin_token(&token("k1"));
    let (e, _) = r.asks(t, KEYS);
    r.resolve(e, "answer", 0, "", b"an outcome of another kind");
    r.fail(t, "keys_unavailable");
    r.end(t);
    r
}

fn not_keys() -> Recorder {
    let mut r = Recorder::verifier(
        "verifier-not-keys",
        "What comes is not a key set: the message says what it looks like.",
        at_address(),
    );
    let bodies: [&[u8]; 6] = [
        b"<!DOCTYPE html><html></html>",
        b"",
        b"-----BEGIN PUBLIC KEY-----",
        b"{\"keys\":[],\"keys\":[]}",
        b"{}",
        b"{\"keys\":[\xff]}",
    ];
    for body in bodies {
        let t = r.begin_token(&token("k1"));
        let (e, _) = r.asks(t, KEYS);
        r.resolve(e, "http", 200, "content-type: text/html", body);
        r.fail(t, "keys_unavailable");
        r.end(t);
        r.wait(300_000);
    }
    r
}

fn wrong_discovery() -> Recorder {
    let mut r = Recorder::verifier(
        "verifier-discovery-mismatch",
        "A discovery document that names another issuer, or an address that is not allowed, is not believed.",
        config(json!({}), json!({})),
    );
    for document in [
        json!({"issuer": "https://issuer.example/", "jwks_uri": KEYS}),
        json!({"issuer": super::ISSUER, "jwks_uri": "http://keys.example/set"}),
        json!({"issuer": super::ISSUER, "jwks_uri": "https://169.254.169.254/set"}),
        json!({"issuer": super::ISSUER}),
        json!([]),
    ] {
        let t = r.begin_token(&token("k1"));
        let (e, _) = r.asks(t, DISCOVERY);
        r.http(e, 200, document);
        r.fail(t, "keys_unavailable");
        r.end(t);
        r.wait(300_000);
    }
    let t = r.begin_token(&token("k1"));
    let (e, _) = r.asks(t, DISCOVERY);
    r.http(e, 200, discovery());
    r.asks(t, KEYS);
    r.end(t);
    r
}

fn empty_at_first() -> Recorder {
    let mut r = Recorder::verifier(
        "verifier-empty-set",
        "A set without keys is one with which no token verifies; a set that has keys is not given up for one that has none.",
        at_address(),
    );
    let t = r.begin_token(&token("k1"));
    let (e, _) = r.asks(t, KEYS);
    r.http(e, 200, json!({"keys": []}));
    r.fail(t, "no_matching_key");
    r.end(t);
    r.wait(30_000);
    super::fetched(&mut r, &token("k1"), &["k1"]);
    r.wait(30_000);
    let t = r.begin_token(&token("k2"));
    let (e, _) = r.asks(t, KEYS);
    r.http(e, 200, json!({"keys": []}));
    r.fail(t, "no_matching_key");
    r.end(t);
    r.check(&token("k1"), "done");
    r
}
