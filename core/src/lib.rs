//! The core of `workload-identity`: token acquisition and verification as state machines without input or output.
//!
//! A host drives a machine. It begins a request and gets a [`Ticket`], polls for the next [`Step`], performs the
//! [`Effect`] that a step names, and hands its [`Outcome`] back. Time, entropy and the network belong to the host.
//!
//! - [`Engine`] acquires access tokens (RFC 6749, RFC 7523) and caches them.
//! - [`verify::Verifier`] verifies signed tokens (RFC 7515, RFC 7519), and keeps the keys of issuers.
//! - [`trust`] tells whether a federated identity credential would accept a token, and why not.
//! - [`manage`] sets the trust up: federated identity credentials, and the file that lists them.
//! - [`wire`] gives the machines in the JSON form of `docs/protocol.md`, for bindings to other languages.
//!
//! # Features
//!
//! | Feature | Default | Meaning |
//! |---|---|---|
//! | `rustcrypto` | yes | Verifies RSA, ECDSA and Ed25519 signatures in Rust. Without it the host gives a [`crypto`] provider. |
//! | `sources` | yes | The token sources of all platforms. There is one feature for each group, such as `source-google`. |
//! | `manage` | yes | Manages federated identity credentials at Microsoft Graph and Azure Resource Manager. |
//! | `ml-dsa` | no | Verifies ML-DSA signatures in Rust. |
//! | `simd` | no | Decodes base64url with vector instructions. Needs the standard library. |
//!
//! # Example
//!
//! ```
//! use workload_identity_core::{Config, Engine, Request, Step, Timestamp};
//!
//! let config = Config::parse(br#"{
//!     "tenant_id": "contoso.onmicrosoft.com",
//!     "client_id": "11111111-2222-3333-4444-555555555555",
//!     "source": {"kind": "file", "path": "/var/run/secrets/token"}
//! }"#)?;
//! let mut engine = Engine::new(config);
//! engine.reseed([7; 32]); // 32 bytes from the system's generator
//! let ticket = engine.begin(Request::parse(br#"{"scopes": ["https://vault.azure.net/.default"]}"#));
//! let step = engine.poll(ticket, Timestamp::from_seconds(1_767_225_600));
//! // The host reads the file, and resolves the effect with its text.
//! assert!(matches!(step, Step::Perform { .. }));
//! # Ok::<(), workload_identity_core::Error>(())
//! ```
#![no_std]
#![forbid(unsafe_code)]
// A build that leaves sources out does not use all of what they share.
#![cfg_attr(not(feature = "sources"), allow(dead_code))]
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
#[cfg(feature = "manage")]
pub mod manage;
mod oauth;
pub mod publish;
mod redact;
mod request;
mod secret;
mod source;
mod time;
mod token;
mod transport_error;
pub mod trust;
mod verdict;
pub mod verify;
pub mod wire;
#[cfg(any(feature = "manage", feature = "source-kubernetes"))]
mod yaml;

pub use acquire::{Client, Engine, TokenResult, WorkloadToken};
pub use cache::CacheConfig;
pub use config::{Config, environment_names, environment_paths};
pub use effect::{Effect, EffectId, Failure, Outcome, StoreOperation};
pub use entropy::{Entropy, Seed};
pub use error::{
    ApiResponse, Challenge, Check, Code, Error, ErrorDetails, Fault, PresentedAssertion,
    ServiceError,
};
pub use machine::{FlightId, Step, Ticket};
pub use request::Request;
pub use secret::Secret;
#[cfg(feature = "source-probe")]
pub use source::MetadataService;
pub use time::Timestamp;
pub use token::{AccessToken, Origin};
