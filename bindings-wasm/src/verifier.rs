//! The class `Verifier`.

use std::sync::Arc;
use wasm_bindgen::prelude::*;
use workload_identity_core::crypto::RustCrypto;
use workload_identity_core::wire;

/// Verifies tokens.
#[wasm_bindgen]
pub struct Verifier(wire::Verifier);

#[wasm_bindgen]
impl Verifier {
    /// Parses the configuration. Throws the JSON of the error when it is wrong.
    #[wasm_bindgen(constructor)]
    pub fn new(config: &[u8]) -> Result<Self, JsValue> {
        wire::Verifier::new(config, Arc::new(RustCrypto)).map(Self).map_err(JsValue::from)
    }

    /// Takes 32 random bytes. Throws as the constructor does when there are fewer or more.
    pub fn reseed(&mut self, seed: &[u8]) -> Result<(), JsValue> {
        self.0.reseed(seed).map_err(JsValue::from)
    }

    /// Checks a token without waiting and returns one step as JSON. A refusal is a step as well: an exception would cost
    /// more than the checks.
    pub fn check(&mut self, token: &[u8], now: f64) -> String {
        self.0.check(token, now as i64)
    }

    /// Returns the decoded signature of a `verify_signature` step.
    #[must_use]
    pub fn signature(&self, verification: f64) -> Vec<u8> {
        self.0.signature(verification as u64).to_vec()
    }

    /// Returns the key of a `verify_signature` step as a JWK.
    #[must_use]
    pub fn jwk(&self, verification: f64) -> Option<String> {
        self.0.jwk(verification as u64)
    }

    /// Takes the host's result of a `verify_signature` step and returns the payload. Throws as the constructor does when
    /// the token is refused.
    pub fn complete(&mut self, verification: f64, result: &str) -> Result<String, JsValue> {
        self.0.complete(verification as u64, result).map_err(JsValue::from)
    }

    /// Registers a request and returns its ticket.
    pub fn begin(&mut self, request: &[u8]) -> f64 {
        self.0.begin(request) as f64
    }

    /// Returns the ticket of a background refresh to drive, 0 for none.
    pub fn refresh(&mut self, now: f64) -> f64 {
        self.0.refresh(now as i64) as f64
    }

    /// Returns the next step of a ticket as JSON.
    pub fn poll(&mut self, ticket: f64, now: f64) -> String {
        self.0.poll(ticket as u64, now as i64)
    }

    /// Takes the outcome of an effect and returns the flight to wake, 0 for none.
    pub fn resolve(
        &mut self,
        effect: f64,
        kind: &str,
        status: u32,
        head: &[u8],
        body: &[u8],
        now: f64,
    ) -> f64 {
        self.0.resolve(effect as u64, kind, status, head, body, now as i64) as f64
    }

    /// Forgets a ticket and returns the flight to wake, 0 for none.
    pub fn end(&mut self, ticket: f64) -> f64 {
        self.0.end(ticket as u64) as f64
    }

    /// Returns the cached key sets as JSON.
    #[must_use]
    pub fn snapshot(&self, now: f64) -> String {
        self.0.snapshot(now as i64)
    }

    /// Takes key sets and returns how many. Throws as the constructor does.
    pub fn load(&mut self, snapshot: &[u8], now: f64) -> Result<u32, JsValue> {
        self.0.load(snapshot, now as i64).map_err(JsValue::from)
    }
}
