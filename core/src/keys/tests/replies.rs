//! What servers answer.

use super::*;

const DISCOVERY: &str = "https://issuer.example/.well-known/openid-configuration";

fn discovering(change: impl FnOnce(&mut KeySourceSettings)) -> Bench {
    Bench::new(|settings| {
        settings.place = Place::Discovery(DISCOVERY.to_string());
        change(settings);
    })
}

fn metadata(issuer: &str, keys: &str) -> Outcome {
    let text = serde_json::json!({"issuer": issuer, "jwks_uri": keys}).to_string();
    response(200, &[], &text)
}

#[test]
fn a_request_asks_for_a_key_set_within_limits() {
    let mut bench = Bench::new(|_| {});
    bench.source.begin(bench.now);
    let request = bench.asked();
    assert_eq!((request.method.name(), request.url.as_str()), ("GET", KEYS));
    assert_eq!((request.timeout_ms, request.max_bytes), (5_000, 1024 * 1024));
    assert!(request.body.is_empty());
    assert!(request.headers.iter().all(|(name, _)| name == "accept"));
    // A successor asks the same question; a deadline shortens it.
    assert_eq!(bench.asked(), request);
    bench.source.set_deadline(bench.now.plus_millis(700), bench.now);
    assert_eq!(bench.asked().timeout_ms, 700);
}

#[test]
fn a_discovery_document_leads_to_the_keys() {
    let mut bench = discovering(|_| {});
    bench.source.begin(bench.now);
    let first = bench.exchange(&metadata(ISSUER, "https://keys.example/set"));
    assert_eq!((first.url.as_str(), first.max_bytes), (DISCOVERY, 256 * 1024));
    let second = bench.exchange(&response(200, &[], &document(&["a"])));
    assert_eq!(second.url, "https://keys.example/set");
    assert!(bench.ask().is_none() && bench.finds("a"));
}

#[test]
fn a_discovery_document_of_another_issuer_leads_nowhere() {
    let mut bench = discovering(|_| {});
    let requests = bench.fetch(|_| metadata("https://evil.example", "https://keys.example/set"));
    assert_eq!(requests, 1);
    assert!(bench.reason().contains("another issuer"));
    assert_eq!(bench.find("a").unwrap_err(), Code::KeysUnavailable);
}

#[test]
fn a_version_is_sent_back_to_the_address_it_came_from() {
    let mut bench = discovering(|_| {});
    let body = document(&["a"]);
    let mut place = "https://keys.example/1";
    let tagged = response(200, &[("etag", "W/\"v1\"")], &body);
    let version = |request: &HttpRequest| request.headers.first("if-none-match").map(String::from);
    for (moved, expected) in [(false, None), (false, Some("W/\"v1\"")), (true, None)] {
        if moved {
            place = "https://keys.example/2";
        }
        bench.source.begin(bench.now);
        assert_eq!(version(&bench.exchange(&metadata(ISSUER, place))), None);
        assert_eq!(version(&bench.exchange(&tagged)).as_deref(), expected);
        assert!(bench.ask().is_none());
        bench.later(HOUR);
    }
}

#[test]
fn not_modified_renews_only_what_was_asked_about() {
    let mut bench = Bench::new(|_| {});
    let body = document(&["a"]);
    bench.fetch(|_| response(200, &[("etag", "\"v1\"")], &body));
    bench.later(HOUR);
    bench.fetch(|_| response(304, &[], ""));
    assert_eq!(bench.find("a").unwrap().age_ms, Some(0));
    assert!(bench.source.last_error().is_none());
    // Nobody asked.
    let mut bench = Bench::with_keys(&["a"]);
    bench.later(HOUR);
    bench.fetch(|_| response(304, &[], ""));
    assert_eq!(bench.find("a").unwrap().age_ms, Some(HOUR));
    assert!(bench.reason().contains("304"));
}

#[test]
fn the_same_document_can_have_a_new_version_and_a_new_life() {
    let mut bench = Bench::with_keys(&["a"]);
    let body = document(&["a"]);
    bench.fetch(|_| response(200, &[("etag", "\"v2\""), ("cache-control", "max-age=600")], &body));
    bench.later(11 * 60 * SECOND);
    assert!(bench.source.refresh_due(bench.now));
    bench.fetch(|request| {
        assert_eq!(request.headers.first("if-none-match"), Some("\"v2\""));
        response(304, &[("cache-control", "max-age=3600")], "")
    });
    bench.later(11 * 60 * SECOND);
    assert!(!bench.source.refresh_due(bench.now));
}

#[test]
fn a_version_that_no_header_can_carry_is_not_kept() {
    for bad in ["", "v1", "\"", "\"a\"b\"", "\"a b\"", "\"\u{e9}\"", &"x".repeat(300)] {
        let mut bench = Bench::new(|_| {});
        let body = document(&["a"]);
        bench.fetch(|_| response(200, &[("etag", bad)], &body));
        bench.source.begin(bench.now);
        assert_eq!(bench.asked().headers.iter().len(), 1, "{bad}");
    }
}

