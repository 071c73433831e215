//! Claims as Python objects, read from the token's payload by `jiter`.
//!
//! The core has accepted the same text under stricter rules, so reading cannot fail. Integers of any size become `int`.

use crate::errors::{internal_error, or_value_error};
use jiter::{Jiter, Peek, PythonParse, StringCacheMode};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use workload_identity_core::jose::{UnverifiedClaims, base64url_decode};

/// The result of a look-up of one claim.
pub(crate) enum Lookup<'py> {
    /// An immutable value.
    Scalar(Bound<'py, PyAny>),
    /// A list or an object. Every look-up must return the same mutable object, so it is taken from the mapping.
    Container,
    /// The payload has no such member.
    Absent,
}

/// Reads all claims of a payload.
pub(crate) fn dictionary<'py>(py: Python<'py>, payload: &[u8]) -> PyResult<Bound<'py, PyDict>> {
    Ok(value(py, payload)?.cast_into::<PyDict>()?)
}

/// Reads one claim of a payload without making objects of the others.
pub(crate) fn look_up<'py>(py: Python<'py>, payload: &[u8], name: &str) -> PyResult<Lookup<'py>> {
    let mut reader = Jiter::new(payload);
    let mut found = reader.next_object().map(|key| key.map(|key| key == name));
    while let Some(is_wanted) = found.map_err(|_| unreadable())? {
        let peek = reader.peek().map_err(|_| unreadable())?;
        if is_wanted && matches!(peek, Peek::Array | Peek::Object) {
            return Ok(Lookup::Container);
        }
        let start = reader.current_index();
        reader.known_skip(peek).map_err(|_| unreadable())?;
        if is_wanted {
            return value(py, reader.slice_to_current(start)).map(Lookup::Scalar);
        }
        found = reader.next_key().map(|key| key.map(|key| key == name));
    }
    Ok(Lookup::Absent)
}

/// Returns the header and the claims of a token without verifying it.
///
/// Raises `ValueError` with the error's JSON if the token is malformed.
#[pyfunction]
pub(crate) fn peek_unverified<'py>(
    py: Python<'py>,
    token: &str,
) -> PyResult<(Bound<'py, PyDict>, Bound<'py, PyDict>)> {
    or_value_error(|| UnverifiedClaims::peek(token).map_err(|error| error.to_json()))?;
    let mut parts = token.split('.').filter_map(base64url_decode);
    match (parts.next(), parts.next()) {
        (Some(header), Some(claims)) => Ok((dictionary(py, &header)?, dictionary(py, &claims)?)),
        _ => Err(unreadable()),
    }
}

fn value<'py>(py: Python<'py>, json: &[u8]) -> PyResult<Bound<'py, PyAny>> {
    // Names of claims recur. Values are personal data, which a process-wide cache must not retain.
    let parser = PythonParse { cache_mode: StringCacheMode::Keys, ..PythonParse::default() };
    parser.python_parse(py, json).map_err(|_| unreadable())
}

fn unreadable() -> PyErr {
    PyValueError::new_err(internal_error())
}
