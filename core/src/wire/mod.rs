//! The machines as bindings call them: bytes in, JSON text out. `docs/protocol.md` describes the forms.

mod effect;
mod engine;
mod outcome;
mod step;
mod verifier;

use alloc::string::String;

pub use engine::Engine;
pub use verifier::Verifier;

/// Returns the names of the environment variables that a host passes in the configuration, as a JSON list.
#[must_use]
pub fn environment_names() -> String {
    // Text always has a JSON form.
    serde_json::to_string(&crate::environment_names()).unwrap_or_default()
}
