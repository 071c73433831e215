//! A look into a token that nobody has verified.

use crate::claims::dictionary;
use crate::guard::{caught, defect};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use workload_identity_core::jose::{UnverifiedClaims, base64url_decode};

/// Header and claims of a token, read strictly. Raises `ValueError` with the error's JSON when that fails.
#[pyfunction]
pub(crate) fn peek_unverified<'py>(
    py: Python<'py>,
    token: &str,
) -> PyResult<(Bound<'py, PyDict>, Bound<'py, PyDict>)> {
    caught(|| UnverifiedClaims::peek(token).map_err(|error| error.to_json()))
        .unwrap_or_else(|| Err(defect()))
        .map_err(PyValueError::new_err)?;
    let mut parts = token.split('.').map(|part| {
        let text = base64url_decode(part).and_then(|bytes| String::from_utf8(bytes).ok());
        dictionary(py, text.as_deref().unwrap_or_default())
    });
    match (parts.next(), parts.next()) {
        (Some(header), Some(claims)) => Ok((header?, claims?)),
        _ => Err(PyValueError::new_err(defect())),
    }
}
