//! Errors of the core as exceptions, and locks.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// An error of the core. The message is its JSON form (`docs/protocol.md`, section 6).
#[derive(Debug, uniffi::Error)]
#[uniffi(flat_error)]
pub enum NativeError {
    /// The only kind: the code inside of the JSON tells errors apart.
    Rejected(String),
}

impl fmt::Display for NativeError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Rejected(json) = self;
        formatter.write_str(json)
    }
}

impl std::error::Error for NativeError {}

impl From<String> for NativeError {
    fn from(json: String) -> Self {
        Self::Rejected(json)
    }
}

/// Locks a machine. After a panic the machine is used on: its invariants do not depend on the call that failed.
pub(crate) fn lock<T>(machine: &Mutex<T>) -> MutexGuard<'_, T> {
    machine.lock().unwrap_or_else(PoisonError::into_inner)
}
