//! WebAssembly form of the driver protocol (`docs/protocol.md`, section 1).
//!
//! Every function takes numbers and bytes: the generated glue would copy a long `&str` one character at a time. On the way
//! out a `String` is as good, decoded where it lies. Ids and instants are below 2^53, so `f64` carries them exactly.
//!
//! Without the standard library: its panic machinery alone weighs as much as the token cache. The core has no panic that
//! input can reach; should one happen all the same it becomes a trap, and the driver starts a new engine.

#![cfg_attr(target_family = "wasm", no_std)]

extern crate alloc;

use alloc::string::String;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use workload_identity_core::wire;

/// Less than half the code of the standard library's allocator.
#[cfg(target_family = "wasm")]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

#[cfg(target_family = "wasm")]
#[panic_handler]
fn trap(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

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

#[expect(clippy::cast_precision_loss, reason = "ids are below 2^53")]
fn number(id: u64) -> f64 {
    id as f64
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "`as` saturates, NaN becomes 0"
)]
fn id(number: f64) -> u64 {
    number as u64
}

#[expect(clippy::cast_possible_truncation, reason = "`as` saturates, NaN becomes 0")]
fn instant(now: f64) -> i64 {
    now as i64
}
