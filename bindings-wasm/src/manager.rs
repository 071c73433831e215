//! The class `Manager`.

use wasm_bindgen::prelude::*;
use workload_identity_core::wire;

/// Manages federated identity credentials.
#[wasm_bindgen]
pub struct Manager(wire::Manager);

#[wasm_bindgen]
impl Manager {
    /// Parses the configuration. Throws the JSON of the error when it is wrong.
    #[wasm_bindgen(constructor)]
    pub fn new(config: &[u8]) -> Result<Self, JsValue> {
        wire::Manager::new(config).map(Self).map_err(JsValue::from)
    }

    /// Takes 32 random bytes. Throws as the constructor does when there are fewer or more.
    pub fn reseed(&mut self, seed: &[u8]) -> Result<(), JsValue> {
        self.0.reseed(seed).map_err(JsValue::from)
    }

    /// Registers a request and returns its ticket.
    pub fn begin(&mut self, request: &[u8]) -> f64 {
        self.0.begin(request) as f64
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
}
