//! Bounds and recency.

use super::*;
use crate::entropy::Entropy;
use crate::oauth::token_response::Issued;
use crate::secret::Secret;
use std::format;
use std::string::String;

const NOW: Timestamp = Timestamp::from_millis(1_000_000);

fn token(bytes: usize, expires_in: i64, refresh_in: Option<i64>) -> AccessToken {
    let issued = Issued { token: Secret::new("t".repeat(bytes)), expires_in, refresh_in };
    AccessToken::issued(
        issued,
        None,
        Arc::from([String::from("s")]),
        Arc::from("id"),
        NOW,
        &mut Entropy::new([0; 32]),
    )
}

fn held(cache: &mut TokenCache, keys: &[&str]) -> Vec<bool> {
    keys.iter().map(|key| cache.entries.contains(*key)).collect()
}
use std::vec::Vec;

#[test]
fn the_least_recently_used_goes_first() {
    let mut cache = TokenCache::new(2, 1 << 20);
    cache.keep(&Arc::from("a"), token(10, 3600, None));
    cache.keep(&Arc::from("b"), token(10, 3600, None));
    assert!(cache.find("a", NOW).is_some());
    cache.keep(&Arc::from("c"), token(10, 3600, None));
    assert_eq!(held(&mut cache, &["a", "b", "c"]), [true, false, true]);
    assert_eq!(cache.entries.len(), 2);
}

#[test]
fn bytes_are_bounded_and_given_back() {
    let mut cache = TokenCache::new(1000, 2000);
    for index in 0..100 {
        cache.keep(&Arc::from(format!("key{index}")), token(500, 3600, None));
        assert!(cache.bytes <= 2000);
    }
    assert_eq!(cache.entries.len(), 2);
    cache.keep(&Arc::from("huge"), token(5000, 3600, None));
    assert!(!cache.entries.contains("huge"));
    cache.max_bytes = 600;
    cache.keep(&Arc::from("last"), token(300, 3600, None));
    assert_eq!(cache.entries.len(), 1);
    assert_eq!(cache.bytes, "last".len() + token(300, 3600, None).weight());
}

#[test]
fn zero_entries_turn_it_off() {
    let mut cache = TokenCache::new(0, 1 << 20);
    cache.keep(&Arc::from("a"), token(1, 3600, None));
    assert!(cache.find("a", NOW).is_none());
}

#[test]
fn a_token_is_not_handed_out_in_its_last_five_minutes_or_half() {
    let mut cache = TokenCache::new(9, 1 << 20);
    cache.keep(&Arc::from("long"), token(1, 3600, None));
    cache.keep(&Arc::from("short"), token(1, 300, None));
    for (key, last) in [("long", 3300), ("short", 150)] {
        assert!(cache.find(key, NOW.plus_seconds(last).plus_millis(-1)).is_some());
        assert!(cache.find(key, NOW.plus_seconds(last)).is_none());
        assert!(cache.find_stale(key, NOW.plus_seconds(last)).is_some());
    }
    assert!(cache.find_stale("long", NOW.plus_seconds(3600)).is_none());
}

#[test]
fn one_refresh_at_a_time_and_a_pause_after_a_failure() {
    let mut cache = TokenCache::new(9, 1 << 20);
    cache.keep(&Arc::from("k"), token(1, 7200, Some(3600)));
    let due = NOW.plus_seconds(3600);
    assert!(!cache.find("k", NOW).unwrap().refresh_due);
    assert!(cache.find("k", due).unwrap().refresh_due);
    cache.refresh_begins("k", Ticket(1), due);
    assert!(!cache.find("k", due).unwrap().refresh_due);
    assert!(cache.find("k", due.plus_millis(REFRESH_LEASE_MS)).unwrap().refresh_due);
    cache.refresh_ends("k", Ticket(2));
    assert!(!cache.find("k", due).unwrap().refresh_due);
    cache.refresh_ends("k", Ticket(1));
    cache.refresh_failed("k", due.plus_millis(REFRESH_PAUSE_MS));
    let hit = cache.find("k", due).unwrap();
    assert!(!hit.refresh_due && hit.fresh_until == due.plus_millis(REFRESH_PAUSE_MS));
    assert!(cache.find("k", due.plus_millis(REFRESH_PAUSE_MS)).unwrap().refresh_due);
}

#[test]
fn jitter_brings_a_refresh_forward_by_a_tenth_at_most() {
    for seed in 0..50 {
        let issued =
            Issued { token: Secret::new("t".into()), expires_in: 7200, refresh_in: Some(1000) };
        let token = AccessToken::issued(
            issued,
            None,
            Arc::from([]),
            Arc::from("id"),
            NOW,
            &mut Entropy::new([seed; 32]),
        );
        let wait = token.refresh_on().unwrap().since(NOW);
        assert!((900_000..=1_000_000).contains(&wait), "{wait}");
    }
}

#[test]
fn a_clock_set_back_never_extends_a_token() {
    let mut cache = TokenCache::new(9, 1 << 20);
    cache.keep(&Arc::from("k"), token(1, 3600, None));
    assert!(cache.find("k", NOW.plus_seconds(-59)).is_some());
    assert!(cache.find("k", NOW.plus_seconds(-61)).is_none());
    assert!(cache.find_stale("k", NOW.plus_seconds(-61)).is_none());
}
