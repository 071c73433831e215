//! What keeps a defect in the core from reaching Python as anything but an error.
//!
//! A panic would arrive as `PanicException`, which `except Exception` does not catch, and would
//! poison the lock for every later call. Neither may happen: see ARCHITECTURE.md.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};
use workload_identity_core::{Code, Error};

/// Runs `work`; `None` if it panicked.
pub(crate) fn caught<T>(work: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(work)).ok()
}

/// Runs `work` on what the lock protects, whatever happened to earlier holders; `None` if it panicked.
///
/// `work` must not call Python: a holder that waits for the interpreter while another thread holds
/// the interpreter and waits for this lock would never end.
pub(crate) fn locked<T, R>(lock: &Mutex<T>, work: impl FnOnce(&mut T) -> R) -> Option<R> {
    caught(|| work(&mut lock.lock().unwrap_or_else(PoisonError::into_inner)))
}

/// The wire form of the error for a panic.
pub(crate) fn defect() -> String {
    Error::new(Code::Internal, "the native core failed unexpectedly, please report it").to_json()
}
