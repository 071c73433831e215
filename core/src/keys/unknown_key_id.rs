//! Bounds the fetches that tokens with an unknown `kid` cause.
//!
//! The sender of a token chooses its `kid`, so the bound is a cool-down and a list of limited size.

use alloc::vec::Vec;
use sha2::{Digest as _, Sha256};

/// Most keys remembered as absent.
const MAX_ABSENT: usize = 64;

/// The beginning of a name's digest: names may be long. Two names of one digest only delay a
/// fetch for the second.
type Name = u64;

#[derive(Clone, Debug)]
pub(super) struct UnknownKeyIds {
    cool_down_ms: i64,
    /// When callers last caused a fetch.
    last: Option<i64>,
    /// What the next fetch, or the one under way, looks for.
    wanted: Option<Name>,
    /// Names that a fetch did not find, and when it ended; the oldest first.
    absent: Vec<(Name, i64)>,
}

impl UnknownKeyIds {
    pub(super) const fn new(cool_down_ms: i64) -> Self {
        Self { cool_down_ms, last: None, wanted: None, absent: Vec::new() }
    }

    /// Whether a fetch for this key makes sense now. Asking costs nothing: only a fetch that begins does.
    pub(super) fn allows(&self, key_id: Option<&str>, at: i64) -> bool {
        self.next(key_id, at) <= at
    }

    /// When a fetch for this key makes sense: now or later.
    pub(super) fn next(&self, key_id: Option<&str>, at: i64) -> i64 {
        let name = digest(key_id);
        let absent =
            self.absent.iter().filter(|(known, _)| *known == name).map(|(_, since)| *since);
        absent.chain(self.last).map(|since| since + self.cool_down_ms).fold(at, i64::max)
    }

    /// The next fetch is for this key.
    pub(super) fn want(&mut self, key_id: Option<&str>) {
        self.wanted = Some(digest(key_id));
    }

    /// A fetch begins; `waited_for` by callers, whichever key they need.
    pub(super) fn began(&mut self, at: i64, waited_for: bool) {
        if waited_for || self.wanted.is_some() {
            self.last = Some(at);
        }
    }

    /// The fetch is over. A key that it was for and that came is found before it is looked for again, so that it need not
    /// be told from one that did not.
    pub(super) fn over(&mut self, at: i64) {
        let Some(name) = self.wanted.take() else { return };
        let mut absent = Vec::with_capacity(self.absent.len() + 1);
        for entry in &self.absent {
            if entry.0 != name && at - entry.1 < self.cool_down_ms {
                absent.push(*entry);
            }
        }
        if absent.len() >= MAX_ABSENT {
            absent.remove(0);
        }
        absent.push((name, at));
        self.absent = absent;
    }
}

fn digest(key_id: Option<&str>) -> Name {
    // A token without a name is one name of its own.
    let mut hash = Sha256::new();
    hash.update([u8::from(key_id.is_some())]);
    hash.update(key_id.unwrap_or_default());
    let digest: [u8; 32] = hash.finalize().into();
    digest.first_chunk().copied().map(Name::from_be_bytes).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_fetch_in_a_cool_down() {
        let mut unknown = UnknownKeyIds::new(30_000);
        assert!(unknown.allows(Some("a"), 0));
        unknown.want(Some("a"));
        assert!(unknown.allows(Some("b"), 0), "nothing has begun");
        unknown.began(0, false);
        unknown.over(100);
        for key_id in [Some("a"), Some("b"), None] {
            assert!(!unknown.allows(key_id, 29_999), "{key_id:?}");
        }
        assert!(unknown.allows(Some("b"), 30_000));
    }

    #[test]
    fn a_key_just_found_absent_waits_longer_than_a_new_one() {
        let mut unknown = UnknownKeyIds::new(30_000);
        unknown.want(Some("a"));
        unknown.began(0, false);
        unknown.over(20_000);
        assert!(!unknown.allows(Some("a"), 49_999));
        assert!(unknown.allows(Some("b"), 49_999) && unknown.allows(None, 49_999));
        assert!(unknown.allows(Some("a"), 50_000));
    }

    #[test]
    fn memory_is_bounded() {
        let mut unknown = UnknownKeyIds::new(1_000_000);
        for round in 0..1_000 {
            let name = alloc::format!("{round}").repeat(1_000);
            unknown.want(Some(&name));
            unknown.began(round, false);
            unknown.over(round);
            assert!(unknown.absent.len() <= MAX_ABSENT);
        }
    }

    #[test]
    fn no_name_is_not_the_empty_name() {
        assert_ne!(digest(None), digest(Some("")));
    }
}
