//! Whose deadline counts, who may be answered by what, and what one caller's end means for the others.

use conformance::engine::*;
use serde_json::json;
use workload_identity_core::*;

#[test]
fn new_caller_joins_a_flight_that_waits_out_retry_after() {
    let mut e = engine(json!({}));
    let a = e.begin(Ok(request()));
    let (id, _) = performed(e.poll(a, at(0)));
    e.resolve(id, good_assertion(), at(0));
    let (id, _) = performed(e.poll(a, at(0)));
    e.resolve(id, http(429, &[("retry-after", "5")], json!({})), at(0));
    let (_, eff) = performed(e.poll(a, at(0)));
    assert!(matches!(eff, Effect::Sleep { .. }));
    let b = e.begin(Ok(request()));
    let s = e.poll(b, at(1000));
    assert!(matches!(s, Step::Wait { .. }), "{s:?}");
}

#[test]
fn leader_effects_end_by_its_own_deadline() {
    let mut e = engine(json!({}));
    let mut r = request();
    r.deadline = Some(at(1000));
    let a = e.begin(Ok(r));
    let b = e.begin(Ok(request()));
    let (id, _) = performed(e.poll(a, at(0)));
    assert!(matches!(e.poll(b, at(0)), Step::Wait { .. }));
    e.resolve(id, good_assertion(), at(0));
    let (id, eff) = performed(e.poll(a, at(0)));
    let Effect::Http(h) = eff else { panic!() };
    eprintln!("http timeout {}", h.timeout_ms);
    e.resolve(id, http(503, &[("retry-after", "20")], json!({})), at(0));
    let (_, eff) = performed(e.poll(a, at(0)));
    let Effect::Sleep { until } = eff else { panic!() };
    eprintln!("sleep {}", until.since(at(0)));
    assert!(h.timeout_ms <= 1000 && until <= at(1000));
}

#[test]
fn force_refresh_is_not_answered_by_store() {
    let mut e = engine(json!({"store":true}));
    let a = e.begin(Ok(request()));
    let (id, eff) = performed(e.poll(a, at(0)));
    assert!(matches!(eff, Effect::Store(_)));
    let mut r = request();
    r.force_refresh = true;
    let b = e.begin(Ok(r));
    assert!(matches!(e.poll(b, at(0)), Step::Wait { .. }));
    let v = json!({"token":"revoked","expires_on":T0+3_600_000,"usable_until":T0+3_300_000});
    e.resolve(id, Outcome::Stored(Some(Secret::new(v.to_string().into_bytes()))), at(0));
    if let Step::Done { value: TokenResult { token, .. }, .. } = e.poll(b, at(0)) {
        panic!("force_refresh got {:?} {}", token.origin(), token.secret())
    }
}

#[test]
fn stale_token_bridges_for_a_caller_who_joined_the_refresh() {
    let mut e = engine(json!({}));
    let a = e.begin(Ok(request()));
    let (id, _) = performed(e.poll(a, at(0)));
    e.resolve(id, good_assertion(), at(0));
    let (id, _) = performed(e.poll(a, at(0)));
    e.resolve(
        id,
        http(
            200,
            &[],
            json!({"access_token":"t","token_type":"Bearer","expires_in":3600,"refresh_in":3200}),
        ),
        at(0),
    );
    e.poll(a, at(0));
    e.end(a);
    let b = e.begin(Ok(request()));
    let Step::Done { refresh: Some(r), .. } = e.poll(b, at(3_299_000)) else { panic!() };
    e.end(b);
    let (id, _) = performed(e.poll(r, at(3_299_000)));
    let c = e.begin(Ok(request()));
    let s = e.poll(c, at(3_301_000)); // in the skew, still valid for 299 s
    assert!(matches!(s, Step::Wait { .. }), "{s:?}");
    e.resolve(id, http(503, &[("retry-after", "1000")], json!({})), at(3_302_000));
    let s = e.poll(c, at(3_302_000));
    assert!(matches!(s, Step::Done { .. }), "{s:?}");
}

#[test]
fn force_refresh_never_gets_stale() {
    let mut e = engine(json!({}));
    let a = e.begin(Ok(request()));
    let (id, _) = performed(e.poll(a, at(0)));
    e.resolve(id, good_assertion(), at(0));
    let (id, _) = performed(e.poll(a, at(0)));
    e.resolve(id, token("t", 3600), at(0));
    e.poll(a, at(0));
    e.end(a);
    let b = e.begin(Ok(request()));
    let (id, _) = performed(e.poll(b, at(3_301_000)));
    let mut r = request();
    r.force_refresh = true;
    let c = e.begin(Ok(r));
    e.poll(c, at(3_301_000));
    e.resolve(id, http(503, &[("retry-after", "1000")], json!({})), at(3_302_000));
    let s = e.poll(c, at(3_302_000));
    assert!(matches!(s, Step::Fail(_)), "{s:?}");
}

#[test]
fn a_store_that_hangs_does_not_withhold_the_token() {
    let mut e = engine(json!({"store":true}));
    let a = e.begin(Ok(request()));
    let (id, _) = performed(e.poll(a, at(0)));
    e.resolve(id, Outcome::Stored(None), at(0));
    let (id, _) = performed(e.poll(a, at(0)));
    e.resolve(id, good_assertion(), at(0));
    let (id, _) = performed(e.poll(a, at(0)));
    e.resolve(id, token("t", 3600), at(0));
    let (_, eff) = performed(e.poll(a, at(0)));
    assert!(matches!(eff, Effect::Store(_)));
    let s = e.poll(a, at(30_000));
    assert!(matches!(s, Step::Done { .. }), "{s:?}");
}

