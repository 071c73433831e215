//! Ed25519 signatures.

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use std::fmt;
use workload_identity_core::crypto::Signer;
use workload_identity_core::jose::{Algorithm, Jwk, PublicKey};
use workload_identity_core::{Code, Error};

/// An Ed25519 key that signs, named by its thumbprint unless changed.
pub struct Ed25519Signer {
    pair: Ed25519KeyPair,
    public: Jwk,
}

impl Ed25519Signer {
    /// A new key.
    ///
    /// # Errors
    /// `signing_failed` when the key cannot be made.
    pub fn generate() -> Result<Self, Error> {
        let pair = Ed25519KeyPair::generate()
            .map_err(|_| Error::new(Code::SigningFailed, "an Ed25519 key could not be made"))?;
        Self::from_pair(pair)
    }

    /// An existing key in PKCS#8 (RFC 8410), DER. The public key is derived, never taken from the caller
    /// (RUSTSEC-2022-0093); one in the document has to be the derived one.
    ///
    /// # Errors
    /// `key_rejected` when it is not an Ed25519 private key.
    pub fn from_pkcs8_der(der: &[u8]) -> Result<Self, Error> {
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(der)
            .map_err(|_| Error::new(Code::KeyRejected, "not an Ed25519 private key in PKCS#8"))?;
        Self::from_pair(pair)
    }

    fn from_pair(pair: Ed25519KeyPair) -> Result<Self, Error> {
        let x = pair
            .public_key()
            .as_ref()
            .try_into()
            .map_err(|_| Error::new(Code::Internal, "the public key has an unknown form"))?;
        let public = Jwk::new(&PublicKey::Okp { x }, None, Some(Algorithm::Ed25519))?;
        Ok(Self { pair, public: public.named_by_thumbprint() })
    }

    /// The same key under another name.
    #[must_use]
    pub fn with_key_id(mut self, key_id: impl Into<String>) -> Self {
        self.public = self.public.with_key_id(key_id);
        self
    }
}

impl Signer for Ed25519Signer {
    fn algorithm(&self) -> Algorithm {
        Algorithm::Ed25519
    }

    fn key_id(&self) -> &str {
        self.public.key_id().unwrap_or_default()
    }

    fn public_jwk(&self) -> String {
        self.public.to_json()
    }

    fn sign(&self, input: &[u8]) -> Result<Vec<u8>, Error> {
        self.pair
            .try_sign(input)
            .map(|signature| signature.as_ref().to_vec())
            .map_err(|_| Error::new(Code::SigningFailed, "the Ed25519 signature failed"))
    }
}

impl fmt::Debug for Ed25519Signer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Ed25519Signer")
            .field("key_id", &self.public.key_id())
            .finish_non_exhaustive()
    }
}
