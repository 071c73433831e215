//! What acquisitions of one engine share: assertions, the discovered token endpoint, throttling by the service.

use crate::http::retry;
use crate::source::AssertionCache;
use crate::{Error, Timestamp};
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;

/// Cache keys whose throttling is remembered at the same time.
const MAX_THROTTLED: usize = 1000;
/// Clients whose discovered token endpoint is remembered at the same time.
const MAX_ENDPOINTS: usize = 1000;

#[derive(Debug, Default)]
pub(super) struct Caches {
    pub(super) assertions: AssertionCache,
    /// Token endpoints by the flight partition of their clients: another client may refuse the address.
    endpoints: Vec<(String, String, Timestamp)>,
    throttled: Vec<(String, Error)>,
    /// The last certificate authorities of a token proxy, by their file.
    roots: Option<(String, Arc<str>)>,
}

impl Caches {
    pub(super) fn endpoint(&self, partition: &str, now: Timestamp) -> Option<&str> {
        let mut endpoints = self.endpoints.iter();
        let (_, endpoint, _) =
            endpoints.find(|(known, _, until)| known == partition && *until > now)?;
        Some(endpoint)
    }

    pub(super) fn keep_endpoint(
        &mut self,
        partition: &str,
        endpoint: &str,
        now: Timestamp,
        until: Timestamp,
    ) {
        self.endpoints.retain(|(known, _, until)| known != partition && *until > now);
        if self.endpoints.len() < MAX_ENDPOINTS {
            self.endpoints.push((partition.to_string(), endpoint.to_string(), until));
        }
    }

    pub(super) fn roots(&self, path: &str) -> Option<Arc<str>> {
        self.roots.as_ref().filter(|(known, _)| known == path).map(|(_, roots)| Arc::clone(roots))
    }

    pub(super) fn keep_roots(&mut self, path: &str, roots: &Arc<str>) {
        self.roots = Some((path.to_string(), Arc::clone(roots)));
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
