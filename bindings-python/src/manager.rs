//! The class `Manager`: the core's management of federated identity credentials behind a lock.

use crate::errors::{catch_panic, internal_failure, lock, or_value_error};
use pyo3::prelude::*;
use std::sync::Mutex;
use workload_identity_core::wire;

/// A manager with its flights and tickets. Threads may share it.
///
/// Instants are unix milliseconds. Ids are positive integers; 0 means none.
#[pyclass(frozen, module = "workload_identity._native")]
pub(crate) struct Manager {
    machine: Mutex<wire::Manager>,
}

#[pymethods]
impl Manager {
    /// Parses the configuration. Raises `ValueError` with the error's JSON if it is invalid.
    #[new]
    fn new(config: &[u8]) -> PyResult<Self> {
        or_value_error(|| wire::Manager::new(config))
            .map(|machine| Self { machine: Mutex::new(machine) })
    }

    /// Takes 32 random bytes: once before the first `begin`, and again after a fork.
    fn reseed(&self, seed: &[u8]) -> PyResult<()> {
        or_value_error(|| lock(&self.machine).reseed(seed))
    }

    /// Registers a request and returns its ticket.
    fn begin(&self, request: &[u8]) -> u64 {
        catch_panic(|| lock(&self.machine).begin(request)).unwrap_or(0)
    }

    /// Returns the next step of a ticket as JSON.
    fn poll(&self, ticket: u64, now: i64) -> String {
        catch_panic(|| lock(&self.machine).poll(ticket, now)).unwrap_or_else(internal_failure)
    }

    /// Takes the outcome of an effect. Returns the flight to wake, or 0.
    fn resolve(
        &self,
        effect: u64,
        kind: &str,
        status: u32,
        head: &[u8],
        body: &[u8],
        now: i64,
    ) -> u64 {
        catch_panic(|| lock(&self.machine).resolve(effect, kind, status, head, body, now))
            .unwrap_or(0)
    }

    /// Removes a ticket. Returns the flight to wake, or 0.
    fn end(&self, ticket: u64) -> u64 {
        catch_panic(|| lock(&self.machine).end(ticket)).unwrap_or(0)
    }
}
