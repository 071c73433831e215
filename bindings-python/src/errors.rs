//! Errors and panics at the boundary to Python.
//!
//! A panic would arrive as `PanicException`, which `except Exception` does not catch, and would poison the lock for
//! every later call. Each entry point therefore catches panics and reports the error `internal`.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyModule, PyString};
use pyo3::{Bound, PyAny, intern};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, MutexGuard, PoisonError};
use workload_identity_core::{Code, Error};

/// Runs `work`; `None` if it panicked.
pub(crate) fn catch_panic<T>(work: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(work)).ok()
}

/// Runs fallible `work` and raises its error, or a panic, as `ValueError` with the error's JSON.
pub(crate) fn or_value_error<T>(work: impl FnOnce() -> Result<T, String>) -> PyResult<T> {
    catch_panic(work).unwrap_or_else(|| Err(internal_error())).map_err(PyValueError::new_err)
}

/// Locks a machine, even if an earlier holder of the lock panicked.
///
/// The holder must not call Python: a thread that holds this lock and waits for the interpreter would deadlock with a
/// thread that holds the interpreter and waits for this lock.
pub(crate) fn lock<T>(machine: &Mutex<T>) -> MutexGuard<'_, T> {
    machine.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The wire form of the error for a panic.
pub(crate) fn internal_error() -> String {
    Error::new(Code::Internal, "the native core failed unexpectedly, please report it").to_json()
}

/// The step `fail` for a panic.
pub(crate) fn internal_failure() -> String {
    format!("{{\"step\":\"fail\",\"error\":{}}}", internal_error())
}

/// The details of an error (section 6 of the protocol) as the dictionary that the Python exceptions take.
///
/// An error of the hot path has few members, so its dictionary is made without JSON.
pub(crate) fn error_details<'py>(py: Python<'py>, error: &Error) -> PyResult<Bound<'py, PyAny>> {
    if error.service.is_some() || error.presented.is_some() {
        return PyModule::import(py, intern!(py, "json"))?
            .call_method1(intern!(py, "loads"), (error.to_json(),));
    }
    let details = PyDict::new(py);
    details.set_item(intern!(py, "code"), PyString::intern(py, error.code.name()))?;
    details.set_item(intern!(py, "message"), &*error.message)?;
    details.set_item(intern!(py, "fault"), PyString::intern(py, error.code.fault().name()))?;
    details.set_item(intern!(py, "retryable"), error.retryable())?;
    if let Some(instant) = error.retry_at {
        details.set_item(intern!(py, "retry_at"), instant.millis())?;
    }
    if let Some(hint) = &error.hint {
        details.set_item(intern!(py, "hint"), hint)?;
    }
    if let Some(claim) = &error.claim {
        details.set_item(intern!(py, "claim"), claim)?;
    }
    if let Some(rule) = error.rule {
        details.set_item(intern!(py, "rule"), PyString::intern(py, rule))?;
    }
    if let Some(response) = error.api_response() {
        details.set_item(intern!(py, "http_status"), response.status)?;
        if let Some(header) = &response.www_authenticate {
            details.set_item(intern!(py, "www_authenticate"), header)?;
        }
    }
    Ok(details.into_any())
}
