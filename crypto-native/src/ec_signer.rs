//! ECDSA signatures.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{self, EcdsaKeyPair, EcdsaSigningAlgorithm, KeyPair as _};
use std::fmt;
use workload_identity_core::crypto::Signer;
use workload_identity_core::jose::{Algorithm, Curve, Jwk, PublicKey};
use workload_identity_core::{Code, Error};

/// An elliptic-curve key that signs, named by its thumbprint unless changed.
pub struct EcSigner {
    pair: EcdsaKeyPair,
    public: Jwk,
    algorithm: Algorithm,
}

impl EcSigner {
    /// A new P-256 key for ES256.
    ///
    /// # Errors
    /// `signing_failed` when the key cannot be made.
    pub fn generate() -> Result<Self, Error> {
        Self::generate_on(Curve::P256)
    }

    /// A new key on a curve.
    ///
    /// # Errors
    /// `signing_failed` when the key cannot be made.
    pub fn generate_on(curve: Curve) -> Result<Self, Error> {
        let pair = EcdsaKeyPair::generate(parameters(curve)).map_err(|_| {
            Error::new(Code::SigningFailed, "an elliptic-curve key could not be made")
        })?;
        Self::from_pair(pair, curve)
    }

    /// An existing key in PKCS#8 (RFC 5208), DER, on the named curve.
    ///
    /// # Errors
    /// `key_rejected` when it is not a private key on that curve.
    pub fn from_pkcs8_der(der: &[u8], curve: Curve) -> Result<Self, Error> {
        let pair = EcdsaKeyPair::from_pkcs8(parameters(curve), der).map_err(|_| {
            Error::new(Code::KeyRejected, "not a private key on this curve in PKCS#8")
        })?;
        Self::from_pair(pair, curve)
    }

    fn from_pair(pair: EcdsaKeyPair, curve: Curve) -> Result<Self, Error> {
        let algorithm = match curve {
            Curve::P256 => Algorithm::Es256,
            Curve::P384 => Algorithm::Es384,
            Curve::P521 => Algorithm::Es512,
        };
        // SEC 1, section 2.3.3: an uncompressed point is 4, x, y.
        let coordinates = pair.public_key().as_ref().split_first().map(|(_, rest)| rest);
        let (x, y) = coordinates
            .and_then(|rest| rest.split_at_checked(curve.field_bytes()))
            .ok_or_else(|| Error::new(Code::Internal, "the public key has an unknown form"))?;
        let public = PublicKey::Ec { curve, x: x.to_vec(), y: y.to_vec() };
        let public = Jwk::new(&public, None, Some(algorithm))?.named_by_thumbprint();
        Ok(Self { pair, public, algorithm })
    }

    /// The same key under another name.
    #[must_use]
    pub fn with_key_id(mut self, key_id: impl Into<String>) -> Self {
        self.public = self.public.with_key_id(key_id);
        self
    }
}

impl Signer for EcSigner {
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    fn key_id(&self) -> &str {
        self.public.key_id().unwrap_or_default()
    }

    fn public_jwk(&self) -> String {
        self.public.to_json()
    }

    fn sign(&self, input: &[u8]) -> Result<Vec<u8>, Error> {
        self.pair
            .sign(&SystemRandom::new(), input)
            .map(|signature| signature.as_ref().to_vec())
            .map_err(|_| Error::new(Code::SigningFailed, "the ECDSA signature failed"))
    }
}

impl fmt::Debug for EcSigner {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("EcSigner")
            .field("algorithm", &self.algorithm)
            .field("key_id", &self.public.key_id())
            .finish_non_exhaustive()
    }
}

fn parameters(curve: Curve) -> &'static EcdsaSigningAlgorithm {
    match curve {
        Curve::P256 => &signature::ECDSA_P256_SHA256_FIXED_SIGNING,
        Curve::P384 => &signature::ECDSA_P384_SHA384_FIXED_SIGNING,
        Curve::P521 => &signature::ECDSA_P521_SHA512_FIXED_SIGNING,
    }
}
