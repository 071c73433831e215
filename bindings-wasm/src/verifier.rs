//! The verifier.

use crate::asked::{AskedKeys, SealedVerdicts};
use crate::number::{id, instant, number};
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use workload_identity_core::crypto::Provider;
use workload_identity_core::wire::{Judged, VerifierMachine};

/// The verifier of the core.
#[wasm_bindgen]
pub struct Verifier {
    machine: VerifierMachine,
    /// Where the host writes a token.
    token: Vec<u8>,
    answer: Answer,
    text: String,
    signature: Vec<u8>,
    keys: AskedKeys,
    sealed: SealedVerdicts,
}

/// What `judge` answers: eight words in this module's memory.
#[repr(C)]
#[derive(Default)]
struct Answer {
    kind: u32,
    text: usize,
    text_bytes: usize,
    /// Serial of a remembered verdict, or number of a sealed one.
    verdict: usize,
    /// Number of the key.
    key: usize,
    /// Bytes of the token that are signed.
    signed_bytes: usize,
    signature: usize,
    signature_bytes: usize,
}

/// `text` is a step.
const STEP: u32 = 0;
/// A verdict that is remembered still holds.
const SEEN: u32 = 1;
/// The host computes the signature; `text` is what the step will say if it is good.
const ASK: u32 = 2;
/// The same, and the numbers of keys begin anew.
const ASK_ANEW: u32 = 3;

#[wasm_bindgen]
impl Verifier {
    /// Parses the configuration; throws the error's JSON as a string when it is wrong.
    #[wasm_bindgen(constructor)]
    pub fn new(config: &[u8]) -> Result<Verifier, JsValue> {
        match VerifierMachine::new(config, provider()) {
            Ok(machine) => Ok(Verifier {
                machine,
                token: Vec::new(),
                answer: Answer::default(),
                text: String::new(),
                signature: Vec::new(),
                keys: AskedKeys::default(),
                sealed: SealedVerdicts::default(),
            }),
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

    /// The hot path: judges the token of so many bytes that was written. Returns where the answer is.
    pub fn judge(&mut self, bytes: usize, now: f64) -> usize {
        let token = self.token.get(..bytes).unwrap_or_default();
        // What is not UTF-8 is no token either.
        let token = core::str::from_utf8(token).unwrap_or_default();
        let mut answer = Answer { kind: STEP, ..Answer::default() };
        match self.machine.judge(token, instant(now)) {
            Judged::Step(step) => self.text = step,
            Judged::Seen(serial) => {
                answer.kind = SEEN;
                answer.verdict = usize::try_from(serial).unwrap_or_default();
            }
            Judged::Unproven(unproven) => {
                let (key, anew) = self.keys.number(&unproven);
                answer.key = key;
                answer.signed_bytes = unproven.signing_input().len();
                self.signature.clear();
                self.signature.extend_from_slice(unproven.signature());
                match self.machine.seal(*unproven) {
                    Ok(sealed) => {
                        answer.kind = if anew { ASK_ANEW } else { ASK };
                        self.text = sealed.text();
                        answer.verdict = self.sealed.put(sealed);
                    }
                    Err(step) => self.text = step,
                }
            }
        }
        answer.text = self.text.as_ptr() as usize;
        answer.text_bytes = self.text.len();
        answer.signature = self.signature.as_ptr() as usize;
        answer.signature_bytes = self.signature.len();
        self.answer = answer;
        &raw const self.answer as usize
    }

    /// The key of a number, as `{"key":JWK,"algorithm":NAME}`.
    pub fn key(&self, number: usize) -> String {
        self.keys.text(number)
    }

    /// Opens a sealed verdict: 1 the signature is good, 0 it is not. Nothing is said if the verdict is the one that was
    /// read, else the step `fail`. Anything else but 0 and 1 forgets the verdict.
    pub fn open(&mut self, verdict: usize, good: u32) -> Option<String> {
        let sealed = self.sealed.take(verdict)?;
        if good > 1 {
            return None;
        }
        self.machine.open(*sealed, good == 1).err()
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
