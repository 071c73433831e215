//! The verifier.

use crate::number::{id, instant, number};
use napi::bindgen_prelude::Uint8Array;
use napi_derive::napi;
use std::sync::Arc;
use workload_identity_core::crypto::Provider;
use workload_identity_core::wire::{Answer, VerifierMachine};

/// Where tokens begin in the memory that is shared with the host, after the words.
const TOKEN_AT: usize = 64;

/// The verifier of the core, with the signatures of this build.
#[napi]
pub struct Verifier {
    machine: VerifierMachine,
    answer: Answer,
    memory: Option<Uint8Array>,
}

#[napi]
impl Verifier {
    /// Parses the configuration; throws an `Error` whose message is the error's JSON when it is wrong.
    #[napi(constructor, catch_unwind)]
    pub fn new(config: &[u8]) -> napi::Result<Self> {
        VerifierMachine::new(config, provider())
            .map(|machine| Self { machine, answer: Answer::default(), memory: None })
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

    /// Where the host writes tokens and reads answers: words, from byte `TOKEN_AT` on a token, then the answer's text.
    #[napi(catch_unwind)]
    pub fn share(&mut self, memory: Uint8Array) {
        self.memory = Some(memory);
    }

    /// The hot path: judges the token of so many bytes that was written.
    #[napi(catch_unwind)]
    pub fn judge(&mut self, bytes: u32, now: f64) {
        let Self { machine, answer, memory } = self;
        let Some(memory) = memory else { return };
        let token = memory.get(TOKEN_AT..).and_then(|rest| rest.get(..bytes as usize));
        // What is not UTF-8 is no token either.
        let token = token.and_then(|token| std::str::from_utf8(token).ok()).unwrap_or_default();
        let token_bytes = token.len();
        machine.judge(token, instant(now), answer);
        // SAFETY: the host gave the array to this object alone and does not run while this function does.
        let memory = unsafe { memory.as_mut() };
        let text_at = TOKEN_AT + token_bytes;
        if !told(answer, memory, text_at) {
            // Too long for the memory: the driver reads it as JSON.
            *answer = Answer::default();
            told(answer, memory, text_at);
        }
    }

    /// What holds for every token of a key, by its number.
    #[napi(catch_unwind)]
    pub fn key(&self, number: u32) -> String {
        self.machine.key(number as usize)
    }

    /// Opens a sealed verdict: 1 the signature is good, 0 it is not. Nothing is said if the verdict is the one that was
    /// read, else the step `fail`. Anything else but 0 and 1 forgets the verdict.
    #[napi(catch_unwind)]
    pub fn open(&mut self, verdict: u32, good: u32) -> Option<String> {
        self.machine.open(verdict as usize, good)
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

/// Writes an answer to memory, its text from that byte on; false if there is no room for it.
fn told(answer: &mut Answer, memory: &mut [u8], text_at: usize) -> bool {
    let (text, signature) = (answer.text.as_bytes(), answer.signature.as_slice());
    let signature_at = text_at + text.len();
    let end = signature_at + signature.len();
    if let Some(room) = memory.get_mut(text_at..signature_at) {
        room.copy_from_slice(text);
    }
    let Some(room) = memory.get_mut(signature_at..end) else { return false };
    room.copy_from_slice(signature);
    let [.., at, bytes, its_signature_at, signature_bytes] = &mut answer.words;
    *at = text_at as u32;
    *bytes = text.len() as u32;
    *its_signature_at = signature_at as u32;
    *signature_bytes = signature.len() as u32;
    for (place, word) in memory.as_chunks_mut().0.iter_mut().zip(answer.words) {
        *place = word.to_ne_bytes();
    }
    true
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
