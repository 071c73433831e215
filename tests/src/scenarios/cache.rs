//! The token cache and the shared store.

use super::{assertion, config, issued, request};
use crate::Recorder;
use serde_json::{Value, json};

pub(super) fn all() -> Vec<Recorder> {
    vec![
        proactive_refresh(),
        failed_refresh(),
        half_life(),
        stale_bridges_an_outage(),
        short_token(),
        force_refresh(),
        eviction(),
        cache_off(),
        store(),
        store_hit(),
    ]
}

fn acquire(r: &mut Recorder, request: Value, body: Value) {
    let t = r.begin(request);
    let step = r.poll(t, "perform");
    let id = step["effect"]["id"].as_u64().expect("id");
    if step["effect"]["kind"] == "ask_host" {
        r.resolve(id, "answer", 0, "", super::jwt().as_bytes());
        let e = r.perform(t, "http");
        r.http(e, 200, body);
    } else {
        r.http(id, 200, body);
    }
    r.poll(t, "done");
    r.end(t);
}

fn with_refresh(token: &str) -> Value {
    let mut body = issued(token, 3600);
    body["refresh_in"] = Value::from(1800);
    body
}

fn proactive_refresh() -> Recorder {
    let mut r = Recorder::new(
        "cache-refresh",
        "At `refresh_in` one caller gets a refresh ticket; everybody keeps the old token until the new one is there.",
        config(json!({})),
    );
    acquire(&mut r, request(), with_refresh("token-1"));
    r.wait(1_800_000);
    let t = r.begin(request());
    let refresh = r.done(t, "token-1")["refresh"].as_u64().expect("a refresh ticket");
    r.end(t);
    let t = r.begin(request());
    assert!(r.done(t, "token-1")["refresh"].is_null());
    r.end(t);
    let e = r.perform(refresh, "http");
    r.http(e, 200, with_refresh("token-2"));
    r.done(refresh, "token-2");
    r.end(refresh);
    let t = r.begin(request());
    r.done(t, "token-2");
    r.end(t);
    r
}

fn failed_refresh() -> Recorder {
    let mut r = Recorder::new(
        "cache-refresh-fails",
        "A failed refresh is silent; the next attempt waits 30 seconds.",
        config(json!({})),
    );
    acquire(&mut r, request(), with_refresh("token-1"));
    r.wait(1_800_000);
    let t = r.begin(request());
    let refresh = r.done(t, "token-1")["refresh"].as_u64().expect("a refresh ticket");
    r.end(t);
    let e = r.perform(refresh, "http");
    r.http(e, 400, json!({"error": "invalid_request"}));
    r.fail(refresh, "exchange_rejected");
    r.end(refresh);
    let t = r.begin(request());
    let done = r.done(t, "token-1");
    assert!(done["refresh"].is_null() && done["fresh_until"] == r.now() + 30_000, "{done}");
    r.end(t);
    r.wait(30_000);
    let t = r.begin(request());
    let refresh = r.done(t, "token-1")["refresh"].as_u64().expect("a refresh ticket");
    r.end(t);
    r.end(refresh);
    let t = r.begin(request());
    assert!(r.done(t, "token-1")["refresh"].is_u64());
    r
}

fn half_life() -> Recorder {
    let mut r = Recorder::new(
        "cache-half-life",
        "A token of a day without `refresh_in` is refreshed at half-life, jittered.",
        config(json!({})),
    );
    acquire(&mut r, request(), issued("token-1", 86_400));
    r.wait(43_200_000);
    let t = r.begin(request());
    assert!(r.done(t, "token-1")["refresh"].is_u64());
    r.end(t);
    r
}

fn stale_bridges_an_outage() -> Recorder {
    let mut r = Recorder::new(
        "cache-stale",
        "In its last five minutes a token is used only when no newer one can be had.",
        config(json!({})),
    );
    acquire(&mut r, request(), issued("token-1", 3600));
    r.wait(3_300_000);
    let t = r.begin(json!({"scopes": [super::SCOPE], "deadline": r.now() + 1}));
    // The assertion has expired with the hour, so the source is asked first.
    assertion_if_asked(&mut r, t);
    let e = r.perform(t, "http");
    r.resolve(e, "http", 503, "", b"");
    r.done(t, "token-1");
    r.end(t);
    let t = r.begin(json!({"scopes": [super::SCOPE], "deadline": r.now() + 1}));
    r.perform(t, "http");
    r.wait(1);
    r.done(t, "token-1");
    r.end(t);
    r.wait(300_000);
    let t = r.begin(json!({"scopes": [super::SCOPE], "deadline": r.now() + 1}));
    let e = r.perform(t, "ask_host");
    r.resolve(e, "failed", 0, "other", b"");
    r.fail(t, "callback_failed");
    r.end(t);
    r
}

