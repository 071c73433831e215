//! Trust: explanations, preflights, subjects, expressions and files of credentials, as JSON (`docs/protocol.md`, section 10).

use crate::errors::{catch_panic, lock, or_value_error};
use crate::verifier::CryptoProvider;
use pyo3::prelude::*;
use std::sync::Mutex;
use workload_identity_core::wire::{self, trust};

/// Explains whether credentials accept a token. Raises `ValueError` with the error's JSON, as all functions here.
#[pyfunction]
pub(crate) fn explain(input: &[u8]) -> PyResult<String> {
    or_value_error(|| trust::explain_with(input, &CryptoProvider {}))
}

/// Examines a token before any exchange.
#[pyfunction]
pub(crate) fn preflight(input: &[u8]) -> PyResult<String> {
    or_value_error(|| trust::preflight(input))
}

/// Takes a subject apart, or builds one.
#[pyfunction]
pub(crate) fn subject(input: &[u8]) -> PyResult<String> {
    or_value_error(|| trust::subject(input))
}

/// Reads a claims matching expression.
#[pyfunction]
pub(crate) fn expression(input: &[u8]) -> PyResult<String> {
    or_value_error(|| trust::expression(input))
}

/// Reads a file of credentials as the list that `explain` takes.
#[pyfunction]
pub(crate) fn credentials(file: &[u8]) -> PyResult<String> {
    or_value_error(|| trust::credentials(file))
}

/// Reads a trust file.
#[pyfunction]
pub(crate) fn trust_file(file: &[u8]) -> PyResult<String> {
    or_value_error(|| wire::trust_file(file))
}

/// The preflight of a token source.
#[pyclass(frozen, module = "workload_identity._native")]
pub(crate) struct SourcePreflight {
    machine: Mutex<wire::SourcePreflight>,
}

#[pymethods]
impl SourcePreflight {
    /// Parses the configuration of an engine; `seed` is 32 random bytes. Raises `ValueError` with the error's JSON.
    #[new]
    fn new(config: &[u8], seed: &[u8]) -> PyResult<Self> {
        or_value_error(|| wire::SourcePreflight::new(config, seed))
            .map(|machine| Self { machine: Mutex::new(machine) })
    }

    /// Returns the effect to perform as JSON, or an empty text when there is a result.
    fn effect(&self, now: i64) -> String {
        catch_panic(|| lock(&self.machine).effect(now)).unwrap_or_default()
    }

    /// Takes the outcome of the effect.
    fn answer(&self, kind: &str, status: u32, head: &[u8], body: &[u8], now: i64) {
        // After a panic `report` says what is wrong.
        let _ = catch_panic(|| lock(&self.machine).answer(kind, status, head, body, now));
    }

    /// Returns the report as JSON. Raises `ValueError` with the error's JSON.
    fn report(&self) -> PyResult<String> {
        or_value_error(|| lock(&self.machine).report())
    }
}
