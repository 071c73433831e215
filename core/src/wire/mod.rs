//! The machines as bindings call them: bytes in, JSON text out. `docs/protocol.md` describes the forms.

mod detection;
mod effect;
mod engine;
#[cfg(feature = "manage")]
mod manager;
mod outcome;
mod step;
pub mod trust;
#[cfg(feature = "manage")]
mod trust_file;
mod verifier;
mod workload_token;

pub use detection::{environment_names, environment_paths, sources};
pub use engine::{Client, Engine};
#[cfg(feature = "manage")]
pub use manager::Manager;
#[cfg(feature = "manage")]
pub use trust_file::trust_file;
pub use verifier::Verifier;
pub use workload_token::SourcePreflight;