fn assertion_if_asked(r: &mut Recorder, t: u64) {
    let step = r.poll(t, "perform");
    if step["effect"]["kind"] == "ask_host" {
        let e = step["effect"]["id"].as_u64().expect("id");
        r.resolve(e, "answer", 0, "", super::jwt().as_bytes());
    }
}

fn short_token() -> Recorder {
    let mut r = Recorder::new(
        "cache-short-token",
        "A token of 300 seconds is used for its first half.",
        config(json!({})),
    );
    acquire(&mut r, request(), issued("token-1", 300));
    r.wait(149_999);
    let t = r.begin(request());
    r.done(t, "token-1");
    r.end(t);
    r.wait(1);
    acquire(&mut r, request(), issued("token-2", 300));
    r
}

fn force_refresh() -> Recorder {
    let mut r = Recorder::new(
        "cache-force-refresh",
        "`force_refresh` goes to the network and replaces what is cached.",
        config(json!({})),
    );
    acquire(&mut r, request(), issued("token-1", 3600));
    acquire(
        &mut r,
        json!({"scopes": [super::SCOPE], "force_refresh": true}),
        issued("token-2", 3600),
    );
    let t = r.begin(request());
    r.done(t, "token-2");
    r.end(t);
    r
}

fn eviction() -> Recorder {
    let mut r = Recorder::new(
        "cache-eviction",
        "Two entries fit: the least recently used goes.",
        config(json!({"cache_max_entries": 2})),
    );
    let scope = |name: &str| json!({"scopes": [format!("https://{name}.example/.default")]});
    acquire(&mut r, scope("a"), issued("a", 3600));
    acquire(&mut r, scope("b"), issued("b", 3600));
    let t = r.begin(scope("a"));
    r.done(t, "a");
    r.end(t);
    acquire(&mut r, scope("c"), issued("c", 3600));
    let t = r.begin(scope("a"));
    r.done(t, "a");
    r.end(t);
    let t = r.begin(scope("b"));
    r.perform(t, "http");
    r.end(t);
    r
}

fn cache_off() -> Recorder {
    let mut r = Recorder::new(
        "cache-off",
        "With `cache_max_entries` 0 every call goes to the network and hosts remember nothing.",
        config(json!({"cache_max_entries": 0})),
    );
    acquire(&mut r, request(), issued("token-1", 3600));
    acquire(&mut r, request(), issued("token-2", 3600));
    r
}

fn store() -> Recorder {
    let mut r = Recorder::new(
        "store-miss",
        "The shared store is asked first and told afterwards; its failures do not matter.",
        config(json!({"store": true})),
    );
    for (kind, head) in [("stored", ""), ("failed", "timeout")] {
        let t = r.begin(json!({"scopes": [super::SCOPE], "context": head}));
        let e = r.perform(t, "store");
        r.resolve(e, kind, 0, head, b"");
        assertion(&mut r, t);
        let e = r.perform(t, "http");
        r.http(e, 200, issued("token-1", 3600));
        let e = r.perform(t, "store");
        r.resolve(e, kind, 0, head, b"");
        r.done(t, "token-1");
        r.end(t);
    }
    r
}

fn store_hit() -> Recorder {
    let mut r = Recorder::new(
        "store-hit",
        "A token from the shared store answers; one that is not sound or not fresh does not.",
        config(json!({"store": true})),
    );
    let value = |token: &str, until: i64| {
        json!({"token": token, "expires_on": until + 300_000, "usable_until": until}).to_string()
    };
    let later = r.now() + 1_000_000;
    let t = r.begin(request());
    let e = r.perform(t, "store");
    r.resolve(e, "stored", 1, "", value("token-1", later).as_bytes());
    let done = r.done(t, "token-1");
    assert_eq!(done["value"]["from"], "store");
    r.end(t);
    for (context, body) in
        [("stale", value("t", r.now())), ("odd", value("a b", later)), ("text", "x".into())]
    {
        let t = r.begin(json!({"scopes": [super::SCOPE], "context": context}));
        let e = r.perform(t, "store");
        r.resolve(e, "stored", 1, "", body.as_bytes());
        r.perform(t, "ask_host");
        r.end(t);
    }
    r
}