#[test]
fn one_cancelled_leader_does_not_cancel_followers() {
    let mut e = engine(json!({}));
    let a = e.begin(Ok(request()));
    let b = e.begin(Ok(request()));
    let (id, _) = performed(e.poll(a, at(0)));
    e.poll(b, at(0));
    e.resolve(id, Outcome::Failed { failure: Failure::Cancelled, detail: "".into() }, at(0));
    let s = e.poll(b, at(0));
    assert!(!matches!(s, Step::Fail(_)), "{s:?}");
}

#[test]
fn huge_retry_after_is_capped_not_ignored() {
    let mut e = engine(json!({}));
    let a = e.begin(Ok(request()));
    let (id, _) = performed(e.poll(a, at(0)));
    e.resolve(id, good_assertion(), at(0));
    let (id, _) = performed(e.poll(a, at(0)));
    e.resolve(id, http(429, &[("retry-after", "99999999999999999999")], json!({})), at(0));
    let s = e.poll(a, at(0));
    assert!(matches!(s, Step::Fail(_)), "retried at once: {s:?}");
}

#[test]
fn clock_back_does_not_hold_a_dead_lease() {
    let mut e = engine(json!({}));
    let a = e.begin(Ok(request()));
    let b = e.begin(Ok(request()));
    let _ = performed(e.poll(a, at(0)));
    e.poll(b, at(0));
    // the leader is gone; the clock was set back by 50 minutes
    let s = e.poll(b, at(-3_000_000));
    assert!(
        !matches!(s, Step::Wait { until, .. } if until.since(at(-3_000_000)) > 60_000),
        "{s:?}"
    );
}

#[test]
fn successor_effect_respects_remaining_time() {
    let mut e = engine(json!({}));
    let mut r = request();
    r.deadline = Some(at(14_000));
    let a = e.begin(Ok(req_dead(14_000)));
    let b = e.begin(Ok(r));
    let _ = performed(e.poll(a, at(0)));
    e.poll(b, at(0));
    let (_, eff) = performed(e.poll(b, at(12_500)));
    let Effect::AskHost { timeout_ms, .. } = eff else { panic!() };
    assert!(timeout_ms <= 1500, "{timeout_ms}");
}

fn req_dead(ms: i64) -> Request {
    let mut r = request();
    r.deadline = Some(at(ms));
    r
}

#[test]
fn stale_bridges_tls() {
    let mut e = engine(json!({}));
    let a = e.begin(Ok(request()));
    let (id, _) = performed(e.poll(a, at(0)));
    e.resolve(id, good_assertion(), at(0));
    let (id, _) = performed(e.poll(a, at(0)));
    e.resolve(id, token("t", 3600), at(0));
    e.poll(a, at(0));
    e.end(a);
    let b = e.begin(Ok(request()));
    let (id, _) = performed(e.poll(b, at(3_301_000)));
    e.resolve(id, Outcome::Failed { failure: Failure::Tls, detail: "".into() }, at(3_302_000));
    let s = e.poll(b, at(3_302_000));
    assert!(matches!(s, Step::Done { .. }), "{s:?}");
}

#[test]
fn claims_token_is_not_overwritten_by_older_flight() {
    let mut e = engine(json!({}));
    let a = e.begin(Ok(request()));
    let (id, _) = performed(e.poll(a, at(0)));
    e.resolve(id, good_assertion(), at(0));
    let (ida, _) = performed(e.poll(a, at(0)));
    let mut r = request();
    r.claims = Some(r#"{"access_token":{"nbf":{"essential":true,"value":"1"}}}"#.into());
    let b = e.begin(Ok(r));
    let (id, _) = performed(e.poll(b, at(10)));
    e.resolve(id, good_assertion(), at(10));
    let (id, _) = performed(e.poll(b, at(10)));
    e.resolve(id, token("claims", 3600), at(20));
    e.poll(b, at(20));
    e.end(b);
    e.resolve(ida, token("old", 3600), at(30));
    e.poll(a, at(30));
    e.end(a);
    let c = e.begin(Ok(request()));
    let Step::Done { value: TokenResult { token, .. }, .. } = e.poll(c, at(40)) else { panic!() };
    assert_eq!(token.secret(), "claims");
}

#[test]
fn refresh_ticket_of_failed_poll() {
    // a cached answer whose refresh is due: two polls of one ticket
    let mut e = engine(json!({}));
    let a = e.begin(Ok(request()));
    let (id, _) = performed(e.poll(a, at(0)));
    e.resolve(id, good_assertion(), at(0));
    let (id, _) = performed(e.poll(a, at(0)));
    e.resolve(
        id,
        http(
            200,
            &[],
            json!({"access_token":"t","token_type":"Bearer","expires_in":3600,"refresh_in":1800}),
        ),
        at(0),
    );
    e.poll(a, at(0));
    e.end(a);
    // refresh ticket abandoned (worker died): another one after 60 s, the first one never goes away
    for i in 0..10 {
        let b = e.begin(Ok(request()));
        e.poll(b, at(1_900_000 + i * 61_000));
        e.end(b);
    }
    assert_eq!(e.open().0, 1, "abandoned refresh tickets stay");
}