#[test]
fn redirects_are_refused_unless_the_profile_follows_them() {
    let moved = |to: &str| response(302, &[("location", to)], "");
    let mut bench = Bench::new(|_| {});
    assert_eq!(bench.fetch(|_| moved("https://keys.example/")), 1);
    assert!(bench.reason().contains("redirects"), "{}", bench.reason());

    let follow = |targets: &[&str]| {
        let mut bench = Bench::new(|settings| settings.redirects = 2);
        let mut targets = targets.iter();
        let requests = bench.fetch(|_| match targets.next() {
            Some(target) => moved(target),
            None => response(200, &[], &document(&["a"])),
        });
        (requests, bench.finds("a"))
    };
    let mut local = Bench::new(|settings| {
        settings.redirects = 2;
        settings.addresses.allow_loopback_http = true;
    });
    assert_eq!(local.fetch(|_| moved("http://127.0.0.1/keys")), 1);
    assert!(local.reason().contains("not allowed"));
    assert_eq!(follow(&["https://keys.example/set"]), (2, true));
    assert_eq!(follow(&["https://keys.example/set", "/other?x=1"]), (3, true));
    assert_eq!(follow(&["/1", "/2", "/3"]), (3, false));
    for bad in [
        "",
        "http://keys.example/",
        "//keys.example/",
        "keys",
        "https://127.0.0.1/",
        "https://10.0.0.1/",
        "https://keys.default.svc/",
        "file:///x",
    ] {
        assert_eq!(follow(&[bad]), (1, false), "{bad}");
    }
}

#[test]
fn documents_that_are_no_key_set_change_nothing() {
    for (body, advice) in [
        ("<html>sign in</html>", "HTML"),
        ("", "empty"),
        ("{}", "keys"),
        (r#"{"keys":[],"keys":[]}"#, "twice"),
        (&" ".repeat(1024 * 1024 + 1), "1 MiB"),
        (&alloc::format!(r#"{{"keys":[{}0]}}"#, "0,".repeat(1000)), "1000"),
    ] {
        let mut bench = Bench::with_keys(&["a"]);
        bench.later(HOUR);
        let requests = bench.fetch(|_| response(200, &[], body));
        assert_eq!(requests, 1, "a document that is wrong is not asked for again at once");
        assert!(bench.reason().contains(advice), "{advice}: {}", bench.reason());
        assert!(bench.finds("a"));
        assert_eq!(bench.find("a").unwrap().age_ms, Some(HOUR));
    }
}

#[test]
fn the_content_type_is_of_no_interest() {
    let mut bench = Bench::new(|_| {});
    let body = document(&["a"]);
    bench.fetch(|_| response(200, &[("content-type", "application/octet-stream")], &body));
    assert!(bench.finds("a"));
}

#[test]
fn an_empty_set_is_a_mistake_or_a_revocation() {
    for empty in [r#"{"keys":[]}"#, r#"{"keys":[{"kty":"oct","k":"AA"}]}"#] {
        let mut bench = Bench::with_keys(&["a"]);
        bench.prove("a");
        bench.fetch(|_| response(200, &[], empty));
        assert!(bench.finds("a"));
        assert!(bench.reason().contains("no usable key"));
        bench.later(24 * HOUR);
        assert_eq!(bench.find("a").unwrap_err(), Code::KeysExpired);

        let mut bench = Bench::new(|settings| settings.empty_set = EmptySet::RevokeAll);
        bench.fetched(&["a"]);
        bench.prove("a");
        bench.fetch(|_| response(200, &[], empty));
        assert_eq!(bench.find("a").unwrap_err(), Code::NoMatchingKey);
        assert!(bench.source.last_error().is_none());
    }
}

#[test]
fn a_set_that_speaks_for_itself_has_no_predecessor() {
    let mut bench = Bench::new(|settings| settings.empty_set = EmptySet::RevokeAll);
    bench.fetched(&["a"]);
    bench.prove("a");
    bench.later(HOUR);
    bench.fetched(&["b"]);
    assert!(!bench.finds("a") && bench.finds("b"));
}

#[test]
fn answers_nobody_asked_for_change_nothing() {
    let mut bench = Bench::with_keys(&["a"]);
    bench.answer(&response(200, &[], &document(&["b"])));
    assert!(bench.finds("a") && !bench.finds("b"));
    // Nor does the second answer to one question.
    let mut bench = Bench::new(|_| {});
    bench.source.begin(bench.now);
    bench.answer(&response(200, &[], &document(&["b"])));
    assert_eq!(bench.find("b").unwrap_err(), Code::KeysUnavailable);
    bench.exchange(&response(503, &[], ""));
    bench.answer(&response(200, &[], &document(&["b"])));
    assert_eq!(bench.find("b").unwrap_err(), Code::KeysUnavailable);
}

#[test]
fn a_late_answer_to_an_earlier_question_changes_nothing() {
    let mut bench = Bench::with_keys(&["a"]);
    let late = bench.source.asked();
    bench.source.begin(bench.now);
    bench.asked();
    let outcome = response(200, &[], &document(&["b"]));
    for (question, finds) in [(late, false), (bench.source.asked(), true)] {
        bench.source.answer_to(question, &outcome, &HostCrypto, bench.now, &mut bench.entropy);
        assert_eq!(bench.finds("b"), finds);
    }
}
