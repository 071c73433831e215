//! How often a server is asked.

use super::*;

#[test]
fn passing_trouble_is_bridged_and_lasting_trouble_is_not_retried() {
    let body = document(&["a"]);
    let good = || response(200, &[], &body);
    for (trouble, requests) in [
        (response(503, &[], ""), 2),
        (response(429, &[("retry-after", "1")], ""), 2),
        (response(408, &[], ""), 2),
        (failed(Failure::Timeout), 2),
        (failed(Failure::Refused), 2),
        (failed(Failure::Dns), 2),
        (response(404, &[], ""), 1),
        (response(401, &[], ""), 1),
        (response(204, &[], ""), 1),
        (response(429, &[("retry-after", "60")], ""), 1),
        (failed(Failure::Tls), 1),
        (failed(Failure::ProxyAuthentication), 1),
        (failed(Failure::Unreadable), 1),
        (response(407, &[], ""), 1),
        (Outcome::Verified(true), 1),
    ] {
        let mut bench = Bench::new(|_| {});
        let mut first = true;
        let count =
            bench.fetch(|_| if core::mem::take(&mut first) { trouble.clone() } else { good() });
        assert_eq!(count, requests, "{trouble:?}");
        assert_eq!(bench.finds("a"), requests == 2, "{trouble:?}");
    }
}

#[test]
fn a_fetch_gives_up_after_two_retries_and_says_when_to_come_back() {
    let mut bench = Bench::new(|_| {});
    // Each pause earns back what an attempt costs, so that only the count ends the fetch.
    let asked = [("retry-after", "6")];
    assert_eq!(bench.fetch(|_| response(503, &asked, "")), 3);
    let error = bench.source.held(bench.now).unwrap_err();
    assert_eq!(error.code, Code::KeysUnavailable);
    assert!(error.message.contains("503") && error.message.contains(ISSUER));
    let retry_at = error.retry_at.expect("when to come back");
    assert!(!bench.source.begin(bench.now));
    bench.now = retry_at;
    assert!(bench.source.begin(bench.now));
}

#[test]
fn a_good_answer_ends_the_back_off() {
    let mut bench = Bench::new(|_| {});
    let body = document(&["a"]);
    let mut longest = 0;
    for _ in 0..40 {
        bench.fetch(|_| response(404, &[], ""));
        longest = longest
            .max(bench.source.held(bench.now).unwrap_err().retry_at.unwrap().since(bench.now));
        bench.later(300 * SECOND);
    }
    assert!(longest > 60 * SECOND, "{longest}");
    bench.fetch(|_| response(200, &[], &body));
    bench.later(24 * HOUR);
    bench.fetch(|_| response(404, &[], ""));
    let error = bench.source.held(bench.now).unwrap_err();
    assert!(error.retry_at.is_none_or(|at| at.since(bench.now) <= SECOND));
}

#[test]
fn what_the_server_asks_for_is_respected_for_five_minutes() {
    for (asked, seconds) in [("60", 60..=62), ("86400", 300..=302)] {
        let mut bench = Bench::new(|_| {});
        bench.fetch(|_| response(503, &[("retry-after", asked)], ""));
        let retry_at = bench.source.held(bench.now).unwrap_err().retry_at.unwrap();
        let wait = retry_at.since(bench.now) / SECOND;
        assert!(seconds.contains(&wait), "{asked}: {wait}");
    }
}

#[test]
fn no_attempt_is_made_that_helps_nobody() {
    let mut bench = Bench::new(|_| {});
    bench.source.begin(bench.now);
    bench.source.set_deadline(bench.now.plus_millis(1), bench.now);
    bench.exchange(&response(503, &[("retry-after", "1")], ""));
    assert!(bench.ask().is_none());
    assert_eq!(bench.find("a").unwrap_err(), Code::KeysUnavailable);
}

#[test]
fn ten_thousand_unknown_names_cause_one_fetch() {
    for cold in [false, true] {
        let mut bench = Bench::new(|_| {});
        if !cold {
            bench.fetched(&["a"]);
            bench.later(HOUR / 2);
        }
        let body = document(&["a"]);
        let mut fetches = 0;
        for round in 0..10_000 {
            let name = alloc::format!("unknown-{round}");
            let wanted = match bench.find(&name).expect_err("nobody has it") {
                Code::NoMatchingKey => bench.source.fetch_for(Some(&name), bench.now),
                _ => true,
            };
            if wanted {
                bench.fetch(|_| response(200, &[], &body));
                fetches += 1;
            }
            bench.later(2);
        }
        assert_eq!(fetches, 1, "cold: {cold}");
        bench.later(30 * SECOND);
        assert!(bench.source.fetch_for(Some("new"), bench.now));
    }
}

