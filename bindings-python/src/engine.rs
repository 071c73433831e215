//! The class `Engine`: a core machine behind a lock.

use crate::guard::{caught, defect, locked};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use std::sync::Mutex;
use workload_identity_core::wire;

/// One machine: its cache, its flights, its tickets. Safe to share between threads.
///
/// Instants are unix milliseconds. Ids are integers; 0 is never one.
#[pyclass(frozen, module = "workload_identity._native")]
pub(crate) struct Engine {
    machine: Mutex<wire::Machine>,
}

#[pymethods]
impl Engine {
    /// Parses the configuration. Raises `ValueError` with the error's JSON when it is wrong.
    #[new]
    fn new(config: &[u8]) -> PyResult<Self> {
        caught(|| wire::Machine::new(config))
            .unwrap_or_else(|| Err(defect()))
            .map(|machine| Self { machine: Mutex::new(machine) })
            .map_err(PyValueError::new_err)
    }

    /// Takes 32 random bytes: once before the first `begin`, again after a fork.
    fn reseed(&self, seed: &[u8]) -> PyResult<()> {
        locked(&self.machine, |machine| machine.reseed(seed))
            .unwrap_or_else(|| Err(defect()))
            .map_err(PyValueError::new_err)
    }

    /// Registers a request and returns its ticket.
    fn begin(&self, request: &[u8]) -> u64 {
        locked(&self.machine, |machine| machine.begin(request)).unwrap_or(0)
    }

    /// The next step for a ticket, as JSON.
    fn poll(&self, ticket: u64, now: i64) -> String {
        locked(&self.machine, |machine| machine.poll(ticket, now))
            .unwrap_or_else(|| format!("{{\"step\":\"fail\",\"error\":{}}}", defect()))
    }

    /// Hands in an outcome. Returns the flight to wake, or 0.
    fn resolve(
        &self,
        effect: u64,
        kind: &str,
        status: u32,
        head: &[u8],
        body: &[u8],
        now: i64,
    ) -> u64 {
        locked(&self.machine, |machine| machine.resolve(effect, kind, status, head, body, now))
            .unwrap_or(0)
    }

    /// Forgets a ticket. Returns the flight to wake, or 0.
    fn end(&self, ticket: u64) -> u64 {
        locked(&self.machine, |machine| machine.end(ticket)).unwrap_or(0)
    }
}

/// The environment variables that `environment` of the configuration may hold, as a JSON list.
#[pyfunction]
pub(crate) fn environment_names() -> String {
    caught(wire::environment_names).unwrap_or_else(|| "[]".to_owned())
}
