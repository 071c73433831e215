//! The cache of verified tokens: when a cached result is no longer used.

use crate::world::{Counting, at, fetched_with, supply, token, token_with, verifier_of, word};
use serde_json::{Value, json};
use std::sync::Arc;
use workload_identity_core::verify::Verifier;

/// A verifier with keys, and the count of signatures that it verifies.
fn counted(beside: Value) -> (Verifier, Arc<Counting>) {
    let counting = Arc::new(Counting::default());
    let mut verifier = verifier_of(&fetched_with(beside), Arc::clone(&counting) as _);
    supply(&mut verifier, &["k1", "k2"], at(0));
    (verifier, counting)
}

#[test]
fn a_signature_is_verified_once() {
    let (mut verifier, counting) = counted(json!({"cache_max_bytes": 100_000}));
    assert!(verifier.has_cache());
    for _ in 0..10 {
        assert_eq!(word(&mut verifier, &token("k1"), at(0)), "accepted");
    }
    assert_eq!(counting.count(), 1);
    let (mut verifier, counting) = counted(json!({}));
    for _ in 0..10 {
        assert_eq!(word(&mut verifier, &token("k1"), at(0)), "accepted");
    }
    assert_eq!((counting.count(), verifier.has_cache()), (10, false));
}

#[test]
fn refusals_are_not_cached() {
    let (mut verifier, counting) = counted(json!({"cache_max_bytes": 100_000}));
    let forged = format!("{}AAAA", token("k1").split_at(token("k1").len() - 4).0);
    for _ in 0..3 {
        assert_eq!(word(&mut verifier, &forged, at(0)), "signature_invalid");
    }
    assert_eq!(counting.count(), 3);
}

#[test]
fn a_result_ends_with_its_token() {
    let (mut verifier, _) = counted(json!({"cache_max_bytes": 100_000, "leeway_seconds": 5}));
    let short = token_with("k1", json!({"exp": at(60_000).seconds()}));
    assert_eq!(word(&mut verifier, &short, at(0)), "accepted");
    assert_eq!(word(&mut verifier, &short, at(64_999)), "accepted");
    assert_eq!(word(&mut verifier, &short, at(65_000)), "expired");
    // It is not valid before its time either, when a clock is set back.
    assert_eq!(word(&mut verifier, &token("k1"), at(0)), "accepted");
    assert_eq!(word(&mut verifier, &token("k1"), at(-6000)), "issued_in_future");
}

#[test]
fn another_policy_shares_nothing() {
    let (mut lenient, _) = counted(json!({"cache_max_bytes": 100_000}));
    let (mut strict, counting) = counted(json!({"cache_max_bytes": 100_000, "leeway_seconds": 0}));
    let token = token("k1");
    let verified = crate::world::check(&mut lenient, &token, at(0)).expect("keys").expect("good");
    strict.cache(&verified);
    assert_eq!(word(&mut strict, &token, at(0)), "accepted");
    assert_eq!(counting.count(), 1, "the other verifier's result was used");
}

#[test]
fn a_result_ends_with_its_key() {
    let (mut verifier, _) = counted(json!({"cache_max_bytes": 100_000}));
    let gone = token("k1");
    assert_eq!(word(&mut verifier, &gone, at(0)), "accepted");
    supply(&mut verifier, &["k2"], at(60_000));
    // Until the new set has verified a token, the last proven one is used beside it.
    assert_eq!(word(&mut verifier, &gone, at(60_000)), "accepted");
    assert_eq!(word(&mut verifier, &token("k2"), at(60_000)), "accepted");
    assert_eq!(word(&mut verifier, &gone, at(60_000)), "no_matching_key");
}

#[test]
fn a_result_ends_with_the_age_of_its_keys() {
    let (mut verifier, _) = counted(json!({"cache_max_bytes": 100_000}));
    let token = token("k1");
    assert_eq!(word(&mut verifier, &token, at(0)), "accepted");
    assert_eq!(word(&mut verifier, &token, at(86_400_000 - 1)), "accepted");
    assert_eq!(word(&mut verifier, &token, at(86_400_000)), "drive");
}

#[test]
fn bytes_are_bounded_and_recently_used_tokens_stay() {
    let (mut verifier, counting) = counted(json!({"cache_max_bytes": 8000}));
    let used = token("k1");
    let numbered = |number: usize| token_with("k1", json!({"jti": number.to_string()}));
    assert_eq!(word(&mut verifier, &used, at(0)), "accepted");
    for number in 0..40 {
        assert_eq!(word(&mut verifier, &numbered(number), at(0)), "accepted");
        assert_eq!(word(&mut verifier, &used, at(0)), "accepted");
    }
    assert_eq!(counting.count(), 41, "the token in use was dropped");
    assert_eq!(word(&mut verifier, &numbered(0), at(0)), "accepted");
    assert_eq!(counting.count(), 42, "nothing was dropped");
    // A token larger than the bound is not cached, and nothing is dropped for it.
    let large = token_with("k1", json!({"text": "x".repeat(8000)}));
    for _ in 0..2 {
        assert_eq!(word(&mut verifier, &large, at(0)), "accepted");
    }
    assert_eq!(counting.count(), 44);
}
