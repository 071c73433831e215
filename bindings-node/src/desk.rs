//! The hot path, without a class around it: unwrapping an object takes as long as a third of a refusal's checks may.

use crate::number::instant;
use napi::bindgen_prelude::Uint8Array;
use napi_derive::napi;
use std::cell::RefCell;
use std::rc::Rc;
use workload_identity_core::wire::{Answer, VerifierMachine};

/// Where tokens begin in the memory that is shared with the host, after an answer's words.
const TOKEN_AT: usize = 64;

/// Where the host hands in tokens for a verifier, and finds its answers.
struct Desk {
    machine: Rc<RefCell<VerifierMachine>>,
    answer: Answer,
    memory: Uint8Array,
}

thread_local! {
    /// Those of this thread's verifiers; a machine never leaves its thread.
    static DESKS: RefCell<Vec<Option<Desk>>> = const { RefCell::new(Vec::new()) };
}

/// Opens a desk and returns its number.
pub(crate) fn open(machine: Rc<RefCell<VerifierMachine>>, memory: Uint8Array) -> u32 {
    let desk = Some(Desk { machine, answer: Answer::default(), memory });
    DESKS.with_borrow_mut(|desks| {
        let number = desks.iter().position(Option::is_none).unwrap_or(desks.len());
        match desks.get_mut(number) {
            Some(place) => *place = desk,
            None => desks.push(desk),
        }
        number as u32
    })
}

/// Closes a desk. At a thread's end they may be gone already.
pub(crate) fn close(number: u32) {
    let _ = DESKS.try_with(|desks| {
        if let Some(place) = desks.borrow_mut().get_mut(number as usize) {
            place.take();
        }
    });
}

/// Judges the token of so many bytes that was written from byte 64 on in a desk's memory. The answer's words are where
/// the memory begins, its text is after the token.
#[napi(catch_unwind)]
pub fn judge(desk: u32, bytes: u32, now: f64) {
    DESKS.with_borrow_mut(|desks| {
        if let Some(Some(desk)) = desks.get_mut(desk as usize) {
            desk.judge(bytes as usize, instant(now));
        }
    });
}

impl Desk {
    fn judge(&mut self, bytes: usize, now: i64) {
        let Self { machine, answer, memory } = self;
        let token = memory.get(TOKEN_AT..).and_then(|rest| rest.get(..bytes));
        let token = token.unwrap_or_default();
        let text_at = TOKEN_AT + token.len();
        machine.borrow_mut().judge(token, now, answer);
        // SAFETY: the host gave the array to this desk alone and does not run while this function does.
        let memory = unsafe { memory.as_mut() };
        if !told(answer, memory, text_at) {
            // Too long for the memory: the driver reads it as JSON.
            *answer = Answer::default();
            told(answer, memory, text_at);
        }
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
