//! One accepted token request on its way: fetch the issuer's metadata if need be, verify, issue.

use crate::access_token::RequestedClaims;
use crate::assertion;
use crate::discovery::Version;
use crate::emulator::Emulator;
use crate::entra_error::{Aadsts, Correlation, Refusal};
use crate::fault_plan::Struck;
use crate::message::{ExchangeId, Fetched, Reply, Request, Response};
use crate::metadata;
use crate::token_endpoint::refused;
use std::collections::BTreeMap;
use workload_identity_core::Timestamp;
use workload_identity_core::http::Url;

/// Requests that may wait for metadata at once; the oldest is forgotten beyond that.
const MAX_WAITING: usize = 1024;

/// A token request whose form, tenant, application and credential are in order.
pub(crate) struct Exchange {
    correlation: Correlation,
    struck: Struck,
    version: Version,
    assertion: String,
    issuer: String,
    resource: String,
    requested: RequestedClaims,
    awaits: Document,
    fetched: bool,
}

#[derive(Clone, Copy)]
enum Document {
    Discovery,
    Keys,
}

impl Exchange {
    pub(crate) fn new(
        correlation: Correlation,
        struck: Struck,
        version: Version,
        assertion: String,
        issuer: String,
        resource: String,
        requested: RequestedClaims,
    ) -> Self {
        Self {
            correlation,
            struck,
            version,
            assertion,
            issuer,
            resource,
            requested,
            awaits: Document::Discovery,
            fetched: false,
        }
    }

    fn refuse(&self, refusal: &Refusal, now: Timestamp) -> Reply {
        let clock = self.struck.clock(now);
        Reply::Respond(refused(&self.correlation, &self.struck, refusal, clock))
    }
}

/// The exchanges that wait for the host.
#[derive(Default)]
pub(crate) struct Waiting {
    next: u64,
    exchanges: BTreeMap<ExchangeId, Exchange>,
}

impl Waiting {
    fn insert(&mut self, exchange: Exchange) -> ExchangeId {
        if self.exchanges.len() >= MAX_WAITING {
            self.exchanges.pop_first();
        }
        self.next += 1;
        let id = ExchangeId(self.next);
        self.exchanges.insert(id, exchange);
        id
    }
}

impl Emulator {
    /// Continues the request that a [`Reply::Fetch`] suspended. The error is for people; any will do.
    pub fn fetched(
        &mut self,
        exchange: ExchangeId,
        outcome: Result<Fetched, String>,
        now: Timestamp,
    ) -> Reply {
        let reply = match self.waiting.exchanges.remove(&exchange) {
            Some(exchange) => self.received(exchange, outcome, now),
            None => {
                let text = "A transient error has occurred. Please try again.";
                let refusal = Refusal::new(Aadsts::Transient, text);
                Reply::Respond(self.correlation(None).refuse(&refusal, now))
            }
        };
        self.complete(reply, now)
    }

    /// Verifies with the keys at hand; without keys, or when the key is not among them, fetches once.
    pub(crate) fn resume(&mut self, exchange: Exchange, now: Timestamp) -> Reply {
        let clock = exchange.struck.clock(now);
        let issuer = exchange.issuer.as_str();
        let tolerance = self.settings.clock_tolerance_seconds;
        let verified = self
            .metadata
            .keys(issuer, now)
            .map(|keys| assertion::verify(&exchange.assertion, issuer, keys, tolerance, clock));
        let too_early = self
            .metadata
            .age(issuer, now)
            .is_some_and(|age| age < self.settings.metadata_cooldown_seconds);
        match verified {
            Some(Ok(())) => self.grant(&exchange, clock),
            Some(Err(refusal))
                if exchange.fetched || too_early || refusal.code != Aadsts::KeyNotFound =>
            {
                exchange.refuse(&refusal, now)
            }
            _ => {
                let url = metadata::discovery_url(issuer);
                self.fetch(exchange, Document::Discovery, url, now)
            }
        }
    }

    fn fetch(
        &mut self,
        mut exchange: Exchange,
        document: Document,
        url: String,
        now: Timestamp,
    ) -> Reply {
        exchange.awaits = document;
        let own = url.strip_prefix(self.settings.base_url.as_str());
        if let Some(path) = own.filter(|path| path.starts_with('/')) {
            let outcome = match self.document(&Request::new("GET", path), now) {
                Some(Response { reset: true, .. }) => Err("reset".to_owned()),
                Some(response) => Ok(Fetched { status: response.status, body: response.body }),
                None => Ok(Fetched { status: 404, body: Vec::new() }),
            };
            return self.received(exchange, outcome, now);
        }
        if Url::parse(&url).is_err() {
            return exchange.refuse(&metadata::unreachable_metadata(), now);
        }
        Reply::Fetch { exchange: self.waiting.insert(exchange), url }
    }

    fn received(
        &mut self,
        mut exchange: Exchange,
        outcome: Result<Fetched, String>,
        now: Timestamp,
    ) -> Reply {
        let Ok(fetched) = outcome else {
            return exchange.refuse(&metadata::unreachable_metadata(), now);
        };
        match exchange.awaits {
            Document::Discovery => match metadata::read_discovery(&fetched, &exchange.issuer) {
                Ok(url) => self.fetch(exchange, Document::Keys, url, now),
                Err(refusal) => exchange.refuse(&refusal, now),
            },
            Document::Keys => match metadata::read_keys(&fetched) {
                Ok(keys) => {
                    self.metadata.store(&exchange.issuer, keys, now);
                    exchange.fetched = true;
                    self.resume(exchange, now)
                }
                Err(refusal) => exchange.refuse(&refusal, now),
            },
        }
    }

    fn grant(&mut self, exchange: &Exchange, clock: Timestamp) -> Reply {
        let Exchange { version, resource, requested, struck, correlation, .. } = exchange;
        let response = match self.issue(*version, resource, requested, struck, clock) {
            Ok(body) => correlation.stamp(Response::json(200, body), clock),
            Err(error) => correlation.error(Aadsts::Transient, 500, &error.to_string(), clock),
        };
        Reply::Respond(struck.distort(response))
    }
}
