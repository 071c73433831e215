//! The native module `workload_identity._native`: the functions of `docs/protocol.md`, sections 1 and 8.
//!
//! It adds nothing to the core but a lock and Python's objects, and decides nothing: the Python package drives it.
#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::unreachable
)]

mod claims;
mod engine;
mod guard;
mod refusal;
mod unverified;
mod verified;
mod verifier;

#[cfg(not(any(feature = "aws-lc", feature = "rustcrypto")))]
compile_error!("one of the features `aws-lc` and `rustcrypto` verifies signatures");

use pyo3::prelude::pymodule;

/// `workload_identity._native`
#[pymodule(name = "_native")]
mod native {
    #[pymodule_export]
    use crate::engine::{Engine, environment_names};
    #[pymodule_export]
    use crate::unverified::peek_unverified;
    #[pymodule_export]
    use crate::verified::VerifiedToken;
    #[pymodule_export]
    use crate::verifier::{Verifier, verify_signature};
}
