//! The verifier.

use crate::number::{id, instant, number};
use napi::Either;
use napi_derive::napi;
use std::sync::Arc;
use workload_identity_core::crypto::Provider;
use workload_identity_core::wire::{Judged, VerifierMachine};

/// The verifier of the core, with the signatures of this build.
#[napi]
pub struct Verifier {
    machine: VerifierMachine,
}

#[napi]
impl Verifier {
    /// Parses the configuration; throws an `Error` whose message is the error's JSON when it is wrong.
    #[napi(constructor, catch_unwind)]
    pub fn new(config: &[u8]) -> napi::Result<Self> {
        VerifierMachine::new(config, provider())
            .map(|machine| Self { machine })
            .map_err(napi::Error::from_reason)
    }

    /// Takes 32 random bytes; throws as the constructor does when there are fewer or more.
    #[napi(catch_unwind)]
    pub fn reseed(&mut self, seed: &[u8]) -> napi::Result<()> {
        self.machine.reseed(seed).map_err(napi::Error::from_reason)
    }

    /// The hot path as a step. A refusal is a step as well: an exception made here would cost more than the checks.
    #[napi(catch_unwind)]
    pub fn check(&mut self, token: String, now: f64) -> String {
        self.machine.check(&token, instant(now))
    }

    /// As `check`, for who keeps results: one that may be remembered has a `serial`, a remembered one is its serial.
    #[napi(catch_unwind)]
    pub fn judge(&mut self, token: String, now: f64) -> Either<f64, String> {
        match self.machine.judge(&token, instant(now)) {
            Judged::Seen(serial) => Either::A(number(serial)),
            Judged::Step(step) => Either::B(step),
            // Nobody but a test configures a host's signatures here.
            Judged::Unproven(_) => Either::B(self.machine.check(&token, instant(now))),
        }
    }

    /// Registers a request and returns its ticket.
    #[napi(catch_unwind)]
    pub fn begin(&mut self, request: &[u8]) -> f64 {
        number(self.machine.begin(request))
    }

    /// The ticket of a background refresh to drive, 0 for none.
    #[napi(catch_unwind)]
    pub fn refresh(&mut self, now: f64) -> f64 {
        number(self.machine.refresh(instant(now)))
    }

    /// The next step of a ticket as JSON.
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

    /// The key sets at hand as JSON.
    #[napi(catch_unwind)]
    #[must_use]
    pub fn snapshot(&self, now: f64) -> String {
        self.machine.snapshot(instant(now))
    }

    /// Takes key sets and returns how many; throws as the constructor does.
    #[napi(catch_unwind)]
    pub fn load(&mut self, snapshot: &[u8], now: f64) -> napi::Result<u32> {
        self.machine.load(snapshot, instant(now)).map_err(napi::Error::from_reason)
    }
}

/// Who computes signatures: `core` means this module, `host` the runtime's WebCrypto.
#[napi(catch_unwind)]
#[must_use]
pub fn signatures() -> String {
    "core".to_owned()
}

#[cfg(feature = "aws-lc")]
fn provider() -> Arc<dyn Provider> {
    Arc::new(workload_identity_crypto_native::AwsLc)
}

#[cfg(not(feature = "aws-lc"))]
fn provider() -> Arc<dyn Provider> {
    Arc::new(workload_identity_core::crypto::RustCrypto)
}
