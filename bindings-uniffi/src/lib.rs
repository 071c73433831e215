//! Native library of the Kotlin and Swift packages: the classes of the driver protocol (`docs/protocol.md`) by uniffi.
//!
//! All functions are synchronous and start no threads. Objects hold their machine behind a lock, so threads may share them.

mod engine;
mod errors;
mod token_buffer;
mod verifier;

pub use engine::Engine;
pub use errors::NativeError;
pub use token_buffer::TokenBuffer;
pub use verifier::{Verifier, verify_signature};
use workload_identity_core::wire;

uniffi::setup_scaffolding!("workload_identity_native");

/// Returns the names of the environment variables that a host passes in the configuration, as a JSON list.
#[uniffi::export]
#[must_use]
pub fn environment_names() -> String {
    wire::environment_names()
}
