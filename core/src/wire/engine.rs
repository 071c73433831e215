//! The engine as bindings call it: bytes in, JSON text out.

use super::{outcome, step};
use crate::{CacheConfig, Config, EffectId, Request, Ticket, Timestamp};
use alloc::string::String;

/// The engine with the functions of `docs/protocol.md`, section 1.
///
/// ```
/// use workload_identity_core::wire;
/// let config = br#"{"tenant_id":"contoso.com","client_id":"11111111-2222-3333-4444-555555555555",
///     "source":{"kind":"callback"}}"#;
/// let mut engine = wire::Engine::new(config).unwrap();
/// engine.reseed(&[7; 32]).unwrap();
/// let ticket = engine.begin(br#"{"scopes":["https://vault.azure.net/.default"]}"#);
/// let step = engine.poll(ticket, 1_700_000_000_000);
/// assert!(step.starts_with(r#"{"step":"perform""#));
/// ```
#[derive(Debug)]
pub struct Engine(crate::Engine);

/// A client of a shared engine.
///
/// ```
/// use workload_identity_core::wire;
/// let mut engine = wire::Engine::shared(br#"{"max_entries":100}"#).unwrap();
/// engine.reseed(&[7; 32]).unwrap();
/// let config = br#"{"tenant_id":"contoso.com","client_id":"11111111-2222-3333-4444-555555555555",
///     "source":{"kind":"callback"}}"#;
/// let client = wire::Client::new(config).unwrap();
/// let ticket = engine.begin_for(&client, br#"{"scopes":["https://vault.azure.net/.default"]}"#);
/// let step = engine.poll(ticket, 1_700_000_000_000);
/// assert!(step.starts_with(r#"{"step":"perform""#));
/// ```
#[derive(Clone, Debug)]
pub struct Client(crate::Client);

impl Client {
    /// Parses the client's configuration, which has no settings of the cache.
    ///
    /// # Errors
    /// The wire form of the error.
    pub fn new(config: &[u8]) -> Result<Self, String> {
        let client = Config::parse(config).and_then(crate::Client::new);
        client.map(Self).map_err(|error| error.to_json())
    }
}

impl Engine {
    /// Parses the configuration.
    ///
    /// # Errors
    /// The wire form of the error.
    pub fn new(config: &[u8]) -> Result<Self, String> {
        match Config::parse(config) {
            Ok(config) => Ok(Self(crate::Engine::new(config))),
            Err(error) => Err(error.to_json()),
        }
    }

    /// Parses the settings of the cache of an engine that several clients share.
    ///
    /// # Errors
    /// The wire form of the error.
    pub fn shared(config: &[u8]) -> Result<Self, String> {
        match CacheConfig::parse(config) {
            Ok(config) => Ok(Self(crate::Engine::shared(config))),
            Err(error) => Err(error.to_json()),
        }
    }

    /// Sets the seed, 32 random bytes.
    ///
    /// # Errors
    /// The wire form of `misuse` when there are not 32 bytes.
    pub fn reseed(&mut self, seed: &[u8]) -> Result<(), String> {
        self.0.reseed(super::seed(seed)?);
        Ok(())
    }

    /// Registers a request and returns its ticket.
    pub fn begin(&mut self, request: &[u8]) -> u64 {
        self.0.begin(Request::parse(request)).0
    }

    /// Registers a request of a client and returns its ticket.
    pub fn begin_for(&mut self, client: &Client, request: &[u8]) -> u64 {
        self.0.begin_for(&client.0, Request::parse(request)).0
    }

    /// Returns the next step of a ticket.
    pub fn poll(&mut self, ticket: u64, now: i64) -> String {
        step::of_engine(&self.0.poll(Ticket(ticket), Timestamp::from_millis(now)))
    }

    /// Takes the outcome of an effect. Returns the flight to wake, or 0.
    pub fn resolve(
        &mut self,
        effect: u64,
        kind: &str,
        status: u32,
        head: &[u8],
        body: &[u8],
        now: i64,
    ) -> u64 {
        let outcome = outcome::read(kind, status, head, body);
        let now = Timestamp::from_millis(now);
        self.0.resolve(EffectId(effect), outcome, now).map_or(0, |flight| flight.0)
    }

    /// Forgets a ticket. Returns the flight to wake, or 0.
    pub fn end(&mut self, ticket: u64) -> u64 {
        self.0.end(Ticket(ticket)).map_or(0, |flight| flight.0)
    }
}