#[test]
fn a_key_published_after_a_refresh_is_found_at_once() {
    let mut bench = Bench::with_keys(&["a"]);
    bench.later(2 * HOUR);
    assert!(bench.source.refresh_due(bench.now));
    bench.fetched(&["a"]);
    bench.later(SECOND);
    assert!(bench.source.fetch_for(Some("b"), bench.now));
    assert!(bench.source.fetch_for(Some("b"), bench.now), "nothing has begun");
    bench.fetched(&["a", "b"]);
    assert!(bench.finds("b"));
    // But not once more within the cool-down.
    bench.later(SECOND);
    assert!(!bench.source.fetch_for(Some("c"), bench.now));
}

#[test]
fn a_key_that_a_fetch_did_not_find_waits_longer_than_others() {
    let mut bench = Bench::with_keys(&["a"]);
    bench.later(HOUR / 2);
    assert!(bench.source.fetch_for(Some("b"), bench.now) && bench.source.begin(bench.now));
    assert_eq!(bench.source.held(bench.now).unwrap().age_ms, Some(HOUR / 2));
    bench.asked();
    bench.later(20 * SECOND);
    bench.answer(&response(200, &[], &document(&["a"])));
    bench.later(10 * SECOND);
    assert!(!bench.source.fetch_for(Some("b"), bench.now));
    assert!(bench.source.fetch_for(Some("c"), bench.now));
    bench.later(20 * SECOND);
    assert!(bench.source.fetch_for(Some("b"), bench.now));
}

#[test]
fn a_caller_that_can_join_a_fetch_gets_no_retry_time() {
    let mut bench = Bench::new(|_| {});
    for _ in 0..3 {
        assert!(bench.source.begin(bench.now));
        bench.source.abandon();
    }
    assert!(bench.source.held(bench.now).unwrap_err().retry_at.is_some());
    bench.later(6 * SECOND);
    assert!(bench.source.begin(bench.now));
    assert_eq!(bench.source.held(bench.now).unwrap_err().retry_at, None);
}

#[test]
fn requests_are_bounded_for_all_callers() {
    let mut bench = Bench::new(|settings| settings.cool_down_ms = 0);
    let body = document(&["a"]);
    let start = bench.now;
    let mut requests = 0;
    while bench.now.since(start) < HOUR {
        if bench.source.begin(bench.now) {
            bench.exchange(&response(200, &[], &body));
            requests += 1;
        }
        bench.later(500);
    }
    assert!((590..=603).contains(&requests), "{requests}");
}

#[test]
fn a_fetch_under_way_is_joined_not_doubled() {
    let mut bench = Bench::with_keys(&["a"]);
    bench.later(2 * HOUR);
    assert!(bench.source.refresh_due(bench.now) && bench.source.begin(bench.now));
    assert!(bench.source.fetching() && bench.ask().is_some());
    assert!(!bench.source.refresh_due(bench.now));
    assert!(!bench.source.fetch_for(Some("b"), bench.now));
    assert!(bench.source.begin(bench.now), "a waiting caller may join");
    bench.exchange(&response(200, &[], &document(&["a", "b"])));
    assert!(!bench.source.fetching() && bench.finds("b"));
}

#[test]
fn a_fetch_whose_driver_vanished_is_begun_again() {
    let mut bench = Bench::with_keys(&["a"]);
    bench.later(2 * HOUR);
    bench.source.begin(bench.now);
    assert!(bench.ask().is_some());
    bench.later(60 * SECOND);
    assert!(bench.source.refresh_due(bench.now));
    bench.fetched(&["b"]);
    assert!(bench.finds("b"));
}

#[test]
fn a_cancelled_fetch_is_no_failure_of_the_server() {
    let mut bench = Bench::new(|_| {});
    bench.source.begin(bench.now);
    bench.exchange(&failed(Failure::Cancelled));
    assert!(!bench.source.fetching() && bench.source.last_error().is_none());
    bench.fetched(&["a"]);
    assert!(bench.finds("a"));
}

#[test]
fn a_sleeper_that_wakes_early_sleeps_again() {
    let mut bench = Bench::new(|_| {});
    bench.source.begin(bench.now);
    bench.exchange(&response(503, &[("retry-after", "5")], ""));
    let Some(Effect::Sleep { until }) = bench.ask() else { panic!("no pause") };
    bench.later(SECOND);
    bench.answer(&Outcome::Elapsed);
    assert_eq!(bench.ask(), Some(Effect::Sleep { until }));
    // A clock set back moves the end of the pause with it.
    bench.later(-600 * SECOND);
    let Some(Effect::Sleep { until }) = bench.ask() else { panic!("no pause") };
    assert!(until.since(bench.now) <= 6 * SECOND, "{}", until.since(bench.now));
    bench.now = until;
    bench.answer(&Outcome::Elapsed);
    assert!(matches!(bench.ask(), Some(Effect::Http(_))));
}
