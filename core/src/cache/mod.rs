//! The token cache: bounded by entries and bytes, least recently used first out, look-up O(log n), the rest O(1).

use crate::Timestamp;
use crate::machine::Ticket;
use crate::ordered::Ordered;
use crate::table::{MAX_VALUES, Table};
use crate::token::AccessToken;
use alloc::sync::Arc;

/// A background refresh that nobody drives is given up after this.
const REFRESH_LEASE_MS: i64 = 60_000;
/// After a failed background refresh, the next one waits for this.
pub(crate) const REFRESH_PAUSE_MS: i64 = 30_000;

/// What is known for one cache key.
#[derive(Debug)]
struct Entry {
    key: Arc<str>,
    token: AccessToken,
    /// The one background refresh under way.
    refresh: Option<(Ticket, Timestamp)>,
    refresh_not_before: Timestamp,
    /// Neighbours in order of use.
    older: u64,
    newer: u64,
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
    names: Ordered<Arc<str>, u64>,
    entries: Table<Entry>,
    /// Ends of the order of use; 0 when empty.
    oldest: u64,
    newest: u64,
    bytes: usize,
    max_entries: usize,
    max_bytes: usize,
}

impl TokenCache {
    pub(crate) fn new(max_entries: usize, max_bytes: usize) -> Self {
        Self {
            names: Ordered::new(),
            entries: Table::new(),
            oldest: 0,
            newest: 0,
            bytes: 0,
            max_entries: max_entries.min(MAX_VALUES),
            max_bytes,
        }
    }

    /// A token that may be handed out now.
    pub(crate) fn find(&mut self, key: &str, now: Timestamp) -> Option<Hit> {
        let id = *self.names.get(key)?;
        let entry = self.entries.get(id)?;
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
        self.unlink(id);
        self.link_newest(id);
        Some(Hit { token, fresh_until, refresh_due })
    }

    /// A token that is past its skew but still valid, for when no newer one can be had.
    pub(crate) fn find_stale(&self, key: &str, now: Timestamp) -> Option<AccessToken> {
        let entry = self.entries.get(*self.names.get(key)?)?;
        entry.token.valid(now).then(|| entry.token.clone())
    }

    /// Notes who refreshes a token in the background; returns a former one whose lease has run out.
    pub(crate) fn refresh_begins(
        &mut self,
        key: &str,
        ticket: Ticket,
        now: Timestamp,
    ) -> Option<Ticket> {
        let lease = (ticket, now.plus_millis(REFRESH_LEASE_MS));
        self.entry(key)?.refresh.replace(lease).map(|(former, _)| former)
    }

    /// The background refresh is over, whatever came of it.
    pub(crate) fn refresh_ends(&mut self, key: &str, ticket: Ticket) {
        if let Some(entry) = self.entry(key)
            && entry.refresh.is_some_and(|(current, _)| current == ticket)
        {
            entry.refresh = None;
        }
    }

    /// The background refresh failed; the token stays and the next attempt waits.
    pub(crate) fn refresh_failed(&mut self, key: &str, not_before: Timestamp) {
        if let Some(entry) = self.entry(key) {
            entry.refresh_not_before = not_before;
        }
    }

    /// Keeps a token, replacing the key's former one.
    pub(crate) fn keep(&mut self, key: &Arc<str>, token: AccessToken) {
        if let Some(id) = self.names.get(&**key) {
            self.remove(*id);
        }
        let weight = key.len() + token.weight();
        if weight > self.max_bytes || self.max_entries == 0 {
            return;
        }
        while self.entries.len() >= self.max_entries || self.bytes + weight > self.max_bytes {
            self.remove(self.oldest);
        }
        let id = self.entries.insert(Entry {
            key: key.clone(),
            token,
            refresh: None,
            refresh_not_before: Timestamp::from_millis(0),
            older: 0,
            newer: 0,
        });
        self.names.insert(key.clone(), id);
        self.link_newest(id);
        self.bytes += weight;
    }

    fn entry(&mut self, key: &str) -> Option<&mut Entry> {
        self.entries.get_mut(*self.names.get(key)?)
    }

    fn remove(&mut self, id: u64) {
        self.unlink(id);
        if let Some(entry) = self.entries.remove(id) {
            self.names.remove(&entry.key);
            self.bytes -= entry.key.len() + entry.token.weight();
        }
    }

    fn link_newest(&mut self, id: u64) {
        let older = core::mem::replace(&mut self.newest, id);
        match self.entries.get_mut(older) {
            Some(neighbour) => neighbour.newer = id,
            None => self.oldest = id,
        }
        if let Some(entry) = self.entries.get_mut(id) {
            entry.older = older;
            entry.newer = 0;
        }
    }

    fn unlink(&mut self, id: u64) {
        let Some(entry) = self.entries.get(id) else { return };
        let (older, newer) = (entry.older, entry.newer);
        match self.entries.get_mut(older) {
            Some(neighbour) => neighbour.newer = newer,
            None => self.oldest = newer,
        }
        match self.entries.get_mut(newer) {
            Some(neighbour) => neighbour.older = older,
            None => self.newest = older,
        }
    }
}

#[cfg(test)]
mod tests;
