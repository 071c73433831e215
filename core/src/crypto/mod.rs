//! Signatures behind two traits: whoever verifies never touches a private key.
//!
//! The checks of [`check_signature`] run before every provider, so that all of them give the same answer to
//! malformed input and only sound input reaches their arithmetic.

mod check;
#[cfg(all(test, feature = "rustcrypto"))]
mod known_answers;
#[cfg(feature = "rustcrypto")]
mod rustcrypto;

use crate::Error;
use crate::jose::{Algorithm, Jwk};
use alloc::string::String;
use alloc::vec::Vec;

pub use check::{check_signature, signature_invalid};
#[cfg(feature = "rustcrypto")]
pub use rustcrypto::RustCrypto;

/// Verifies signatures. A provider writes [`Verifier::verify_checked`]; everybody else calls
/// [`Verifier::verify`].
pub trait Verifier: Send + Sync {
    /// Verifies a signature over `input`.
    ///
    /// # Errors
    /// `signature_invalid`, `key_rejected` (key and algorithm do not belong together, or the point is not
    /// on its curve) or `alg_unsupported`.
    fn verify(
        &self,
        algorithm: Algorithm,
        key: &Jwk,
        input: &[u8],
        signature: &[u8],
    ) -> Result<(), Error> {
        check_signature(algorithm, key, signature)?;
        self.verify_checked(algorithm, key, input, signature)
    }

    /// The provider's arithmetic, after [`check_signature`].
    ///
    /// # Errors
    /// As for [`Verifier::verify`].
    fn verify_checked(
        &self,
        algorithm: Algorithm,
        key: &Jwk,
        input: &[u8],
        signature: &[u8],
    ) -> Result<(), Error>;
}

/// Signs with a key it holds; the key does not leave it.
pub trait Signer: Send + Sync {
    /// The algorithm of its signatures.
    fn algorithm(&self) -> Algorithm;

    /// The `kid` of its key.
    fn key_id(&self) -> &str;

    /// The public key as a JWK document.
    fn public_jwk(&self) -> String;

    /// Signs `input`; the signature is in JOSE's form (for ECDSA: R || S).
    ///
    /// # Errors
    /// `signing_failed`.
    fn sign(&self, input: &[u8]) -> Result<Vec<u8>, Error>;
}
