//! Who verifies, and with what.

use super::check_signature;
use crate::jose::{Algorithm, Jwk};
use crate::{Code, Error};
use alloc::boxed::Box;

/// A key in the form of its provider: imported and checked.
///
/// It is handed only what [`check_signature`] lets pass; [`KeySet::verify`](super::KeySet::verify) and
/// [`Provider::verify`] see to that.
pub trait PreparedKey: Send + Sync {
    /// The provider's arithmetic.
    ///
    /// # Errors
    /// `signature_invalid`, or `alg_unsupported`.
    fn verify(&self, algorithm: Algorithm, input: &[u8], signature: &[u8]) -> Result<(), Error>;
}

/// Where a prepared key's signatures are verified.
#[non_exhaustive]
pub enum Prepared {
    /// In this process, at once.
    Here(Box<dyn PreparedKey>),
    /// By the host, in answer to a `Verify` effect (WebCrypto).
    Host,
}

/// A source of arithmetic. Several can be at work in one process; none is global.
pub trait Provider: Send + Sync {
    /// Imports a key, once for all tokens that it will verify.
    ///
    /// # Errors
    /// `alg_unsupported` (the provider has no algorithm for it) or `key_rejected` (its numbers are not those
    /// of a public key).
    fn prepare(&self, key: &Jwk) -> Result<Prepared, Error>;

    /// Verifies one signature with a key that is not kept.
    ///
    /// # Errors
    /// `signature_invalid`, `key_rejected` (key and algorithm do not belong together, or its numbers are not
    /// those of a public key) or `alg_unsupported`.
    fn verify(
        &self,
        algorithm: Algorithm,
        key: &Jwk,
        input: &[u8],
        signature: &[u8],
    ) -> Result<(), Error> {
        check_signature(algorithm, key, signature)?;
        self.prepare(key)?.verify(algorithm, input, signature)
    }
}

impl Prepared {
    pub(super) fn verify(
        &self,
        algorithm: Algorithm,
        input: &[u8],
        signature: &[u8],
    ) -> Result<(), Error> {
        match self {
            Prepared::Here(key) => key.verify(algorithm, input, signature),
            Prepared::Host => {
                Err(Error::new(Code::AlgUnsupported, "only the host verifies with this key"))
            }
        }
    }
}
