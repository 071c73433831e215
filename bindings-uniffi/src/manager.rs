//! The class `Manager`.

use crate::errors::NativeError;
use crate::machine::export_machine;
use std::sync::Mutex;
use workload_identity_core::wire;

/// Manages federated identity credentials. Instants are unix milliseconds; ids are positive integers, and 0 means none.
#[derive(Debug, uniffi::Object)]
pub struct Manager(Mutex<wire::Manager>);

export_machine!(Manager);

#[uniffi::export]
impl Manager {
    /// Parses the configuration. Throws the JSON of the error when it is wrong.
    #[uniffi::constructor]
    pub fn new(config: &[u8]) -> Result<Self, NativeError> {
        Ok(Self(Mutex::new(wire::Manager::new(config)?)))
    }
}
