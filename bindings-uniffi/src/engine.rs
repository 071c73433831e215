//! The classes `Engine` and `Client`.

use crate::errors::{NativeError, lock};
use crate::machine::export_machine;
use std::sync::Mutex;
use workload_identity_core::wire;

/// Acquires and caches access tokens. Instants are unix milliseconds; ids are positive integers, and 0 means none.
#[derive(Debug, uniffi::Object)]
pub struct Engine(Mutex<wire::Engine>);

export_machine!(Engine);

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

    /// Registers a request of a client and returns its ticket.
    pub fn begin_for(&self, client: &Client, request: &[u8]) -> u64 {
        lock(&self.0).begin_for(&client.0, request)
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
