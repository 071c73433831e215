//! The manager as bindings call it: bytes in, JSON text out.

use super::{outcome, step};
use crate::manage::{self, ManagerConfig, ManagerRequest};
use crate::{EffectId, Ticket, Timestamp};
use alloc::string::String;

/// A [`manage::Manager`] with the functions of `docs/protocol.md`, sections 1 and 11.
///
/// ```
/// use workload_identity_core::wire;
/// let config = br#"{"identity":{"app_id":"11111111-2222-3333-4444-555555555555"}}"#;
/// let mut manager = wire::Manager::new(config).unwrap();
/// manager.reseed(&[7; 32]).unwrap();
/// let ticket = manager.begin(br#"{"operation":"list"}"#);
/// let step = manager.poll(ticket, 1_700_000_000_000);
/// assert!(step.contains(r#""name":"access_token""#));
/// ```
#[derive(Debug)]
pub struct Manager(manage::Manager);

impl Manager {
    /// Parses the configuration.
    ///
    /// # Errors
    /// The wire form of the error.
    pub fn new(config: &[u8]) -> Result<Self, String> {
        match ManagerConfig::parse(config) {
            Ok(config) => Ok(Self(manage::Manager::new(config))),
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
        let request = ManagerRequest::parse(request, self.0.config());
        self.0.begin(request).0
    }

    /// Returns the next step of a ticket.
    pub fn poll(&mut self, ticket: u64, now: i64) -> String {
        let step = self.0.poll(Ticket(ticket), Timestamp::from_millis(now));
        step::write(&step, |value| (value, None))
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
        self.0.resolve(EffectId(effect), &outcome, now).map_or(0, |flight| flight.0)
    }

    /// Forgets a ticket. Returns the flight to wake, or 0.
    pub fn end(&mut self, ticket: u64) -> u64 {
        self.0.end(Ticket(ticket)).map_or(0, |flight| flight.0)
    }
}
