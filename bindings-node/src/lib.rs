//! Node.js addon form of the driver protocol (`docs/protocol.md`, section 1).
//!
//! Synchronous functions over numbers and bytes, nothing else: no runtime, no threads, no callbacks, so that the addon
//! loads in any number of worker threads and unloads with them.

pub mod desk;
mod number;
pub mod verifier;

use napi_derive::napi;
use number::{id, instant, number};
use workload_identity_core::wire;

/// The engine of the core.
#[napi]
pub struct Engine {
    machine: wire::Engine,
}

#[napi]
impl Engine {
    /// Parses the configuration; throws an `Error` whose message is the error's JSON when it is wrong.
    #[napi(constructor, catch_unwind)]
    pub fn new(config: &[u8]) -> napi::Result<Self> {
        wire::Engine::new(config).map(|machine| Self { machine }).map_err(napi::Error::from_reason)
    }

    /// Takes 32 random bytes; throws as the constructor does when there are fewer or more.
    #[napi(catch_unwind)]
    pub fn reseed(&mut self, seed: &[u8]) -> napi::Result<()> {
        self.machine.reseed(seed).map_err(napi::Error::from_reason)
    }

    /// Registers a request and returns its ticket.
    #[napi(catch_unwind)]
    pub fn begin(&mut self, request: &[u8]) -> f64 {
        number(self.machine.begin(request))
    }

    /// The next step of a ticket as JSON. A string, since memory of ours in an `ArrayBuffer` costs more than copying it.
    #[napi(catch_unwind)]
    pub fn poll(&mut self, ticket: f64, now: f64) -> String {
        self.machine.poll(id(ticket), instant(now))
    }

    /// Hands in what came of an effect and returns the flight to wake, 0 for none.
    #[napi(catch_unwind)]
    pub fn resolve(
        &mut self,
        effect: f64,
        kind: String,
        status: u32,
        head: &[u8],
        body: &[u8],
        now: f64,
    ) -> f64 {
        number(self.machine.resolve(id(effect), &kind, status, head, body, instant(now)))
    }

    /// Forgets a ticket and returns the flight to wake, 0 for none.
    #[napi(catch_unwind)]
    pub fn end(&mut self, ticket: f64) -> f64 {
        number(self.machine.end(id(ticket)))
    }
}

/// The environment variables that a host snapshots for the configuration, as a JSON list.
#[napi(js_name = "environment_names", catch_unwind)]
#[must_use]
pub fn environment_names() -> String {
    wire::environment_names()
}
