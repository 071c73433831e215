//! The token cache: bounded by entries and bytes, least recently used first out, every operation O(log n).

use crate::token::AccessToken;
use crate::{Timestamp, ticket::Ticket};
use alloc::collections::BTreeMap;
use alloc::sync::Arc;

/// A background refresh that nobody drives is given up after this.
const REFRESH_LEASE_MS: i64 = 60_000;
/// After a failed background refresh, the next one waits for this.
pub(crate) const REFRESH_PAUSE_MS: i64 = 30_000;

/// What is known for one cache key.
#[derive(Debug)]
struct Entry {
    token: AccessToken,
    used: u64,
    /// The one background refresh under way.
    refresh: Option<(Ticket, Timestamp)>,
    refresh_not_before: Timestamp,
}

/// A found token.
#[derive(Debug)]
pub(crate) struct Hit {
    pub(crate) token: AccessToken,
    pub(crate) fresh_until: Timestamp,
    /// Nobody refreshes it yet, and it is time.
    pub(crate) refresh_due: bool,
}

#[derive(Debug)]
pub(crate) struct TokenCache {
    entries: BTreeMap<Arc<str>, Entry>,
    recency: BTreeMap<u64, Arc<str>>,
    uses: u64,
    bytes: usize,
    max_entries: usize,
    max_bytes: usize,
}

impl TokenCache {
    pub(crate) fn new(max_entries: usize, max_bytes: usize) -> Self {
        Self {
            entries: BTreeMap::new(),
            recency: BTreeMap::new(),
            uses: 0,
            bytes: 0,
            max_entries,
            max_bytes,
        }
    }

    /// A token that may be handed out now.
    pub(crate) fn find(&mut self, key: &str, now: Timestamp) -> Option<Hit> {
        let entry = self.entries.get_mut(key)?;
        if entry.token.usable_until() <= now || !entry.token.valid(now) {
            return None;
        }
        self.uses += 1;
        if let Some(name) = self.recency.remove(&entry.used) {
            self.recency.insert(self.uses, name);
            entry.used = self.uses;
        }
        let token = entry.token.clone();
        let due = token.refresh_on().is_some_and(|at| at <= now);
        let fresh_until = if !due {
            token.fresh_until()
        } else if entry.refresh_not_before > now {
            entry.refresh_not_before.min(token.usable_until())
        } else {
            now
        };
        let busy = entry.refresh.is_some_and(|(_, until)| until > now);
        Some(Hit {
            token,
            fresh_until,
            refresh_due: due && !busy && entry.refresh_not_before <= now,
        })
    }

    /// A token that is past its skew but still valid, for when no newer one can be had.
    pub(crate) fn find_stale(&self, key: &str, now: Timestamp) -> Option<AccessToken> {
        self.entries.get(key).filter(|entry| entry.token.valid(now)).map(|e| e.token.clone())
    }

    /// Notes who refreshes a token in the background.
    pub(crate) fn refresh_begins(&mut self, key: &str, ticket: Ticket, now: Timestamp) {
        if let Some(entry) = self.entries.get_mut(key) {
            entry.refresh = Some((ticket, now.plus_millis(REFRESH_LEASE_MS)));
        }
    }

    /// The background refresh is over, whatever came of it.
    pub(crate) fn refresh_ends(&mut self, key: &str, ticket: Ticket) {
        if let Some(entry) = self.entries.get_mut(key)
            && entry.refresh.is_some_and(|(current, _)| current == ticket)
        {
            entry.refresh = None;
        }
    }

    /// The background refresh failed; the token stays and the next attempt waits.
    pub(crate) fn refresh_failed(&mut self, key: &str, not_before: Timestamp) {
        if let Some(entry) = self.entries.get_mut(key) {
            entry.refresh_not_before = not_before;
        }
    }

    /// Keeps a token, replacing the key's former one.
    pub(crate) fn keep(&mut self, key: &str, token: AccessToken) {
        let weight = key.len() + token.weight();
        self.remove(key);
        if weight > self.max_bytes || self.max_entries == 0 {
            return;
        }
        while self.entries.len() >= self.max_entries || self.bytes + weight > self.max_bytes {
            let Some((_, oldest)) = self.recency.first_key_value() else { break };
            let oldest = oldest.clone();
            self.remove(&oldest);
        }
        self.uses += 1;
        let name: Arc<str> = key.into();
        self.recency.insert(self.uses, name.clone());
        self.bytes += weight;
        self.entries.insert(
            name,
            Entry {
                token,
                used: self.uses,
                refresh: None,
                refresh_not_before: Timestamp::from_millis(0),
            },
        );
    }

    fn remove(&mut self, key: &str) {
        if let Some(entry) = self.entries.remove(key) {
            self.recency.remove(&entry.used);
            self.bytes = self.bytes.saturating_sub(key.len() + entry.token.weight());
        }
    }
}

#[cfg(test)]
mod tests;
