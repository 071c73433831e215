//! The engine that acquires tokens.

use crate::number::{id, instant, number};
use alloc::string::String;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use workload_identity_core::wire;

/// The engine of the core.
#[wasm_bindgen]
pub struct Engine {
    machine: wire::Machine,
}

#[wasm_bindgen]
impl Engine {
    /// Parses the configuration; throws the error's JSON as a string when it is wrong.
    #[wasm_bindgen(constructor)]
    pub fn new(config: &[u8]) -> Result<Engine, JsValue> {
        match wire::Machine::new(config) {
            Ok(machine) => Ok(Engine { machine }),
            Err(error) => Err(JsValue::from_str(&error)),
        }
    }

    /// Takes 32 random bytes; throws the error's JSON as a string when there are fewer or more.
    pub fn reseed(&mut self, seed: &[u8]) -> Result<(), JsValue> {
        self.machine.reseed(seed).map_err(|error| JsValue::from_str(&error))
    }

    /// Registers a request and returns its ticket.
    pub fn begin(&mut self, request: &[u8]) -> f64 {
        number(self.machine.begin(request))
    }

    /// The next step of a ticket as JSON.
    pub fn poll(&mut self, ticket: f64, now: f64) -> String {
        self.machine.poll(id(ticket), instant(now))
    }

    /// Hands in what came of an effect and returns the flight to wake, 0 for none.
    pub fn resolve(
        &mut self,
        effect: f64,
        kind: &str,
        status: u32,
        head: &[u8],
        body: &[u8],
        now: f64,
    ) -> f64 {
        number(self.machine.resolve(id(effect), kind, status, head, body, instant(now)))
    }

    /// Forgets a ticket and returns the flight to wake, 0 for none.
    pub fn end(&mut self, ticket: f64) -> f64 {
        number(self.machine.end(id(ticket)))
    }
}

/// The environment variables that a host snapshots for the configuration, as a JSON list.
#[wasm_bindgen]
#[must_use]
pub fn environment_names() -> String {
    wire::environment_names()
}
