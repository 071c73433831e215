//! Native library of the Kotlin and Swift packages: the classes of the driver protocol (`docs/protocol.md`) by uniffi.
//!
//! All functions are synchronous and start no threads. Objects hold their machine behind a lock, so threads may share them.

mod engine;
mod environment;
mod errors;
mod machine;
mod manager;
mod token_buffer;
mod trust;
mod verifier;

pub use engine::Engine;
pub use environment::{environment_names, environment_paths, sources};
pub use errors::NativeError;
pub use manager::Manager;
pub use token_buffer::TokenBuffer;
pub use trust::{
    SourcePreflight, credentials, explain, expression, preflight, subject, trust_file,
};
pub use verifier::{Verifier, verify_signature};

uniffi::setup_scaffolding!("workload_identity_native");
