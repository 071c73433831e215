//! The trait of keys that sign.

use super::Algorithm;
use crate::Error;
use alloc::string::String;
use alloc::vec::Vec;

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
