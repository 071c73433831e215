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
//!
//! # What it plays
//!
//! | Path | Plays |
//! | --- | --- |
//! | `POST /{tenant}/oauth2/v2.0/token`, `/{tenant}/oauth2/token` | Entra's token endpoint, v2 and v1 |
//! | `/{tenant}/v2.0/.well-known/openid-configuration`, `/{tenant}/.well-known/openid-configuration` | its metadata |
//! | `/{tenant}/discovery/v2.0/keys`, `/{tenant}/discovery/keys` | the keys of its access tokens |
//! | `/common/discovery/instance` | instance discovery: the emulator's host is a cloud of its own |
//! | `Facts::github_request_url`, `/_services/token/.well-known/...` | a GitHub-style issuer |
//! | `/oic/cluster-1/...`, `POST /api/v1/namespaces/{ns}/serviceaccounts/{name}/token` | a Kubernetes-style issuer and its TokenRequest API |
//! | `/api/resource`, `/api/step-up` | an API that takes the tokens; the second one asks for more with a claims challenge |
//! | `/emulator/...` | [`CONTROL_PATHS`]: counts, recorded requests, faults, credentials, rotation |
//!
//! # In which order Entra looks
//!
//! Verb, repeated parameters, grant type, tenant, application, scope, requested claims, kind of credential; then of the
//! assertion: form, `typ`, `alg`, issuer kind, credential match (issuer, subject, audience), the issuer's metadata,
//! key, signature, validity. The first failure answers, with the numbers of [`Aadsts`].
//!
//! # What it leaves out
//!
//! Certificates and secrets, users and their grants, flexible federated credentials, managed identities as assertions
//! and the minutes a new credential takes to spread. It answers cross-origin calls, which Entra does not do for app
//! tokens, so that browser workers can be tested; [`Settings::cors`] switches that off.
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
