//! Assertions that are used again until shortly before their expiry, separated by request context.

use super::{EXPIRED_MS, MAX_ASSERTION, Reason};
use crate::error::PresentedAssertion;
use crate::jose::UnverifiedClaims;
use crate::secret::Secret;
use crate::{Code, Error, Timestamp};
use alloc::string::String;
use alloc::sync::Arc;
use lru::LruCache;

/// Contexts whose assertions are remembered.
const MAX_HELD: usize = 1000;
/// An assertion is not used in its last minute, or its last quarter if it lives for less than four minutes.
const SKEW_MS: i64 = 60_000;

/// A workload's token from its platform, with its unverified claims.
#[derive(Debug)]
pub(crate) struct Assertion {
    pub(crate) token: Secret<String>,
    pub(crate) presented: PresentedAssertion,
    usable_until: Option<Timestamp>,
}

impl Assertion {
    /// Checks the form and the expiry. The token service verifies the signature.
    pub(crate) fn check(token: Secret<String>, now: Timestamp) -> Result<Arc<Self>, Error> {
        if token.expose().len() > MAX_ASSERTION as usize {
            return Err(Error::new(
                Code::AssertionMalformed,
                "the workload token is longer than 16 KiB; check what the source writes",
            ));
        }
        let claims = UnverifiedClaims::peek(token.expose()).map_err(|_| {
            Error::new(
                Code::AssertionMalformed,
                "the workload token is not a JWT in compact form (three base64url parts with JSON inside); check what the source writes",
            )
        })?;
        if token.expose().ends_with('.') {
            return Err(Error::new(
                Code::AssertionMalformed,
                "the workload token has no signature; check what the source writes",
            ));
        }
        let expires = claims.expires;
        if expires.is_some_and(|expires| expires.plus_millis(EXPIRED_MS) <= now) {
            return Err(Error::new(
                Code::AssertionExpired,
                "the workload token has expired; check that the platform renews it, and this machine's clock",
            ));
        }
        Ok(Arc::new(Self {
            usable_until: expires.map(|expires| {
                let left = expires.since(now).max(0);
                expires.plus_millis(-SKEW_MS.min(left / 4))
            }),
            presented: claims.into_presented(),
            token,
        }))
    }
}

/// Assertions by context, the least recently used context first out.
#[derive(Debug)]
pub(crate) struct AssertionCache {
    held: LruCache<String, Held>,
}

/// What is known of a context whose source was asked.
#[derive(Debug, Default)]
struct Held {
    /// The assertion, if it can be used again.
    assertion: Option<Arc<Assertion>>,
    /// Whether the token service has refused the last one.
    rejected: bool,
}

impl Default for AssertionCache {
    fn default() -> Self {
        // `LruCache` allocates for its capacity at once, so the bound is applied in `given`.
        Self { held: LruCache::unbounded() }
    }
}

impl AssertionCache {
    /// Returns an assertion that is still usable.
    pub(crate) fn find(&mut self, context: &str, now: Timestamp) -> Option<Arc<Assertion>> {
        let found = self.held.get(context)?.assertion.as_ref()?;
        found.usable_until.filter(|until| *until > now).map(|_| Arc::clone(found))
    }

    /// Why the source is asked now.
    pub(crate) fn reason(&self, context: &str) -> Reason {
        match self.held.peek(context) {
            None => Reason::First,
            Some(held) if held.rejected => Reason::Rejected,
            Some(_) => Reason::Refresh,
        }
    }

    /// Records that the source has given an assertion, in place of an earlier one.
    pub(crate) fn given(&mut self, context: &str) {
        self.held.put(String::from(context), Held::default());
        while self.held.len() > MAX_HELD {
            self.held.pop_lru();
        }
    }

    /// Stores an assertion that was given. One without an expiry is used once.
    pub(crate) fn keep(&mut self, context: &str, assertion: &Arc<Assertion>) {
        if assertion.usable_until.is_some()
            && let Some(held) = self.held.get_mut(context)
        {
            held.assertion = Some(Arc::clone(assertion));
        }
    }

    /// Removes an assertion that the token service refused.
    pub(crate) fn reject(&mut self, context: &str) {
        if let Some(held) = self.held.get_mut(context) {
            *held = Held { assertion: None, rejected: true };
        }
    }
}
