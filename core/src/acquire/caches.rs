//! What acquisitions of one engine share: assertions, the discovered token endpoint, throttling by the service.

use crate::http::retry;
use crate::source::AssertionCache;
use crate::{Error, Timestamp};
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// Cache keys whose throttling is remembered at the same time.
const MAX_THROTTLED: usize = 1000;

#[derive(Debug, Default)]
pub(super) struct Caches {
    pub(super) assertions: AssertionCache,
    endpoint: Option<(String, Timestamp)>,
    throttled: Vec<(String, Error)>,
}

impl Caches {
    pub(super) fn endpoint(&self, now: Timestamp) -> Option<&str> {
        self.endpoint
            .as_ref()
            .filter(|(_, until)| *until > now)
            .map(|(endpoint, _)| endpoint.as_str())
    }

    pub(super) fn keep_endpoint(&mut self, endpoint: &str, until: Timestamp) {
        self.endpoint = Some((endpoint.to_string(), until));
    }

    /// Returns the throttling error that still holds for a cache key.
    pub(super) fn throttled(&self, key: &str, now: Timestamp) -> Option<Error> {
        let (_, error) = self.throttled.iter().find(|(known, _)| known == key)?;
        holds(error, now).then(|| error.clone())
    }

    /// Remembers that the service asked to wait before the next request.
    pub(super) fn throttle(&mut self, key: &str, error: &Error, now: Timestamp) {
        self.throttled.retain(|(known, error)| known != key && holds(error, now));
        if self.throttled.len() < MAX_THROTTLED {
            self.throttled.push((key.to_string(), error.clone()));
        }
    }
}

/// A pause longer than any that is accepted means that the clock was set back.
fn holds(error: &Error, now: Timestamp) -> bool {
    error.retry_at.is_some_and(|at| at > now && at.since(now) <= retry::MAX_PAUSE_MS)
}
