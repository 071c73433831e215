//! The class `Manager`.

use crate::errors::{NativeError, lock};
use std::sync::Mutex;
use workload_identity_core::wire;

/// Manages federated identity credentials. Instants are unix milliseconds; ids are positive integers, and 0 means none.
#[derive(Debug, uniffi::Object)]
pub struct Manager(Mutex<wire::Manager>);

#[uniffi::export]
impl Manager {
    /// Parses the configuration. Throws the JSON of the error when it is wrong.
    #[uniffi::constructor]
    pub fn new(config: &[u8]) -> Result<Self, NativeError> {
        Ok(Self(Mutex::new(wire::Manager::new(config)?)))
    }

    /// Takes 32 random bytes. Throws as the constructor does when there are fewer or more.
    pub fn reseed(&self, seed: &[u8]) -> Result<(), NativeError> {
        Ok(lock(&self.0).reseed(seed)?)
    }

    /// Registers a request and returns its ticket.
    pub fn begin(&self, request: &[u8]) -> u64 {
        lock(&self.0).begin(request)
    }

    /// Returns the next step of a ticket as JSON.
    pub fn poll(&self, ticket: u64, now: i64) -> String {
        lock(&self.0).poll(ticket, now)
    }

    /// Takes the outcome of an effect and returns the flight to wake, 0 for none.
    pub fn resolve(
        &self,
        effect: u64,
        kind: &str,
        status: u32,
        head: &[u8],
        body: &[u8],
        now: i64,
    ) -> u64 {
        lock(&self.0).resolve(effect, kind, status, head, body, now)
    }

    /// Forgets a ticket and returns the flight to wake, 0 for none.
    pub fn end(&self, ticket: u64) -> u64 {
        lock(&self.0).end(ticket)
    }
}
