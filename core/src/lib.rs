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

mod acquire;
mod cache;
mod config;
pub mod crypto;
mod effect;
pub mod entra;
mod entropy;
mod environment;
mod error;
pub mod http;
pub mod jose;
pub mod json;
pub mod keys;
mod machine;
mod number;
mod oauth;
mod ordered;
mod redact;
mod request;
mod secret;
mod source;
mod time;
mod token;
pub mod verify;
pub mod wire;

pub use acquire::{Engine, TokenResult};
pub use config::Config;
pub use effect::{Effect, EffectId, Failure, Outcome, StoreOperation};
pub use entropy::{Entropy, Seed};
pub use environment::environment_names;
pub use error::{Check, Code, Error, ErrorDetails, Fault, PresentedAssertion, ServiceError};
pub use machine::{FlightId, Step, Ticket};
pub use ordered::Ordered;
pub use request::Request;
pub use secret::Secret;
pub use time::Timestamp;
pub use token::{AccessToken, Origin};
