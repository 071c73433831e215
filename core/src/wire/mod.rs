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

use crate::{Code, Error, Seed};
use alloc::string::String;

/// Reads a seed.
///
/// # Errors
/// The wire form of `misuse` when there are not 32 bytes.
fn seed(bytes: &[u8]) -> Result<Seed, String> {
    Seed::try_from(bytes)
        .map_err(|_| Error::new(Code::Misuse, "a seed has exactly 32 bytes").to_json())
}
