//! Key sets that travel: `snapshot` and `load`.

use super::{KEYS, at_address, fetched, key_set, token};
use crate::Recorder;
use crate::recorder::START;
use serde_json::{Value, json};

pub(super) fn all() -> Vec<Recorder> {
    let mut writer = Recorder::verifier(
        "verifier-snapshot",
        "What is at hand is written down: nothing before the first fetch, and no keys that are too old.",
        at_address(),
    );
    writer.snapshot();
    fetched(&mut writer, &token("k1"), &["k1"]);
    writer.wait(1000);
    let text = writer.snapshot();
    writer.wait(24 * super::HOUR);
    writer.snapshot();
    vec![writer, loaded(&text), refused(), passed_over()]
}

fn loaded(text: &str) -> Recorder {
    let mut r = Recorder::verifier(
        "verifier-load",
        "Keys fetched elsewhere are loaded: the first token needs no network, and their age is known. Loading them again changes nothing.",
        at_address(),
    );
    r.wait(10_000);
    r.load(text, None);
    let step = r.check(&token("k1"), "done");
    assert_eq!(step["value"]["key_set_age"], 10);
    r.load(text, None);
    // A key that is not among them is fetched as usual.
    let t = r.begin_token(&token("k2"));
    let (e, _) = r.asks(t, KEYS);
    r.http(e, 200, key_set(&["k1", "k2"]));
    r.accepted(t);
    r.end(t);
    r
}

fn refused() -> Recorder {
    let mut r = Recorder::verifier(
        "verifier-load-refused",
        "A text that is no snapshot is refused and takes nothing away.",
        at_address(),
    );
    for document in [
        json!({}),
        json!([]),
        json!({"version": 2, "key_sets": []}),
        json!({"version": 1, "key_sets": [7]}),
        json!({"version": 1, "key_sets": [{"issuer": super::ISSUER}]}),
    ] {
        r.load(&document.to_string(), Some("malformed"));
    }
    r.load(&json!({"version": 1, "key_sets": []}).to_string(), None);
    fetched(&mut r, &token("k1"), &["k1"]);
    r
}

fn passed_over() -> Recorder {
    let mut r = Recorder::verifier(
        "verifier-load-passed-over",
        "Key sets of other addresses or issuers, of tomorrow and of the day before yesterday are passed over.",
        at_address(),
    );
    let set = |address: &str, issuer: &str, fetched_at: i64| -> Value {
        json!({"version": 1, "key_sets": [{"issuer": issuer, "address": address, "fetched_at": fetched_at, "jwks": key_set(&["k1"])}]})
    };
    for (address, issuer, fetched_at) in [
        ("https://elsewhere.example/set", super::ISSUER, START),
        (KEYS, "https://other.example", START),
        (KEYS, super::ISSUER, START + 600_000),
        (KEYS, super::ISSUER, START - 24 * super::HOUR),
    ] {
        r.load(&set(address, issuer, fetched_at).to_string(), None);
        r.check(&token("k1"), "drive");
    }
    r
}
