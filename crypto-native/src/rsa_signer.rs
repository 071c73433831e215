//! RSA signatures. aws-lc blinds the private operation, which pure-Rust RSA does not do reliably
//! (RUSTSEC-2023-0071).

use crate::rsa_key::RsaKey;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{self, KeyPair as _, RsaEncoding};
use std::fmt;
use workload_identity_core::crypto::{PreparedKey as _, Signer};
use workload_identity_core::jose::{Algorithm, Jwk, PublicKey};
use workload_identity_core::{Code, Error};

/// An RSA key that signs; RS256 unless changed, named by its thumbprint unless changed.
pub struct RsaSigner {
    pair: KeyPair,
    own: RsaKey,
    public: Jwk,
    algorithm: Algorithm,
}

impl RsaSigner {
    /// A new key of 2048, 3072, 4096 or 8192 bits.
    ///
    /// # Errors
    /// `key_rejected` for another size, `signing_failed` when the key cannot be made.
    pub fn generate(bits: usize) -> Result<Self, Error> {
        let size = match bits {
            2048 => KeySize::Rsa2048,
            3072 => KeySize::Rsa3072,
            4096 => KeySize::Rsa4096,
            8192 => KeySize::Rsa8192,
            _ => {
                return Err(Error::new(
                    Code::KeyRejected,
                    "RSA keys are made with 2048, 3072, 4096 or 8192 bits",
                ));
            }
        };
        let pair = KeyPair::generate(size)
            .map_err(|_| Error::new(Code::SigningFailed, "an RSA key could not be made"))?;
        Self::from_pair(pair)
    }

    /// An existing key in PKCS#8 (RFC 5208), DER.
    ///
    /// # Errors
    /// `key_rejected` when it is not an RSA private key of at least 2048 bits.
    pub fn from_pkcs8_der(der: &[u8]) -> Result<Self, Error> {
        let pair = KeyPair::from_pkcs8(der)
            .map_err(|_| Error::new(Code::KeyRejected, "not an RSA private key in PKCS#8"))?;
        Self::from_pair(pair)
    }

    fn from_pair(pair: KeyPair) -> Result<Self, Error> {
        let key = pair.public_key();
        let modulus = key.modulus().big_endian_without_leading_zero().to_vec();
        let exponent = key.exponent().big_endian_without_leading_zero().to_vec();
        let own = RsaKey::prepare(&modulus, &exponent, None)?;
        let public = PublicKey::Rsa { modulus, exponent };
        let algorithm = Algorithm::Rs256;
        let public = Jwk::new(&public, None, Some(algorithm))?.named_by_thumbprint();
        Ok(Self { pair, own, public, algorithm })
    }

    /// The same key for another RSA algorithm.
    ///
    /// # Errors
    /// `key_rejected` when the algorithm is not an RSA one.
    pub fn with_algorithm(mut self, algorithm: Algorithm) -> Result<Self, Error> {
        self.public = self.public.with_algorithm(algorithm)?;
        self.algorithm = algorithm;
        Ok(self)
    }

    /// The same key under another name.
    #[must_use]
    pub fn with_key_id(mut self, key_id: impl Into<String>) -> Self {
        self.public = self.public.with_key_id(key_id);
        self
    }
}

impl Signer for RsaSigner {
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
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(encoding(self.algorithm)?, &SystemRandom::new(), input, &mut signature)
            .map_err(|_| Error::new(Code::SigningFailed, "the RSA signature failed"))?;
        // A signature computed wrongly can give the private key away (Boneh, DeMillo, Lipton): none leaves unverified.
        self.own
            .verify(self.algorithm, input, &signature)
            .map_err(|_| Error::new(Code::SigningFailed, "the RSA signature came out wrong"))?;
        Ok(signature)
    }
}

impl fmt::Debug for RsaSigner {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("RsaSigner")
            .field("algorithm", &self.algorithm)
            .field("key_id", &self.public.key_id())
            .finish_non_exhaustive()
    }
}

fn encoding(algorithm: Algorithm) -> Result<&'static dyn RsaEncoding, Error> {
    Ok(match algorithm {
        Algorithm::Rs256 => &signature::RSA_PKCS1_SHA256,
        Algorithm::Rs384 => &signature::RSA_PKCS1_SHA384,
        Algorithm::Rs512 => &signature::RSA_PKCS1_SHA512,
        Algorithm::Ps256 => &signature::RSA_PSS_SHA256,
        Algorithm::Ps384 => &signature::RSA_PSS_SHA384,
        Algorithm::Ps512 => &signature::RSA_PSS_SHA512,
        _ => return Err(Error::new(Code::KeyRejected, "an RSA key signs RS* and PS* only")),
    })
}
