//! The class `TokenBuffer`: memory that the host reads and writes without a call.

use crate::verifier::Verifier;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

/// A buffer for tokens and steps, at an address that the host knows.
///
/// A call through JNA costs microseconds for each buffer or text among its arguments, more than the checks themselves. Numbers
/// cost next to nothing. The host therefore writes the token to `address`, calls `check`, and reads the step from there. One
/// thread uses a buffer at a time.
#[derive(Debug, uniffi::Object)]
pub struct TokenBuffer(Box<[AtomicU8]>);

#[uniffi::export]
impl TokenBuffer {
    /// Allocates a buffer of this many bytes, for a token and for the step that answers it.
    #[uniffi::constructor]
    #[must_use]
    pub fn new(capacity: u32) -> Self {
        Self((0..capacity).map(|_| AtomicU8::new(0)).collect())
    }

    /// Returns the address of the first byte. It is valid as long as this object.
    #[must_use]
    pub fn address(&self) -> u64 {
        self.0.as_ptr() as u64
    }

    /// Checks the token in the first `length` bytes as `Verifier.check` does, and replaces it by the step. Returns the step's
    /// length, or 0 if it does not fit.
    pub fn check(&self, verifier: Arc<Verifier>, length: u32, now: i64) -> u32 {
        let token: Vec<u8> =
            self.0.iter().take(length as usize).map(|byte| byte.load(Ordering::Relaxed)).collect();
        let step = verifier.check(&token, now);
        if step.len() > self.0.len() {
            return 0;
        }
        for (place, byte) in self.0.iter().zip(step.bytes()) {
            place.store(byte, Ordering::Relaxed);
        }
        u32::try_from(step.len()).unwrap_or(0)
    }
}
