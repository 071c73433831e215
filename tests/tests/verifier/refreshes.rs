//! Background refreshes: given once, taken over when dropped.

use crate::world::{answer, asked, at, begin, key_set, ok, supply, token, verifier, word};
use workload_identity_core::verify::{CheckResult, Verifier, VerifierRequest};
use workload_identity_core::{Code, Step, Ticket, Timestamp};

const DUE: i64 = 4_000_000;

/// Verifies a token by a ticket; the refresh that came with it.
fn refresh(verifier: &mut Verifier, now: Timestamp) -> Option<Ticket> {
    let ticket = begin(verifier, &token("k1"));
    let Step::Done { refresh, .. } = verifier.poll(ticket, now) else { panic!() };
    verifier.end(ticket);
    refresh
}

#[test]
fn one_caller_gets_it() {
    let mut verifier = verifier();
    supply(&mut verifier, &["k1"], at(0));
    assert_eq!(refresh(&mut verifier, at(1000)), None);
    let ticket = refresh(&mut verifier, at(DUE)).expect("due");
    for later in 0..100 {
        assert_eq!(refresh(&mut verifier, at(DUE + later)), None);
        assert_eq!(verifier.refresh(at(DUE + later)), None);
    }
    let (effect, _) = asked(&verifier.poll(ticket, at(DUE + 100)));
    verifier.resolve(effect, &ok(&key_set(&["k1", "k2"])), at(DUE + 200));
    assert!(matches!(verifier.poll(ticket, at(DUE + 200)), Step::Done { .. }));
    verifier.end(ticket);
    assert_eq!(refresh(&mut verifier, at(DUE + 300)), None);
    assert_eq!(word(&mut verifier, &token("k2"), at(DUE + 300)), "accepted");
    assert_eq!(verifier.open(), (0, 0, 0));
}

#[test]
fn a_dropped_refresh_goes_to_the_next_caller() {
    let mut verifier = verifier();
    supply(&mut verifier, &["k1"], at(0));
    let first = refresh(&mut verifier, at(DUE)).expect("due");
    verifier.end(first);
    let second = refresh(&mut verifier, at(DUE + 1)).expect("due still");
    asked(&verifier.poll(second, at(DUE + 1)));
    verifier.end(second);
    assert_eq!(verifier.open(), (0, 0, 0));
    assert!(verifier.refresh(at(DUE + 2)).is_some());
}

#[test]
fn one_that_is_never_driven_is_taken_over() {
    let mut verifier = verifier();
    supply(&mut verifier, &["k1"], at(0));
    let lost = refresh(&mut verifier, at(DUE)).expect("due");
    assert_eq!(refresh(&mut verifier, at(DUE + 5000)), None);
    let next = refresh(&mut verifier, at(DUE + 60_000)).expect("the other is lost");
    let (effect, _) = asked(&verifier.poll(next, at(DUE + 60_000)));
    verifier.resolve(effect, &ok(&key_set(&["k1"])), at(DUE + 60_100));
    verifier.end(lost);
    verifier.end(next);
    assert_eq!(verifier.open(), (0, 0, 0));
}

#[test]
fn a_failed_one_is_not_repeated_at_once() {
    let mut verifier = verifier();
    supply(&mut verifier, &["k1"], at(0));
    let ticket = refresh(&mut verifier, at(DUE)).expect("due");
    let (effect, _) = asked(&verifier.poll(ticket, at(DUE)));
    verifier.resolve(effect, &answer(404, Vec::new()), at(DUE));
    verifier.poll(ticket, at(DUE));
    verifier.end(ticket);
    assert_eq!(word(&mut verifier, &token("k1"), at(DUE)), "accepted");
    assert!(refresh(&mut verifier, at(DUE + 1_000_000)).is_some());
}

/// A request for the keys is not held back by what tokens have caused, and causes one fetch in a cool-down.
#[test]
fn keys_can_be_loaded_after_an_unknown_key() {
    let mut verifier = verifier();
    supply(&mut verifier, &["k1"], at(0));
    let unknown = token("k2");
    let CheckResult::Refused(error) = verifier.check(&unknown, at(29_999)) else {
        panic!("the keys were loaded less than a cool-down ago")
    };
    assert_eq!((error.code, error.retryable()), (Code::NoMatchingKey, true));
    assert_eq!(error.retry_at, Some(at(30_000)));
    // The token causes a fetch at the instant that the error named, which does not find the key.
    let ticket = begin(&mut verifier, &unknown);
    let (effect, _) = asked(&verifier.poll(ticket, at(30_000)));
    verifier.resolve(effect, &ok(&key_set(&["k1"])), at(30_000));
    let Step::Fail(error) = verifier.poll(ticket, at(30_000)) else { panic!("the key is absent") };
    assert_eq!((error.code, error.retry_at), (Code::NoMatchingKey, Some(at(60_000))));
    verifier.end(ticket);
    // By now the issuer has the key, and the application knows.
    supply(&mut verifier, &["k1", "k2"], at(40_000));
    assert!(matches!(verifier.check(&unknown, at(40_000)), CheckResult::Pending(_)));
    let ticket = verifier.begin(VerifierRequest::parse(br#"{"keys_of":0}"#));
    assert!(matches!(verifier.poll(ticket, at(69_999)), Step::Done { .. }));
    verifier.end(ticket);
    supply(&mut verifier, &["k1"], at(70_000));
}
