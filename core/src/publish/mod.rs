//! The documents that an issuer publishes, and the tokens that it issues (OpenID Connect Discovery 1.0; RFC 7517; RFC 7519).
//!
//! A workload's platform that has no issuer becomes one with a key, a key set and a discovery document on a static web
//! server. Keys are named as kube-apiserver and `azwi jwks` name them. [`IssuerCheck`] tells whether cloud services can use
//! an issuer.
//!
//! ```
//! use workload_identity_core::publish::{IssuerUrl, PublishedKeys, public_keys};
//!
//! # let pem = b"-----BEGIN PUBLIC KEY-----
//! # MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEf83OJ3D2xF1Bg8vub9tLe1gHMzV7
//! # 6e8Tus9uPHvRVEXH8UTNG72bfocs3+257rn0s2ldbqkLJK2KRiMohYjlrQ==
//! # -----END PUBLIC KEY-----";
//! let keys = PublishedKeys::new(&public_keys(pem)?)?;
//! let issuer = IssuerUrl::parse("https://issuer.example/workloads")?;
//! let document = issuer.discovery_document(&issuer.jwks_uri(), &keys.algorithms());
//! assert!(document.contains("https://issuer.example/workloads/openid/v1/jwks"));
//! # Ok::<(), workload_identity_core::Error>(())
//! ```

mod issued_token;
mod issuer_check;
mod issuer_url;
mod key_file;
mod published_keys;
mod signature_form;

pub use issued_token::{MAX_LIFETIME_SECONDS, TokenClaims};
pub use issuer_check::{
    CheckedKey, Finding, IssuerCheck, IssuerCheckStep, IssuerReport, KeyProblem, Service,
    ServiceVerdict, StepOutcome,
};
pub use issuer_url::{IssuerUrl, JWKS_PATH, WELL_KNOWN_PATH};
pub use key_file::public_keys;
pub use published_keys::{PublishedKeys, key_id, signing_algorithm};
pub use signature_form::jose_signature;
