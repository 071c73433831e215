//! Errors of the hot path as the dictionary that the Python classes take.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyModule, PyString};
use pyo3::{Bound, PyAny, intern};
use workload_identity_core::Error;

/// The members of section 6 of the protocol. Most refusals are code and message, so no JSON is written and read.
pub(crate) fn refused<'py>(py: Python<'py>, error: &Error) -> PyResult<Bound<'py, PyAny>> {
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
    Ok(details.into_any())
}
