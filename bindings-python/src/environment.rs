//! What the environment offers: the names and paths that a host looks up, and the report on token sources.

use crate::errors::{catch_panic, or_value_error};
use pyo3::prelude::*;
use workload_identity_core::wire;

/// Returns the names of the environment variables that a configuration's `environment` may hold, as a JSON list.
#[pyfunction]
pub(crate) fn environment_names() -> String {
    catch_panic(wire::environment_names).unwrap_or_else(|| "[]".to_owned())
}

/// Returns the paths of which a configuration's `environment_paths` has those that exist, as a JSON list.
#[pyfunction]
pub(crate) fn environment_paths() -> String {
    catch_panic(wire::environment_paths).unwrap_or_else(|| "[]".to_owned())
}

/// Reports on every token source, as a JSON list. Raises `ValueError` with the error's JSON.
#[pyfunction]
pub(crate) fn sources(environment: &[u8]) -> PyResult<String> {
    or_value_error(|| wire::sources(environment))
}
