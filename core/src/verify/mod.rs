//! Verification of tokens: with keys that the caller has ([`verify`]), or with keys that are fetched and cached
//! ([`Verifier`]).

mod checks;
mod claim_checks;
mod claim_rule;
mod config;
mod entra_authority;
mod glob;
mod granted;
mod issuer;
mod issuer_config;
mod job;
mod one_or_more;
mod pending;
mod policy;
mod profile;
mod requests;
mod result;
mod rule_config;
mod verified;
mod verified_cache;
mod verifier;
mod verifier_request;

pub(crate) use requests::host_crypto_failed;
pub(crate) use verified::WireHeader;

pub use checks::verify;
pub use claim_rule::{ClaimPath, ClaimRule, Requirement};
pub use config::VerifierConfig;
pub use glob::glob;
pub use issuer::{IssuerRule, Tenants};
pub(crate) use issuer::{is_trust_domain, trust_domain};
pub use pending::PendingVerification;
pub use policy::{MAX_LEEWAY_SECONDS, Policy};
pub use profile::{IssuerForm, PROFILES, Profile};
pub use result::{CheckResult, KeySetInfo, MissingKeys, VerificationResult};
pub use verified::VerifiedToken;
pub use verifier::Verifier;
pub use verifier_request::{VerifierRequest, VerifierRequestKind};

#[cfg(all(test, feature = "rustcrypto"))]
mod tests;
