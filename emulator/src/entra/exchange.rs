//! One accepted token request: fetches the issuer's keys if necessary, then verifies the assertion.

use super::client_assertion;
use super::error::{Aadsts, EntraError};
use super::issuer_metadata::{self, Document, IssuerKeys};
use super::token_endpoint::AcceptedRequest;
use crate::reply::Fetched;
use crate::settings::Settings;
use workload_identity_core::Timestamp;

/// A token request whose form, tenant, application and credential are accepted.
pub(crate) struct Exchange {
    pub(crate) request: AcceptedRequest,
    expected: Document,
    fetched: bool,
}

/// What an exchange does next.
pub(crate) enum Progress {
    /// The assertion is valid.
    Verified,
    /// This document is needed; its content goes to [`Exchange::receive`].
    Fetch(Document),
}

impl Exchange {
    pub(crate) fn new(request: AcceptedRequest) -> Self {
        Self { request, expected: Document::Discovery, fetched: false }
    }

    /// Verifies with the cached keys. Fetches them once if there are none or if they lack the assertion's key.
    ///
    /// `clock` is the endpoint's clock, which a fault can move; `now` is the time.
    pub(crate) fn verify(
        &mut self,
        settings: &Settings,
        keys: &IssuerKeys,
        clock: Timestamp,
        now: Timestamp,
    ) -> Result<Progress, EntraError> {
        let issuer = self.request.issuer.as_str();
        let tolerance = settings.clock_tolerance_seconds;
        let assertion = &self.request.assertion;
        let verified = keys
            .get(issuer, now)
            .map(|keys| client_assertion::verify(assertion, issuer, keys, tolerance, clock));
        let too_early =
            keys.age(issuer, now).is_some_and(|age| age < settings.metadata_cooldown_seconds);
        match verified {
            Some(Ok(())) => Ok(Progress::Verified),
            Some(Err(error)) if self.fetched || too_early || error.code != Aadsts::KeyNotFound => {
                Err(error)
            }
            _ => {
                self.expected = Document::Discovery;
                Ok(Progress::Fetch(Document::Discovery))
            }
        }
    }

    /// Reads the document that was asked for. Returns the next one, or `None` when the keys are stored.
    pub(crate) fn receive(
        &mut self,
        outcome: Result<Fetched, String>,
        keys: &mut IssuerKeys,
        now: Timestamp,
    ) -> Result<Option<Document>, EntraError> {
        let issuer = &self.request.issuer;
        let body = self.expected.body(issuer, outcome)?;
        match &self.expected {
            Document::Discovery => {
                self.expected = issuer_metadata::read_discovery(&body, issuer)?;
                Ok(Some(self.expected.clone()))
            }
            set @ Document::Keys(_) => {
                keys.store(issuer, issuer_metadata::read_keys(&body, issuer, set)?, now);
                self.fetched = true;
                Ok(None)
            }
        }
    }
}
