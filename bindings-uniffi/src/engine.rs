//! The classes `Engine` and `Client`.

use crate::errors::{NativeError, lock};
use std::sync::Mutex;
use workload_identity_core::wire;

/// Acquires and caches access tokens. Instants are unix milliseconds; ids are positive integers, and 0 means none.
#[derive(Debug, uniffi::Object)]
pub struct Engine(Mutex<wire::Engine>);

#[uniffi::export]
impl Engine {
    /// Parses the configuration. Throws the JSON of the error when it is wrong.
    #[uniffi::constructor]
    pub fn new(config: &[u8]) -> Result<Self, NativeError> {
        Ok(Self(Mutex::new(wire::Engine::new(config)?)))
    }

    /// Parses the settings of an engine that several clients share. Throws as the constructor does.
    #[uniffi::constructor]
    pub fn shared(config: &[u8]) -> Result<Self, NativeError> {
        Ok(Self(Mutex::new(wire::Engine::shared(config)?)))
    }

    /// Takes 32 random bytes. Throws as the constructor does when there are fewer or more.
    pub fn reseed(&self, seed: &[u8]) -> Result<(), NativeError> {
        Ok(lock(&self.0).reseed(seed)?)
    }

    /// Registers a request and returns its ticket.
    pub fn begin(&self, request: &[u8]) -> u64 {
        lock(&self.0).begin(request)
    }

    /// Registers a request of a client and returns its ticket.
    pub fn begin_for(&self, client: &Client, request: &[u8]) -> u64 {
        lock(&self.0).begin_for(&client.0, request)
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

/// A client of a shared engine.
#[derive(Debug, uniffi::Object)]
pub struct Client(wire::Client);

#[uniffi::export]
impl Client {
    /// Parses the configuration. Throws the JSON of the error when it is wrong.
    #[uniffi::constructor]
    pub fn new(config: &[u8]) -> Result<Self, NativeError> {
        Ok(Self(wire::Client::new(config)?))
    }
}
