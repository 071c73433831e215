//! Trust: explanations, preflights, subjects, expressions and lists of credentials, as JSON (`docs/protocol.md`, section 10).

use crate::verifier::provider;
use napi_derive::napi;
use workload_identity_core::wire::{self, trust};

/// Explains whether credentials accept a token. Throws an `Error` whose message is the error's JSON, as all functions here.
#[napi(catch_unwind)]
pub fn explain(input: &[u8]) -> napi::Result<String> {
    trust::explain_with(input, &*provider()).map_err(napi::Error::from_reason)
}

/// Examines a token before any exchange.
#[napi(catch_unwind)]
pub fn preflight(input: &[u8]) -> napi::Result<String> {
    trust::preflight(input).map_err(napi::Error::from_reason)
}

/// Takes a subject apart, or builds one.
#[napi(catch_unwind)]
pub fn subject(input: &[u8]) -> napi::Result<String> {
    trust::subject(input).map_err(napi::Error::from_reason)
}

/// Reads a claims matching expression.
#[napi(catch_unwind)]
pub fn expression(input: &[u8]) -> napi::Result<String> {
    trust::expression(input).map_err(napi::Error::from_reason)
}

/// Reads a file of credentials as the list that `explain` takes.
#[napi(catch_unwind)]
pub fn credentials(file: &[u8]) -> napi::Result<String> {
    trust::credentials(file).map_err(napi::Error::from_reason)
}

/// Reads a trust file (section 11).
#[napi(catch_unwind, js_name = "trust_file")]
pub fn trust_file(file: &[u8]) -> napi::Result<String> {
    wire::trust_file(file).map_err(napi::Error::from_reason)
}

/// The preflight of a token source.
#[napi]
pub struct SourcePreflight(wire::SourcePreflight);

#[napi]
impl SourcePreflight {
    /// Parses the configuration of an engine; `seed` is 32 random bytes.
    #[napi(constructor, catch_unwind)]
    pub fn new(config: &[u8], seed: &[u8]) -> napi::Result<Self> {
        wire::SourcePreflight::new(config, seed).map(Self).map_err(napi::Error::from_reason)
    }

    /// Returns the effect to perform as JSON, or an empty text when there is a result.
    #[napi(catch_unwind)]
    pub fn effect(&mut self, now: f64) -> String {
        self.0.effect(now as i64)
    }

    /// Takes the outcome of the effect.
    #[napi(catch_unwind)]
    pub fn answer(&mut self, kind: String, status: u32, head: &[u8], body: &[u8], now: f64) {
        self.0.answer(&kind, status, head, body, now as i64);
    }

    /// Returns the report as JSON.
    #[napi(catch_unwind)]
    pub fn report(&mut self) -> napi::Result<String> {
        self.0.report().map_err(napi::Error::from_reason)
    }
}
