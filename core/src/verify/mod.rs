//! Judging a token against keys and a policy.

mod check;
mod policy;
mod verified;

pub use check::verify;
pub use policy::{MAX_LEEWAY_SECONDS, Policy};
pub use verified::VerifiedClaims;

#[cfg(all(test, feature = "rustcrypto"))]
mod tests;
