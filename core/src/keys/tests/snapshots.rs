//! Key sets as text: written, read, loaded.

use super::*;
use crate::json::strict;

fn text(bench: &Bench) -> String {
    let snapshot = bench.source.snapshot(bench.now).expect("something to keep");
    serde_json::to_string(&snapshot).expect("JSON")
}

fn load(bench: &mut Bench, text: &str) -> Result<bool, Code> {
    let document = strict::parse(text.as_bytes()).expect("JSON");
    let rules = bench.source.settings().expect("settings").rules;
    let snapshot = Snapshot::read(&document, rules).map_err(|error| error.code)?;
    Ok(bench.source.load(&snapshot, &HostCrypto, bench.now, &mut bench.entropy))
}

fn tagged() -> Bench {
    let mut bench = Bench::new(|_| {});
    let body = document(&["a"]);
    let headers = [("etag", "\"v1\""), ("cache-control", "max-age=900")];
    bench.fetch(|_| response(200, &headers, &body));
    bench
}

#[test]
fn what_is_loaded_is_what_was_written() {
    let mut first = tagged();
    first.later(10 * 60 * SECOND);
    let kept = text(&first);
    let mut second = Bench::new(|_| {});
    second.now = first.now;
    assert_eq!(load(&mut second, &kept), Ok(true));
    assert_eq!(text(&second), kept);
    assert_eq!(second.find("a").unwrap().age_ms, Some(10 * 60 * SECOND));
    // It is asked for again under the version it has.
    second.later(10 * 60 * SECOND);
    assert!(second.source.refresh_due(second.now));
    second.fetch(|request| {
        assert_eq!(request.headers.first("if-none-match"), Some("\"v1\""));
        response(304, &[], "")
    });
    assert_eq!(second.find("a").unwrap().age_ms, Some(0));
}

#[test]
fn only_what_is_newer_and_young_enough_is_taken() {
    let mut bench = tagged();
    let kept = text(&bench);
    assert_eq!(load(&mut bench, &kept), Ok(false), "as old as what is held");
    let mut other = Bench::with_keys(&["b"]);
    other.now = other.now.plus_millis(HOUR);
    assert_eq!(load(&mut other, &kept), Ok(false));
    let mut empty = Bench::new(|_| {});
    empty.later(24 * HOUR);
    assert_eq!(load(&mut empty, &kept), Ok(false), "too old");
    empty.later(-1);
    assert_eq!(load(&mut empty, &kept), Ok(true));
    let mut early = Bench::new(|_| {});
    early.later(-HOUR);
    assert_eq!(load(&mut early, &kept), Ok(false), "from the future");
    early.later(HOUR - 60 * SECOND);
    assert_eq!(load(&mut early, &kept), Ok(true), "clocks differ a little");
    let found = early.find("a").unwrap();
    assert_eq!(found.until, Some(early.now.plus_millis(24 * HOUR)), "the future adds nothing");
}

#[test]
fn another_issuer_or_address_is_not_taken() {
    let kept = text(&tagged());
    for (from, to) in [
        (r#""issuer":"https://issuer.example""#, r#""issuer":"https://evil.example""#),
        (r#""address":"https://issuer.example/keys""#, r#""address":"https://evil.example""#),
    ] {
        let changed = kept.replace(from, to);
        assert_ne!(changed, kept);
        assert_eq!(load(&mut Bench::new(|_| {}), &changed), Ok(false), "{to}");
    }
}

#[test]
fn a_snapshot_without_keys_does_not_replace_keys() {
    let mut bench = tagged();
    let kept = text(&bench);
    bench.later(HOUR);
    let start = kept.find(r#""jwks""#).unwrap();
    let emptied = kept[..start].to_string() + r#""jwks":{"keys":[]}}"#;
    let fetched_at = alloc::format!("\"fetched_at\":{}", bench.now.millis());
    let from = emptied.find("\"fetched_at\"").unwrap();
    let to = from + emptied[from..].find(',').unwrap();
    let newer = emptied[..from].to_string() + &fetched_at + &emptied[to..];
    assert_eq!(load(&mut bench, &newer), Ok(false));
    let mut revoking = Bench::new(|settings| settings.empty_set = EmptySet::RevokeAll);
    revoking.fetched(&["a"]);
    revoking.later(HOUR);
    assert_eq!(load(&mut revoking, &newer), Ok(true));
    assert_eq!(revoking.find("a").unwrap_err(), Code::NoMatchingKey);
}

#[test]
fn a_fetch_that_began_before_brings_nothing_older() {
    let mut newer = tagged();
    let mut bench = Bench::new(|_| {});
    bench.source.begin(bench.now);
    bench.asked();
    newer.later(SECOND);
    newer.fetched(&["b"]);
    bench.now = newer.now;
    assert_eq!(load(&mut bench, &text(&newer)), Ok(true));
    bench.answer(&response(200, &[], &document(&["a"])));
    assert!(bench.finds("b") && !bench.finds("a"));
    assert!(bench.ask().is_none());
}

#[test]
fn an_answer_about_the_set_before_renews_nothing() {
    let mut newer = tagged();
    let mut bench = tagged();
    newer.later(SECOND);
    newer.fetched(&["b"]);
    bench.later(10 * SECOND);
    bench.source.begin(bench.now);
    bench.asked();
    assert_eq!(load(&mut bench, &text(&newer)), Ok(true));
    bench.answer(&response(304, &[], ""));
    assert_eq!(bench.find("b").unwrap().age_ms, Some(9 * SECOND));
}

#[test]
fn members_that_are_wrong_are_refused() {
    let kept = text(&tagged());
    for (from, to) in [
        (r#""issuer":"#, r#""issuers":"#),
        (r#""jwks":{"#, r#""jwks":{"x":1,"#),
        (r#""max_age_ms":900000"#, r#""max_age_ms":-1"#),
        (r#""max_age_ms":900000"#, r#""max_age_ms":1.5"#),
        (r#""etag":"\"v1\"""#, r#""etag":7"#),
        (r#""fetched_at":1"#, r#""fetched_at":null,"x":1"#),
        (r#""keys":["#, r#""keys":{"a":["#),
    ] {
        let changed = kept.replace(from, to);
        assert_ne!(changed, kept, "{from}");
        let Ok(document) = strict::parse(changed.as_bytes()) else { continue };
        let read = Snapshot::read(&document, crate::jose::KeyRules::default());
        let accepted = to.contains("\"x\"") && to.contains("jwks");
        assert_eq!(read.is_ok(), accepted, "{to}");
    }
    for text in ["[]", "{}", "7"] {
        let document = strict::parse(text.as_bytes()).unwrap();
        assert!(Snapshot::read(&document, crate::jose::KeyRules::default()).is_err());
    }
}

#[test]
fn a_set_that_was_not_taken_whole_is_fetched_whole_again() {
    let mut bench = Bench::new(|_| {});
    let body = document(&["a"]).replace("]}", r#",{"kty":"future","kid":"f"}]}"#);
    bench.fetch(|_| response(200, &[("etag", "\"v1\"")], &body));
    let kept = text(&bench);
    assert!(!kept.contains("etag") && !kept.contains("future"));
    let mut other = Bench::new(|_| {});
    assert_eq!(load(&mut other, &kept), Ok(true));
    assert_eq!(text(&other), kept);
}
