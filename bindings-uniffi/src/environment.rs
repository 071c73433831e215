//! What the environment offers: the names and paths that a host looks up, and the report on token sources.

use crate::errors::NativeError;
use workload_identity_core::wire;

/// Returns the names of the environment variables that a host passes in the configuration, as a JSON list.
#[uniffi::export]
#[must_use]
pub fn environment_names() -> String {
    wire::environment_names()
}

/// Returns the paths of which a host passes those that exist, as a JSON list.
#[uniffi::export]
#[must_use]
pub fn environment_paths() -> String {
    wire::environment_paths()
}

/// Reports on every token source, as a JSON list. Throws the JSON of the error.
#[uniffi::export]
pub fn sources(environment: &[u8]) -> Result<String, NativeError> {
    Ok(wire::sources(environment)?)
}
