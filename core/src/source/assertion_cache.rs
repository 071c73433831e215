//! Assertions that are used again until shortly before their expiry, separated by request context.

use crate::error::PresentedAssertion;
use crate::jose::UnverifiedClaims;
use crate::secret::Secret;
use crate::{Code, Error, Timestamp};
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

/// Contexts with a cached assertion.
const MAX_HELD: usize = 256;
/// An assertion is not used in its last minute, or its last quarter if it lives for less than four minutes.
const SKEW_MS: i64 = 60_000;
/// An assertion that expired longer ago than this is not sent. Entra allows some clock difference.
const EXPIRED_MS: i64 = 60_000;

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

/// Assertions by context.
#[derive(Debug, Default)]
pub(crate) struct AssertionCache {
    held: Vec<(String, Arc<Assertion>)>,
}

impl AssertionCache {
    /// Returns an assertion that is still usable.
    pub(crate) fn find(&self, context: &str, now: Timestamp) -> Option<Arc<Assertion>> {
        let (_, found) = self.held.iter().find(|(known, _)| known == context)?;
        found.usable_until.filter(|until| *until > now).map(|_| Arc::clone(found))
    }

    /// Stores an assertion with an expiry. One without is used once.
    pub(crate) fn keep(&mut self, context: &str, assertion: &Arc<Assertion>, now: Timestamp) {
        if assertion.usable_until.is_none() {
            return;
        }
        let usable = |held: &Assertion| held.usable_until.is_some_and(|until| until > now);
        self.held.retain(|(known, held)| known != context && usable(held));
        if self.held.len() < MAX_HELD {
            self.held.push((String::from(context), Arc::clone(assertion)));
        }
    }

    /// Removes an assertion that the token service refused.
    pub(crate) fn forget(&mut self, context: &str) {
        self.held.retain(|(known, _)| known != context);
    }
}
