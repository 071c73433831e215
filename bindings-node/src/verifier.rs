//! The class `Verifier`.

use napi::bindgen_prelude::Uint8Array;
use napi_derive::napi;
use std::sync::Arc;
use workload_identity_core::crypto::Provider;
use workload_identity_core::wire;

/// Verifies tokens, with the signatures of this build.
#[napi]
pub struct Verifier(wire::Verifier);

#[napi]
impl Verifier {
    /// Parses the configuration. Throws an `Error` whose message is the error's JSON when it is wrong.
    #[napi(constructor, catch_unwind)]
    pub fn new(config: &[u8]) -> napi::Result<Self> {
        wire::Verifier::new(config, provider()).map(Self).map_err(napi::Error::from_reason)
    }

    /// Takes 32 random bytes. Throws as the constructor does when there are fewer or more.
    #[napi(catch_unwind)]
    pub fn reseed(&mut self, seed: &[u8]) -> napi::Result<()> {
        self.0.reseed(seed).map_err(napi::Error::from_reason)
    }

    /// Checks a token without waiting and returns one step as JSON. A refusal is a step as well: an exception would cost
    /// more than the checks.
    #[napi(catch_unwind)]
    pub fn check(&mut self, token: &[u8], now: f64) -> String {
        self.0.check(token, now as i64)
    }

    /// Returns the decoded signature of a `verify_signature` step.
    #[napi(catch_unwind)]
    #[must_use]
    pub fn signature(&self, verification: f64) -> Uint8Array {
        self.0.signature(verification as u64).into()
    }

    /// Returns the key of a `verify_signature` step as a JWK.
    #[napi(catch_unwind)]
    #[must_use]
    pub fn jwk(&self, verification: f64) -> Option<String> {
        self.0.jwk(verification as u64)
    }

    /// Takes the host's result of a `verify_signature` step and returns the payload. Throws as the constructor does when
    /// the token is refused.
    #[napi(catch_unwind)]
    pub fn complete(&mut self, verification: f64, result: String) -> napi::Result<String> {
        self.0.complete(verification as u64, &result).map_err(napi::Error::from_reason)
    }

    /// Registers a request and returns its ticket.
    #[napi(catch_unwind)]
    pub fn begin(&mut self, request: &[u8]) -> f64 {
        self.0.begin(request) as f64
    }

    /// Returns the ticket of a background refresh to drive, 0 for none.
    #[napi(catch_unwind)]
    pub fn refresh(&mut self, now: f64) -> f64 {
        self.0.refresh(now as i64) as f64
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

    /// Returns the cached key sets as JSON.
    #[napi(catch_unwind)]
    #[must_use]
    pub fn snapshot(&self, now: f64) -> String {
        self.0.snapshot(now as i64)
    }

    /// Takes key sets and returns how many. Throws as the constructor does.
    #[napi(catch_unwind)]
    pub fn load(&mut self, snapshot: &[u8], now: f64) -> napi::Result<u32> {
        self.0.load(snapshot, now as i64).map_err(napi::Error::from_reason)
    }
}

#[cfg(feature = "aws-lc")]
pub(crate) fn provider() -> Arc<dyn Provider> {
    Arc::new(workload_identity_crypto_native::AwsLc)
}

#[cfg(not(feature = "aws-lc"))]
pub(crate) fn provider() -> Arc<dyn Provider> {
    Arc::new(workload_identity_core::crypto::RustCrypto)
}
