//! Ages: when keys are refreshed, and when they are no longer used.

use super::*;

/// Milliseconds from now until a refresh is due, to the minute.
fn due_after(bench: &mut Bench) -> i64 {
    let start = bench.now;
    while !bench.source.refresh_due(bench.now) {
        bench.later(60 * SECOND);
        assert!(bench.now.since(start) < 48 * HOUR, "a refresh is never due");
    }
    bench.now.since(start)
}

#[test]
fn nothing_is_held_before_the_first_fetch() {
    let mut bench = Bench::new(|_| {});
    assert_eq!(bench.find("a").unwrap_err(), Code::KeysUnavailable);
    let error = bench.source.held(bench.now).unwrap_err();
    assert!(error.retryable() && error.retry_at.is_none());
    assert!(!bench.source.refresh_due(bench.now));
    bench.fetched(&["a"]);
    assert!(bench.finds("a"));
    assert_eq!(bench.find("a").unwrap().age_ms, Some(0));
}

#[test]
fn soft_age_has_jitter_and_hard_age_has_not() {
    let mut soft_ages = Vec::new();
    for seed in 0..16 {
        let mut bench = Bench::new(|_| {});
        bench.entropy = Entropy::new([seed; 32]);
        bench.fetched(&["a"]);
        let soft = due_after(&mut bench);
        assert!((54 * 60 * SECOND..=67 * 60 * SECOND).contains(&soft), "{soft}");
        soft_ages.push(soft);
        let fetched = bench.now.plus_millis(-soft);
        bench.now = fetched.plus_millis(24 * HOUR - 1);
        assert_eq!(bench.find("a").unwrap().until, Some(fetched.plus_millis(24 * HOUR)));
        bench.later(1);
        assert_eq!(bench.find("a").unwrap_err(), Code::KeysExpired);
        bench.fetched(&["a"]);
        assert!(bench.finds("a"));
    }
    assert!(soft_ages.iter().any(|soft| *soft != soft_ages[0]), "no jitter");
}

#[test]
fn a_shorter_life_stated_by_the_server_counts_and_a_longer_one_does_not() {
    for (header, minutes) in [
        ("max-age=600", 9..=11),
        ("max-age=1", 4..=6),
        ("max-age=86400", 54..=66),
        ("no-store", 54..=66),
    ] {
        let mut bench = Bench::new(|_| {});
        let body = document(&["a"]);
        bench.fetch(|_| response(200, &[("cache-control", header)], &body));
        let due = due_after(&mut bench) / (60 * SECOND);
        assert!(minutes.contains(&due), "{header}: {due}");
    }
}

#[test]
fn half_of_a_sets_life_is_for_failures() {
    let mut bench = Bench::new(|settings| settings.soft_ms = settings.hard_ms);
    bench.fetched(&["a"]);
    assert!((10 * HOUR..=14 * HOUR).contains(&due_after(&mut bench)));
}

#[test]
fn the_hint_of_a_spiffe_bundle_takes_the_place_of_the_soft_age() {
    for (hint, minutes) in [(",\"spiffe_refresh_hint\":7200", 108..=132), ("", 4..=6)] {
        let mut bench = Bench::new(|settings| settings.refresh_hint = true);
        let body = document(&["a"]).replace("]}", &alloc::format!("]{hint}}}"));
        bench.fetch(|_| response(200, &[("cache-control", "max-age=60")], &body));
        let due = due_after(&mut bench) / (60 * SECOND);
        assert!(minutes.contains(&due), "{hint}: {due}");
    }
}

