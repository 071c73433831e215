//! Trust: explanations, preflights, subjects, expressions and lists of credentials, as JSON (`docs/protocol.md`, section 10).

use wasm_bindgen::prelude::*;
use workload_identity_core::wire::{self, trust};

/// Explains whether credentials accept a token. Throws the JSON of the error, as all functions here.
#[wasm_bindgen]
pub fn explain(input: &[u8]) -> Result<String, JsValue> {
    trust::explain(input).map_err(JsValue::from)
}

/// Examines a token before any exchange.
#[wasm_bindgen]
pub fn preflight(input: &[u8]) -> Result<String, JsValue> {
    trust::preflight(input).map_err(JsValue::from)
}

/// Takes a subject apart, or builds one.
#[wasm_bindgen]
pub fn subject(input: &[u8]) -> Result<String, JsValue> {
    trust::subject(input).map_err(JsValue::from)
}

/// Reads a claims matching expression.
#[wasm_bindgen]
pub fn expression(input: &[u8]) -> Result<String, JsValue> {
    trust::expression(input).map_err(JsValue::from)
}

/// Reads a file of credentials as the list that `explain` takes.
#[wasm_bindgen]
pub fn credentials(file: &[u8]) -> Result<String, JsValue> {
    trust::credentials(file).map_err(JsValue::from)
}

/// Reads a trust file (section 11).
#[wasm_bindgen]
pub fn trust_file(file: &[u8]) -> Result<String, JsValue> {
    wire::trust_file(file).map_err(JsValue::from)
}

/// The preflight of a token source.
#[wasm_bindgen]
pub struct SourcePreflight(wire::SourcePreflight);

#[wasm_bindgen]
impl SourcePreflight {
    /// Parses the configuration of an engine; `seed` is 32 random bytes.
    #[wasm_bindgen(constructor)]
    pub fn new(config: &[u8], seed: &[u8]) -> Result<Self, JsValue> {
        wire::SourcePreflight::new(config, seed).map(Self).map_err(JsValue::from)
    }

    /// Returns the effect to perform as JSON, or an empty text when there is a result.
    pub fn effect(&mut self, now: f64) -> String {
        self.0.effect(now as i64)
    }

    /// Takes the outcome of the effect.
    pub fn answer(&mut self, kind: &str, status: u32, head: &[u8], body: &[u8], now: f64) {
        self.0.answer(kind, status, head, body, now as i64);
    }

    /// Returns the report as JSON.
    pub fn report(&mut self) -> Result<String, JsValue> {
        self.0.report().map_err(JsValue::from)
    }
}
