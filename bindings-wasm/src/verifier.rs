//! Verifiers.

use crate::answer::Said;
use crate::machine::{Machine, make, run, stranger};
use crate::number::{instant, number};
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use workload_identity_core::crypto::Provider;
use workload_identity_core::wire::{Answer, VerifierMachine};

/// The verifier of the core, with the places where the hot path reads and answers.
pub(crate) struct Verifier {
    pub(crate) machine: VerifierMachine,
    /// Where the host writes a token.
    token: Vec<u8>,
    answer: Answer,
}

/// Parses the configuration and makes a verifier of it. Returns its number, or -1 with the error's JSON as text.
#[unsafe(no_mangle)]
extern "C" fn verifier_new(bytes: usize) -> f64 {
    make(bytes, |config| {
        Ok(Machine::Verifier(Box::new(Verifier {
            machine: VerifierMachine::new(config, provider())?,
            token: Vec::new(),
            answer: Answer::default(),
        })))
    })
}

fn verifier_of(machine: &mut Machine) -> &mut Verifier {
    match machine {
        Machine::Verifier(verifier) => verifier,
        _ => stranger(),
    }
}

/// Where in this module's memory the host writes a token of so many bytes.
#[unsafe(no_mangle)]
extern "C" fn verifier_room(verifier: usize, bytes: usize) -> f64 {
    run(verifier, 0, &mut |machine, _| {
        let Verifier { token, .. } = verifier_of(machine);
        if token.len() < bytes {
            token.resize(bytes, 0);
        }
        Said::Number(number(token.as_ptr() as u64))
    })
}

/// The hot path: judges the token of so many bytes that was written. Returns where the answer's words are.
#[unsafe(no_mangle)]
extern "C" fn verifier_judge(verifier: usize, bytes: usize, now: f64) -> f64 {
    run(verifier, 0, &mut |machine, _| {
        let Verifier { machine, token, answer } = verifier_of(machine);
        machine.judge(token.get(..bytes).unwrap_or_default(), instant(now), answer);
        let [.., text, text_bytes, signature, signature_bytes] = &mut answer.words;
        *text = answer.text.as_ptr() as u32;
        *text_bytes = answer.text.len() as u32;
        *signature = answer.signature.as_ptr() as u32;
        *signature_bytes = answer.signature.len() as u32;
        Said::Number(number(answer.words.as_ptr() as u64))
    })
}

/// What holds for every token of a key, by its number, as text.
#[unsafe(no_mangle)]
extern "C" fn verifier_key(verifier: usize, number: usize) -> f64 {
    run(verifier, 0, &mut |machine, _| Said::Text(verifier_of(machine).machine.key(number)))
}

/// Opens a sealed verdict: 1 the signature is good, 0 it is not. Returns 0 if the verdict is the one that was read, else -1
/// with the step `fail` as text. Anything else but 0 and 1 forgets the verdict.
#[unsafe(no_mangle)]
extern "C" fn verifier_open(verifier: usize, verdict: usize, good: u32) -> f64 {
    run(verifier, 0, &mut |machine, _| match verifier_of(machine).machine.open(verdict, good) {
        None => Said::Number(0.0),
        Some(step) => Said::Text(step),
    })
}

/// The hot path as a step.
#[unsafe(no_mangle)]
extern "C" fn verifier_check(verifier: usize, bytes: usize, now: f64) -> f64 {
    run(verifier, bytes, &mut |machine, token| {
        let token = core::str::from_utf8(token).unwrap_or_default();
        Said::Text(verifier_of(machine).machine.check(token, instant(now)))
    })
}

/// The ticket of a background refresh to drive, 0 for none.
#[unsafe(no_mangle)]
extern "C" fn verifier_refresh(verifier: usize, now: f64) -> f64 {
    run(verifier, 0, &mut |machine, _| {
        Said::Number(number(verifier_of(machine).machine.refresh(instant(now))))
    })
}

/// The key sets at hand as JSON text.
#[unsafe(no_mangle)]
extern "C" fn verifier_snapshot(verifier: usize, now: f64) -> f64 {
    run(verifier, 0, &mut |machine, _| {
        Said::Text(verifier_of(machine).machine.snapshot(instant(now)))
    })
}

/// Takes key sets and returns how many, or -1 with the error's JSON as text.
#[unsafe(no_mangle)]
extern "C" fn verifier_load(verifier: usize, bytes: usize, now: f64) -> f64 {
    run(verifier, bytes, &mut |machine, snapshot| {
        let Verifier { machine, .. } = verifier_of(machine);
        match machine.load(snapshot, instant(now)) {
            Ok(taken) => Said::Number(f64::from(taken)),
            Err(error) => Said::Text(error),
        }
    })
}

/// Who computes signatures: 1 this module, 0 the runtime's WebCrypto.
#[unsafe(no_mangle)]
extern "C" fn signs_itself() -> u32 {
    u32::from(cfg!(feature = "rustcrypto"))
}

#[cfg(feature = "rustcrypto")]
fn provider() -> Arc<dyn Provider> {
    Arc::new(workload_identity_core::crypto::RustCrypto)
}

#[cfg(not(feature = "rustcrypto"))]
fn provider() -> Arc<dyn Provider> {
    Arc::new(workload_identity_core::crypto::HostCrypto)
}
