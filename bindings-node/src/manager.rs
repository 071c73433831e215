//! The class `Manager`.

use napi_derive::napi;
use workload_identity_core::wire;

/// Manages federated identity credentials.
#[napi]
pub struct Manager(wire::Manager);

#[napi]
impl Manager {
    /// Parses the configuration. Throws an `Error` whose message is the error's JSON when it is wrong.
    #[napi(constructor, catch_unwind)]
    pub fn new(config: &[u8]) -> napi::Result<Self> {
        wire::Manager::new(config).map(Self).map_err(napi::Error::from_reason)
    }

    /// Takes 32 random bytes. Throws as the constructor does when there are fewer or more.
    #[napi(catch_unwind)]
    pub fn reseed(&mut self, seed: &[u8]) -> napi::Result<()> {
        self.0.reseed(seed).map_err(napi::Error::from_reason)
    }

    /// Registers a request and returns its ticket.
    #[napi(catch_unwind)]
    pub fn begin(&mut self, request: &[u8]) -> f64 {
        self.0.begin(request) as f64
    }

    /// Returns the next step of a ticket as JSON.
    #[napi(catch_unwind)]
    pub fn poll(&mut self, ticket: f64, now: f64) -> String {
        self.0.poll(ticket as u64, now as i64)
    }

    /// Takes the outcome of an effect and returns the flight to wake, 0 for none.
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
        self.0.resolve(effect as u64, &kind, status, head, body, now as i64) as f64
    }

    /// Forgets a ticket and returns the flight to wake, 0 for none.
    #[napi(catch_unwind)]
    pub fn end(&mut self, ticket: f64) -> f64 {
        self.0.end(ticket as u64) as f64
    }
}
