//! The native module `workload_identity._native`: the functions of `docs/protocol.md`, sections 1, 8, 10 and 11.
//!
//! It puts a lock around each machine of the core and turns results into Python objects. The Python package drives it.
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
mod environment;
mod errors;
mod manager;
mod trust;
mod verified_token;
mod verifier;

#[cfg(not(any(feature = "aws-lc", feature = "rustcrypto")))]
compile_error!("enable the feature `aws-lc` or `rustcrypto`: one of them verifies signatures");

use pyo3::prelude::pymodule;

/// `workload_identity._native`
#[pymodule(name = "_native")]
mod native {
    #[pymodule_export]
    use crate::claims::peek_unverified;
    #[pymodule_export]
    use crate::engine::{Client, Engine};
    #[pymodule_export]
    use crate::environment::{environment_names, environment_paths, sources};
    #[pymodule_export]
    use crate::manager::Manager;
    #[pymodule_export]
    use crate::trust::{
        SourcePreflight, credentials, explain, expression, preflight, subject, trust_file,
    };
    #[pymodule_export]
    use crate::verified_token::VerifiedToken;
    #[pymodule_export]
    use crate::verifier::{Verifier, verify_signature};
}
