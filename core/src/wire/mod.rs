//! The machines as bindings call them: bytes in, JSON text out. `docs/protocol.md` describes the forms.

mod detection;
mod effect;
mod engine;
mod outcome;
mod step;
pub mod trust;
mod verifier;
mod workload_token;

pub use detection::{environment_names, environment_paths, sources};
pub use engine::{Client, Engine};
pub use verifier::Verifier;
pub use workload_token::SourcePreflight;
