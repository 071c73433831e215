//! Signatures behind traits: verification never needs a private key.
//!
//! A [`Provider`] prepares each key of a set once; a [`KeySet`] keeps what it prepared. The checks of
//! [`check_signature`] run before every provider, so that all of them give the same answer to malformed
//! input and only sound input reaches their arithmetic.

mod check;
mod host;
mod key_set;
#[cfg(all(test, feature = "rustcrypto"))]
mod known_answers;
#[cfg(feature = "ml-dsa")]
mod ml_dsa;
mod provider;
#[cfg(feature = "rustcrypto")]
mod rustcrypto;

pub use crate::jose::Signer;
pub use check::{check_signature, key_rejected, signature_invalid};
pub use host::HostCrypto;
pub use key_set::KeySet;
pub use provider::{Prepared, PreparedKey, Provider};
#[cfg(feature = "rustcrypto")]
pub use rustcrypto::RustCrypto;
