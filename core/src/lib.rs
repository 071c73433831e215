//! Sans-IO core of `workload-identity`.
#![no_std]
#![forbid(unsafe_code)]
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::string_slice
    )
)]

extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod crypto;
mod effect;
mod entropy;
mod error;
pub mod http;
pub mod jose;
pub mod json;
mod secret;
mod time;
pub mod verify;

pub use effect::{Effect, EffectId, Failure, Outcome, StoreOperation};
pub use entropy::Seed;
pub use error::{Code, Error, Fault, Presented, ServiceAnswer};
pub use secret::Secret;
pub use time::Timestamp;
