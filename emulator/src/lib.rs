//! Sans-IO emulator of everything a workload identity exchange needs: Entra's token endpoint with its rules and
//! error answers, two workload issuers (GitHub and Kubernetes style), and an API that takes the tokens.
//!
//! The host owns sockets, clock and randomness; the emulator turns requests into replies:
//!
//! ```
//! use workload_identity_core::Timestamp;
//! use workload_identity_crypto_native::RsaSigner;
//! use workload_identity_emulator::{Emulator, Keys, Reply, Request, Settings};
//!
//! let keys = Keys {
//!     workload: Box::new(RsaSigner::generate(2048)?),
//!     access_token: Box::new(RsaSigner::generate(2048)?),
//!     next: Box::new(|| Ok(Box::new(RsaSigner::generate(2048)?))),
//! };
//! let mut emulator = Emulator::new(Settings::new("http://127.0.0.1:8080", [7; 32]), keys)?;
//! let request = Request::new("GET", "/emulator/token-requests");
//! let Reply::Respond(response) = emulator.handle(&request, Timestamp::from_seconds(0)) else {
//!     panic!("nothing to fetch for this one");
//! };
//! assert_eq!(response.body, br#"{"token_requests":0}"#);
//! # Ok::<(), workload_identity_core::Error>(())
//! ```
#![forbid(unsafe_code)]

mod access_token;
mod assertion;
mod calendar;
mod control;
mod credential;
mod discovery;
mod emulator;
mod entra_error;
mod exchange;
mod fault;
mod fault_plan;
mod github;
mod identifiers;
mod keys;
mod kubernetes;
mod message;
mod metadata;
mod protected_api;
mod router;
mod scope;
mod settings;
mod token_endpoint;
mod token_requests;

pub use control::CONTROL_PATHS;
pub use credential::{Credential, CredentialError, MAX_CHARACTERS, MAX_CREDENTIALS};
pub use emulator::{Emulator, Rotation};
pub use entra_error::Aadsts;
pub use fault::{FAULT_MODIFIERS, FAULT_TABLE, Fault, FaultError, FaultKind, FaultTarget};
pub use github::GithubJob;
pub use kubernetes::ServiceAccount;
pub use message::{ExchangeId, Fetched, Reply, Request, Response};
pub use metadata::{MAX_FETCHED_BYTES, MAX_ISSUER_KEYS};
pub use settings::{Facts, KeyFactory, Keys, Settings};
pub use token_requests::TokenRequest;
