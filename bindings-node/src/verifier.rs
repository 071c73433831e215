//! The verifier.

use crate::desk;
use crate::number::{id, instant, number};
use napi::bindgen_prelude::Uint8Array;
use napi_derive::napi;
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use workload_identity_core::crypto::Provider;
use workload_identity_core::wire::VerifierMachine;

/// The verifier of the core, with the signatures of this build.
#[napi]
pub struct Verifier {
    machine: Rc<RefCell<VerifierMachine>>,
    desk: Option<u32>,
}

impl Drop for Verifier {
    fn drop(&mut self) {
        if let Some(desk) = self.desk {
            desk::close(desk);
        }
    }
}

#[napi]
impl Verifier {
    /// Parses the configuration; throws an `Error` whose message is the error's JSON when it is wrong.
    #[napi(constructor, catch_unwind)]
    pub fn new(config: &[u8]) -> napi::Result<Self> {
        VerifierMachine::new(config, provider())
            .map(|machine| Self { machine: Rc::new(RefCell::new(machine)), desk: None })
            .map_err(napi::Error::from_reason)
    }

    /// Takes 32 random bytes; throws as the constructor does when there are fewer or more.
    #[napi(catch_unwind)]
    pub fn reseed(&mut self, seed: &[u8]) -> napi::Result<()> {
        self.machine.borrow_mut().reseed(seed).map_err(napi::Error::from_reason)
    }

    /// The hot path as a step. A refusal is a step as well: an exception made here would cost more than the checks.
    #[napi(catch_unwind)]
    pub fn check(&mut self, token: String, now: f64) -> String {
        self.machine.borrow_mut().check(&token, instant(now))
    }

    /// Takes memory for the hot path's tokens and answers, and returns the number to judge them under.
    #[napi(catch_unwind)]
    pub fn share(&mut self, memory: Uint8Array) -> u32 {
        let desk = desk::open(Rc::clone(&self.machine), memory);
        if let Some(former) = self.desk.replace(desk) {
            desk::close(former);
        }
        desk
    }

    /// What holds for every token of a key, by its number.
    #[napi(catch_unwind)]
    pub fn key(&self, number: u32) -> String {
        self.machine.borrow().key(number as usize)
    }

    /// Opens a sealed verdict: 1 the signature is good, 0 it is not. Nothing is said if the verdict is the one that was
    /// read, else the step `fail`. Anything else but 0 and 1 forgets the verdict.
    #[napi(catch_unwind)]
    pub fn open(&mut self, verdict: u32, good: u32) -> Option<String> {
        self.machine.borrow_mut().open(verdict as usize, good)
    }

    /// Registers a request and returns its ticket.
    #[napi(catch_unwind)]
    pub fn begin(&mut self, request: &[u8]) -> f64 {
        number(self.machine.borrow_mut().begin(request))
    }

    /// The ticket of a background refresh to drive, 0 for none.
    #[napi(catch_unwind)]
    pub fn refresh(&mut self, now: f64) -> f64 {
        number(self.machine.borrow_mut().refresh(instant(now)))
    }

    /// The next step of a ticket as JSON.
    #[napi(catch_unwind)]
    pub fn poll(&mut self, ticket: f64, now: f64) -> String {
        self.machine.borrow_mut().poll(id(ticket), instant(now))
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
        number(self.machine.borrow_mut().resolve(
            id(effect),
            &kind,
            status,
            head,
            body,
            instant(now),
        ))
    }

    /// Forgets a ticket and returns the flight to wake, 0 for none.
    #[napi(catch_unwind)]
    pub fn end(&mut self, ticket: f64) -> f64 {
        number(self.machine.borrow_mut().end(id(ticket)))
    }

    /// The key sets at hand as JSON.
    #[napi(catch_unwind)]
    #[must_use]
    pub fn snapshot(&self, now: f64) -> String {
        self.machine.borrow().snapshot(instant(now))
    }

    /// Takes key sets and returns how many; throws as the constructor does.
    #[napi(catch_unwind)]
    pub fn load(&mut self, snapshot: &[u8], now: f64) -> napi::Result<u32> {
        self.machine.borrow_mut().load(snapshot, instant(now)).map_err(napi::Error::from_reason)
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
