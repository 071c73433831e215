//! Cross-language conformance: the transcripts every binding replays, the scenarios they are recorded from, and the
//! corpus of attacks on the verifier.

#![forbid(unsafe_code)]

pub mod attacks;

pub mod engine;
mod jwt;
mod player;
mod recorded_call;
mod recorder;
mod rng;
pub mod scenarios;
mod simulation;
mod transcript;
mod verifier_calls;

pub use jwt::{token_for, token_of, workload_token};
pub use recorder::Recorder;
pub use rng::Rng;
pub use simulation::Simulation;
pub use transcript::{Call, Transcript, kinds, replay};

use std::path::PathBuf;

/// `tests/vectors/transcripts`.
#[must_use]
pub fn transcripts_folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("vectors/transcripts")
}
