//! Judging tokens: against keys at hand ([`verify`]), or with keys that are fetched and kept ([`Verifier`]).

mod check;
mod checks;
mod claim_rule;
mod config;
mod driving;
mod flying;
mod glob;
mod issuer_config;
mod issuer_rule;
mod policy;
mod profile;
mod sealed;
mod seen;
mod step;
mod unproven;
mod verified;
mod verifier;
mod verifier_request;

pub(crate) use driving::host_crypto_failed;

pub use check::verify;
pub use checks::Check;
pub use claim_rule::{ClaimPath, ClaimRule, Requirement};
pub use config::VerifierConfig;
pub use glob::glob;
pub use issuer_rule::{IssuerRule, Tenants};
pub use policy::{MAX_LEEWAY_SECONDS, Policy};
pub use profile::{IssuerForm, PROFILES, Profile};
pub use sealed::Sealed;
pub use step::{Checked, KeysAtHand, Verdict, VerifierStep};
pub use unproven::Unproven;
pub use verified::VerifiedClaims;
pub use verifier::Verifier;
pub use verifier_request::{VerifierRequest, Want};

#[cfg(all(test, feature = "rustcrypto"))]
mod tests;
