//! The token cache: bounded by entries and bytes, the least recently used token first out.

mod config;

use crate::Timestamp;
use crate::machine::Ticket;
use crate::token::AccessToken;
use alloc::sync::Arc;
use lru::LruCache;

pub use config::CacheConfig;
pub(crate) use config::{FlightForm, MaxBytes, MaxEntries};

/// A background refresh is given up after this time without a result.
const REFRESH_LEASE_MS: i64 = 60_000;
/// Pause after a failed background refresh.
pub(crate) const REFRESH_PAUSE_MS: i64 = 30_000;

/// The token of one cache key and its refresh.
#[derive(Debug)]
struct Entry {
    token: AccessToken,
    /// Bytes of the key and the token.
    weight: usize,
    /// The one background refresh under way, and the end of its lease.
    refresh: Option<(Ticket, Timestamp)>,
    refresh_not_before: Timestamp,
}

/// A cached token that may be handed out.
#[derive(Debug)]
pub(crate) struct Hit {
    pub(crate) token: AccessToken,
    pub(crate) fresh_until: Timestamp,
    /// A refresh is due and none is under way.
    pub(crate) refresh_due: bool,
}

#[derive(Debug)]
pub(crate) struct TokenCache {
    entries: LruCache<Arc<str>, Entry>,
    bytes: usize,
    max_entries: usize,
    max_bytes: usize,
}

impl TokenCache {
    pub(crate) fn new(max_entries: usize, max_bytes: usize) -> Self {
        // `LruCache` allocates for its capacity at once, so the bound on entries is applied here.
        Self { entries: LruCache::unbounded(), bytes: 0, max_entries, max_bytes }
    }

    /// Returns a token that may be handed out now.
    pub(crate) fn find(&mut self, key: &str, now: Timestamp) -> Option<Hit> {
        let entry = self.entries.peek(key)?;
        if entry.token.usable_until() <= now || !entry.token.valid(now) {
            return None;
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
        let refresh_due = due && !busy && entry.refresh_not_before <= now;
        self.entries.promote(key);
        Some(Hit { token, fresh_until, refresh_due })
    }

    /// Returns a token that is past its expiry skew but still valid, for when no newer one can be had.
    pub(crate) fn find_stale(&self, key: &str, now: Timestamp) -> Option<AccessToken> {
        let entry = self.entries.peek(key)?;
        entry.token.valid(now).then(|| entry.token.clone())
    }

    /// Records the ticket of a background refresh. Returns the former one if its lease has run out.
    pub(crate) fn refresh_begins(
        &mut self,
        key: &str,
        ticket: Ticket,
        now: Timestamp,
    ) -> Option<Ticket> {
        let lease = (ticket, now.plus_millis(REFRESH_LEASE_MS));
        self.entries.peek_mut(key)?.refresh.replace(lease).map(|(former, _)| former)
    }

    /// Records the end of a background refresh, successful or not.
    pub(crate) fn refresh_ends(&mut self, key: &str, ticket: Ticket) {
        if let Some(entry) = self.entries.peek_mut(key)
            && entry.refresh.is_some_and(|(current, _)| current == ticket)
        {
            entry.refresh = None;
        }
    }

    /// Postpones the next background refresh after a failed one. The token stays.
    pub(crate) fn refresh_failed(&mut self, key: &str, not_before: Timestamp) {
        if let Some(entry) = self.entries.peek_mut(key) {
            entry.refresh_not_before = not_before;
        }
    }

    /// Stores a token in place of the key's former one.
    pub(crate) fn keep(&mut self, key: &Arc<str>, token: AccessToken) {
        if let Some(former) = self.entries.pop(key) {
            self.bytes -= former.weight;
        }
        let weight = key.len() + token.weight();
        if weight > self.max_bytes || self.max_entries == 0 {
            return;
        }
        while self.entries.len() >= self.max_entries || self.bytes + weight > self.max_bytes {
            let Some((_, oldest)) = self.entries.pop_lru() else { break };
            self.bytes -= oldest.weight;
        }
        self.bytes += weight;
        let refresh_not_before = Timestamp::from_millis(0);
        self.entries.put(key.clone(), Entry { token, weight, refresh: None, refresh_not_before });
    }
}

#[cfg(test)]
mod tests;