#[test]
fn a_failed_refresh_keeps_the_keys_until_the_hard_age() {
    let mut bench = Bench::with_keys(&["a"]);
    let fetched = bench.now;
    while bench.now.since(fetched) < 24 * HOUR - HOUR {
        bench.later(HOUR);
        if bench.source.refresh_due(bench.now) {
            bench.fetch(|_| failed(Failure::Dns));
        }
        assert!(bench.finds("a"));
        assert_eq!(bench.source.generation(), 1);
    }
    assert!(bench.reason().contains("dns"), "{}", bench.reason());
    let unknown = bench.source.find(Algorithm::Es256, Some("b"), KeyUse::ORDINARY, bench.now);
    assert!(unknown.unwrap_err().hint.as_ref().is_some_and(|hint| hint.contains("dns")));
    bench.now = fetched.plus_millis(24 * HOUR);
    let error = bench.source.held(bench.now).unwrap_err();
    assert_eq!(error.code, Code::KeysExpired);
    assert!(error.message.contains("dns") && error.retryable());
}

#[test]
fn a_clock_set_back_does_not_keep_keys_alive() {
    let mut bench = Bench::with_keys(&["a"]);
    let mut elapsed = 0;
    while elapsed < 24 * HOUR {
        assert!(bench.finds("a"));
        bench.later(HOUR);
        elapsed += HOUR;
        bench.source.refresh_due(bench.now);
        bench.later(-50 * SECOND * 60);
        bench.source.refresh_due(bench.now);
    }
    assert_eq!(bench.find("a").unwrap_err(), Code::KeysExpired);
    bench.fetched(&["b"]);
    assert!(bench.finds("b"));
    assert_eq!(bench.find("b").unwrap().age_ms, Some(0));
}

#[test]
fn the_previous_set_helps_until_the_new_one_has_verified_a_token() {
    let mut bench = Bench::with_keys(&["a"]);
    bench.prove("a");
    bench.later(HOUR);
    bench.fetched(&["b"]);
    assert!(bench.finds("a") && bench.finds("b"));
    assert_eq!(bench.find("a").unwrap().age_ms, Some(HOUR));
    assert!(bench.source.held(bench.now).unwrap().previous.is_some());
    // What is verified with the previous set proves nothing of the current one.
    bench.prove("a");
    assert!(bench.finds("a"));
    bench.prove("b");
    assert!(!bench.finds("a") && bench.finds("b"));
    assert!(bench.source.held(bench.now).unwrap().previous.is_none());
}

#[test]
fn only_a_set_that_verified_a_token_is_kept_beside_a_new_one() {
    let mut bench = Bench::with_keys(&["a"]);
    bench.prove("a");
    bench.later(HOUR);
    bench.fetched(&["b"]);
    bench.later(HOUR);
    bench.fetched(&["c"]);
    assert!(bench.finds("a") && !bench.finds("b") && bench.finds("c"));
    // Its own hard age ends it.
    bench.later(22 * HOUR);
    assert!(!bench.finds("a") && bench.finds("c"));
}

#[test]
fn what_the_current_set_says_of_a_key_is_final() {
    let mut bench = Bench::with_keys(&["a"]);
    bench.prove("a");
    bench.later(HOUR);
    let withdrawn = r#"{"keys":[{"kty":"oct","k":"AA","kid":"a"}]}"#;
    let mixed = withdrawn.replace("]}", &alloc::format!(",{}]}}", key("b").to_json()));
    bench.fetch(|_| response(200, &[], &mixed));
    assert_eq!(bench.find("a").unwrap_err(), Code::KeyRejected);
    assert!(bench.finds("b"));
}

#[test]
fn a_refresh_with_the_same_keys_keeps_what_was_proven() {
    let mut bench = Bench::with_keys(&["a"]);
    bench.prove("a");
    let set = bench.find("a").unwrap().set;
    bench.later(HOUR);
    bench.fetched(&["a"]);
    let found = bench.find("a").unwrap();
    assert!(alloc::sync::Arc::ptr_eq(&set, &found.set) && set.has_verified());
    assert_eq!((found.age_ms, bench.source.generation()), (Some(0), 1));
    bench.fetched(&["a", "b"]);
    assert_eq!(bench.source.generation(), 2);
}
