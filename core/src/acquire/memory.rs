//! What one acquisition leaves for the next: assertions, a discovered endpoint, refusals to be respected.

use crate::source::HeldAssertions;
use crate::{Error, Timestamp, retry};
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// Keys whose throttling is remembered at the same time.
const MAX_THROTTLED: usize = 1000;

#[derive(Debug, Default)]
pub(crate) struct Memory {
    pub(crate) assertions: HeldAssertions,
    endpoint: Option<(String, Timestamp)>,
    throttled: Vec<(String, Error)>,
}

impl Memory {
    pub(crate) fn endpoint(&self, now: Timestamp) -> Option<&str> {
        self.endpoint
            .as_ref()
            .filter(|(_, until)| *until > now)
            .map(|(endpoint, _)| endpoint.as_str())
    }

    pub(crate) fn keep_endpoint(&mut self, endpoint: &str, until: Timestamp) {
        self.endpoint = Some((endpoint.to_string(), until));
    }

    /// The refusal that still holds for a cache key.
    pub(crate) fn throttled(&self, key: &str, now: Timestamp) -> Option<Error> {
        let (_, error) = self.throttled.iter().find(|(known, _)| known == key)?;
        holds(error, now).then(|| error.clone())
    }

    /// Remembers that the service asked to wait.
    pub(crate) fn throttle(&mut self, key: &str, error: &Error, now: Timestamp) {
        self.throttled.retain(|(known, error)| known != key && holds(error, now));
        if self.throttled.len() < MAX_THROTTLED {
            self.throttled.push((key.to_string(), error.clone()));
        }
    }
}

/// A pause longer than any that is ever asked for means that the clock was set back.
fn holds(error: &Error, now: Timestamp) -> bool {
    error.retry_at.is_some_and(|at| at > now && at.since(now) <= retry::MAX_PAUSE_MS)
}
