//! The native module `workload_identity._native`: the six functions of `docs/protocol.md`, section 1.
//!
//! It adds nothing to the core but a lock, and decides nothing: the Python package drives it.
#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::unreachable
)]

mod engine;
mod guard;

use pyo3::prelude::pymodule;

/// `workload_identity._native`
#[pymodule(name = "_native")]
mod native {
    #[pymodule_export]
    use crate::engine::{Engine, environment_names};
}
