//! Trust: explanations, preflights, subjects, expressions and lists of credentials, trust files, as JSON (`docs/protocol.md`, sections 10 and 11).

use crate::errors::{NativeError, lock};
use std::sync::Mutex;
use workload_identity_core::wire::{self, trust};
use workload_identity_crypto_native::AwsLc;

/// Explains whether credentials accept a token. Throws the JSON of the error, as all functions here.
#[uniffi::export]
pub fn explain(input: &[u8]) -> Result<String, NativeError> {
    Ok(trust::explain_with(input, &AwsLc)?)
}

/// Examines a token before any exchange.
#[uniffi::export]
pub fn preflight(input: &[u8]) -> Result<String, NativeError> {
    Ok(trust::preflight(input)?)
}

/// Takes a subject apart, or builds one.
#[uniffi::export]
pub fn subject(input: &[u8]) -> Result<String, NativeError> {
    Ok(trust::subject(input)?)
}

/// Reads a claims matching expression.
#[uniffi::export]
pub fn expression(input: &[u8]) -> Result<String, NativeError> {
    Ok(trust::expression(input)?)
}

/// Reads a file of credentials as the list that `explain` takes.
#[uniffi::export]
pub fn credentials(file: &[u8]) -> Result<String, NativeError> {
    Ok(trust::credentials(file)?)
}

/// Reads a trust file in YAML or JSON.
#[uniffi::export]
pub fn trust_file(file: &[u8]) -> Result<String, NativeError> {
    Ok(wire::trust_file(file)?)
}

/// The preflight of a token source.
#[derive(Debug, uniffi::Object)]
pub struct SourcePreflight(Mutex<wire::SourcePreflight>);

#[uniffi::export]
impl SourcePreflight {
    /// Parses the configuration of an engine; `seed` is 32 random bytes.
    #[uniffi::constructor]
    pub fn new(config: &[u8], seed: &[u8]) -> Result<Self, NativeError> {
        Ok(Self(Mutex::new(wire::SourcePreflight::new(config, seed)?)))
    }

    /// Returns the effect to perform as JSON, or an empty text when there is a result.
    pub fn effect(&self, now: i64) -> String {
        lock(&self.0).effect(now)
    }

    /// Takes the outcome of the effect.
    pub fn answer(&self, kind: &str, status: u32, head: &[u8], body: &[u8], now: i64) {
        lock(&self.0).answer(kind, status, head, body, now);
    }

    /// Returns the report as JSON.
    pub fn report(&self) -> Result<String, NativeError> {
        Ok(lock(&self.0).report()?)
    }
}
