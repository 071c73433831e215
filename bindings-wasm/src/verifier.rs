//! The verifier.

use crate::number::{id, instant, number};
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use workload_identity_core::crypto::Provider;
use workload_identity_core::wire::{Answer, VerifierMachine};

/// The verifier of the core.
#[wasm_bindgen]
pub struct Verifier {
    machine: VerifierMachine,
    /// Where the host writes a token.
    token: Vec<u8>,
    answer: Answer,
}

#[wasm_bindgen]
impl Verifier {
    /// Parses the configuration; throws the error's JSON as a string when it is wrong.
    #[wasm_bindgen(constructor)]
    pub fn new(config: &[u8]) -> Result<Verifier, JsValue> {
        match VerifierMachine::new(config, provider()) {
            Ok(machine) => Ok(Verifier { machine, token: Vec::new(), answer: Answer::default() }),
            Err(error) => Err(JsValue::from_str(&error)),
        }
    }

    /// Takes 32 random bytes; throws the error's JSON as a string when there are fewer or more.
    pub fn reseed(&mut self, seed: &[u8]) -> Result<(), JsValue> {
        self.machine.reseed(seed).map_err(|error| JsValue::from_str(&error))
    }

    /// Where in this module's memory the host writes a token of so many bytes.
    pub fn room(&mut self, bytes: usize) -> usize {
        if self.token.len() < bytes {
            self.token.resize(bytes, 0);
        }
        self.token.as_ptr() as usize
    }

    /// The hot path: judges the token of so many bytes that was written. Returns where the answer's words are.
    pub fn judge(&mut self, bytes: usize, now: f64) -> usize {
        let token = self.token.get(..bytes).unwrap_or_default();
        // What is not UTF-8 is no token either.
        let token = core::str::from_utf8(token).unwrap_or_default();
        let Self { machine, answer, .. } = self;
        machine.judge(token, instant(now), answer);
        let [.., text, text_bytes, signature, signature_bytes] = &mut answer.words;
        *text = answer.text.as_ptr() as u32;
        *text_bytes = answer.text.len() as u32;
        *signature = answer.signature.as_ptr() as u32;
        *signature_bytes = answer.signature.len() as u32;
        answer.words.as_ptr() as usize
    }

    /// What holds for every token of a key, by its number.
    pub fn key(&self, number: usize) -> String {
        self.machine.key(number)
    }

    /// Opens a sealed verdict: 1 the signature is good, 0 it is not. Nothing is said if the verdict is the one that was
    /// read, else the step `fail`. Anything else but 0 and 1 forgets the verdict.
    pub fn open(&mut self, verdict: usize, good: u32) -> Option<String> {
        self.machine.open(verdict, good)
    }

    /// The hot path as a step.
    pub fn check(&mut self, token: &[u8], now: f64) -> String {
        self.machine.check(core::str::from_utf8(token).unwrap_or_default(), instant(now))
    }

    /// Registers a request and returns its ticket.
    pub fn begin(&mut self, request: &[u8]) -> f64 {
        number(self.machine.begin(request))
    }

    /// The ticket of a background refresh to drive, 0 for none.
    pub fn refresh(&mut self, now: f64) -> f64 {
        number(self.machine.refresh(instant(now)))
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

    /// The key sets at hand as JSON.
    pub fn snapshot(&self, now: f64) -> String {
        self.machine.snapshot(instant(now))
    }

    /// Takes key sets and returns how many; throws the error's JSON as a string.
    pub fn load(&mut self, snapshot: &[u8], now: f64) -> Result<u32, JsValue> {
        self.machine.load(snapshot, instant(now)).map_err(|error| JsValue::from_str(&error))
    }
}

/// This module's memory, in which `room` and `judge` name places.
#[wasm_bindgen]
#[must_use]
pub fn heap() -> JsValue {
    wasm_bindgen::memory()
}

/// Who computes signatures: `core` means this module, `host` the runtime's WebCrypto.
#[wasm_bindgen]
#[must_use]
pub fn signatures() -> String {
    String::from(if cfg!(feature = "rustcrypto") { "core" } else { "host" })
}

#[cfg(feature = "rustcrypto")]
fn provider() -> Arc<dyn Provider> {
    Arc::new(workload_identity_core::crypto::RustCrypto)
}

#[cfg(not(feature = "rustcrypto"))]
fn provider() -> Arc<dyn Provider> {
    Arc::new(workload_identity_core::crypto::HostCrypto)
}
