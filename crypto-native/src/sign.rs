//! Signatures with private keys that aws-lc holds.
//!
//! aws-lc blinds RSA's private operation, which pure-Rust RSA does not do reliably (RUSTSEC-2023-0071).

use crate::verify::RsaKey;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{self, KeySize};
use aws_lc_rs::signature::{
    self, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair as _, RsaEncoding,
};
use std::fmt;
use workload_identity_core::crypto::{PreparedKey as _, Signer};
use workload_identity_core::jose::{Algorithm, Curve, Jwk, PublicKey};
use workload_identity_core::{Code, Error};

/// A private key and the algorithm it signs with. The key id is the thumbprint (RFC 7638) unless changed.
pub struct AwsLcSigner {
    key: PrivateKey,
    public: Jwk,
    algorithm: Algorithm,
}

enum PrivateKey {
    /// With its public key, for the check after each signature.
    Rsa(rsa::KeyPair, Box<RsaKey>),
    Ec(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl AwsLcSigner {
    /// Generates an RSA key of 2048, 3072, 4096 or 8192 bits for RS256.
    ///
    /// # Errors
    /// `key_rejected` for another size, `signing_failed` when the key cannot be made.
    pub fn generate_rsa(bits: usize) -> Result<Self, Error> {
        let size = match bits {
            2048 => KeySize::Rsa2048,
            3072 => KeySize::Rsa3072,
            4096 => KeySize::Rsa4096,
            8192 => KeySize::Rsa8192,
            _ => return Err(rejected("RSA keys are made with 2048, 3072, 4096 or 8192 bits")),
        };
        let pair =
            rsa::KeyPair::generate(size).map_err(|_| failed("an RSA key could not be made"))?;
        Self::rsa(pair)
    }

    /// Generates a key on a curve for its ECDSA algorithm, such as ES256 for P-256.
    ///
    /// # Errors
    /// `signing_failed` when the key cannot be made.
    pub fn generate_ec(curve: Curve) -> Result<Self, Error> {
        let pair = EcdsaKeyPair::generate(ecdsa(curve).1)
            .map_err(|_| failed("an elliptic-curve key could not be made"))?;
        Self::ec(pair, curve)
    }

    /// Generates an Ed25519 key.
    ///
    /// # Errors
    /// `signing_failed` when the key cannot be made.
    pub fn generate_ed25519() -> Result<Self, Error> {
        let pair =
            Ed25519KeyPair::generate().map_err(|_| failed("an Ed25519 key could not be made"))?;
        Self::ed25519(pair)
    }

    /// Reads an RSA key in PKCS#8 (RFC 5208), DER, for RS256.
    ///
    /// # Errors
    /// `key_rejected` when it is not an RSA private key of at least 2048 bits.
    pub fn rsa_from_pkcs8_der(der: &[u8]) -> Result<Self, Error> {
        let pair = rsa::KeyPair::from_pkcs8(der)
            .map_err(|_| rejected("not an RSA private key in PKCS#8"))?;
        Self::rsa(pair)
    }

    /// Reads an RSA key in PKCS#1 (RFC 8017, appendix A.1.2), DER, for RS256.
    ///
    /// # Errors
    /// `key_rejected` when it is not an RSA private key of at least 2048 bits.
    pub fn rsa_from_pkcs1_der(der: &[u8]) -> Result<Self, Error> {
        let pair = rsa::KeyPair::from_der(der)
            .map_err(|_| rejected("not an RSA private key of at least 2048 bits in PKCS#1"))?;
        Self::rsa(pair)
    }

    /// Reads a key on P-256, P-384 or P-521 in ECPrivateKey (RFC 5915), DER, for the algorithm of its curve.
    ///
    /// # Errors
    /// `key_rejected` when it is not a private key on one of these curves.
    pub fn ec_from_sec1_der(der: &[u8]) -> Result<Self, Error> {
        for curve in Curve::ALL.iter().copied() {
            if let Ok(pair) = EcdsaKeyPair::from_private_key_der(ecdsa(curve).1, der) {
                return Self::ec(pair, curve);
            }
        }
        Err(rejected("not a private key on P-256, P-384 or P-521"))
    }

    /// Reads an RSA, EC or Ed25519 key in PKCS#8 (RFC 5208), DER: RS256 for RSA, otherwise the algorithm of its curve.
    ///
    /// # Errors
    /// `key_rejected` when it is another key, or an RSA key of less than 2048 bits.
    pub fn from_pkcs8_der(der: &[u8]) -> Result<Self, Error> {
        let on_a_curve =
            || Curve::ALL.iter().find_map(|curve| Self::ec_from_pkcs8_der(der, *curve).ok());
        Self::rsa_from_pkcs8_der(der)
            .ok()
            .or_else(on_a_curve)
            .or_else(|| Self::ed25519_from_pkcs8_der(der).ok())
            .ok_or_else(|| {
                rejected(
                    "not a private key for RSA of at least 2048 bits, P-256, P-384, P-521 or Ed25519 in PKCS#8",
                )
            })
    }

    /// Reads a key on the named curve in PKCS#8 (RFC 5208), DER.
    ///
    /// # Errors
    /// `key_rejected` when it is not a private key on that curve.
    pub fn ec_from_pkcs8_der(der: &[u8], curve: Curve) -> Result<Self, Error> {
        let pair = EcdsaKeyPair::from_pkcs8(ecdsa(curve).1, der)
            .map_err(|_| rejected("not a private key on this curve in PKCS#8"))?;
        Self::ec(pair, curve)
    }

    /// Reads an Ed25519 key in PKCS#8 (RFC 8410), DER. The public key is derived, never taken from the caller
    /// (RUSTSEC-2022-0093); one in the document has to be the derived one.
    ///
    /// # Errors
    /// `key_rejected` when it is not an Ed25519 private key.
    pub fn ed25519_from_pkcs8_der(der: &[u8]) -> Result<Self, Error> {
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(der)
            .map_err(|_| rejected("not an Ed25519 private key in PKCS#8"))?;
        Self::ed25519(pair)
    }

    fn rsa(pair: rsa::KeyPair) -> Result<Self, Error> {
        let key = pair.public_key();
        let modulus = key.modulus().big_endian_without_leading_zero().to_vec();
        let exponent = key.exponent().big_endian_without_leading_zero().to_vec();
        let verifying = RsaKey::prepare(&modulus, &exponent, None)?;
        let public = PublicKey::Rsa { modulus, exponent };
        Self::new(PrivateKey::Rsa(pair, Box::new(verifying)), &public, Algorithm::Rs256)
    }

    fn ec(pair: EcdsaKeyPair, curve: Curve) -> Result<Self, Error> {
        // SEC 1, section 2.3.3: an uncompressed point is 4, x, y.
        let point = pair.public_key().as_ref();
        let coordinates = point.split_first().map(|(_, coordinates)| coordinates);
        let (x, y) = coordinates
            .and_then(|coordinates| coordinates.split_at_checked(curve.field_bytes()))
            .ok_or_else(unknown_form)?;
        let public = PublicKey::Ec { curve, x: x.to_vec(), y: y.to_vec() };
        Self::new(PrivateKey::Ec(pair), &public, ecdsa(curve).0)
    }

    fn ed25519(pair: Ed25519KeyPair) -> Result<Self, Error> {
        let x = pair.public_key().as_ref().try_into().map_err(|_| unknown_form())?;
        Self::new(PrivateKey::Ed25519(pair), &PublicKey::Okp { x }, Algorithm::Ed25519)
    }

    fn new(key: PrivateKey, public: &PublicKey, algorithm: Algorithm) -> Result<Self, Error> {
        let public = Jwk::new(public, None, Some(algorithm))?.named_by_thumbprint();
        Ok(Self { key, public, algorithm })
    }

    /// Returns the same key for another algorithm. Only RSA keys have several.
    ///
    /// # Errors
    /// `key_rejected` when the algorithm is not for the key.
    pub fn with_algorithm(mut self, algorithm: Algorithm) -> Result<Self, Error> {
        self.public = self.public.with_algorithm(algorithm)?;
        self.algorithm = algorithm;
        Ok(self)
    }

    /// Returns the same key under another key id.
    #[must_use]
    pub fn with_key_id(mut self, key_id: impl Into<String>) -> Self {
        self.public = self.public.with_key_id(key_id);
        self
    }
}

impl Signer for AwsLcSigner {
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
        match &self.key {
            PrivateKey::Rsa(pair, public) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(
                    rsa_encoding(self.algorithm)?,
                    &SystemRandom::new(),
                    input,
                    &mut signature,
                )
                .map_err(|_| failed("the RSA signature failed"))?;
                // A wrong signature can reveal the private key (Boneh, DeMillo, Lipton 1997), so each one is verified.
                public
                    .verify(self.algorithm, input, &signature)
                    .map_err(|_| failed("the RSA signature does not verify"))?;
                Ok(signature)
            }
            PrivateKey::Ec(pair) => pair
                .sign(&SystemRandom::new(), input)
                .map(|signature| signature.as_ref().to_vec())
                .map_err(|_| failed("the ECDSA signature failed")),
            PrivateKey::Ed25519(pair) => pair
                .try_sign(input)
                .map(|signature| signature.as_ref().to_vec())
                .map_err(|_| failed("the Ed25519 signature failed")),
        }
    }
}

impl fmt::Debug for AwsLcSigner {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("AwsLcSigner")
            .field("algorithm", &self.algorithm)
            .field("key_id", &self.public.key_id())
            .finish_non_exhaustive()
    }
}

fn ecdsa(curve: Curve) -> (Algorithm, &'static EcdsaSigningAlgorithm) {
    match curve {
        Curve::P256 => (Algorithm::Es256, &signature::ECDSA_P256_SHA256_FIXED_SIGNING),
        Curve::P384 => (Algorithm::Es384, &signature::ECDSA_P384_SHA384_FIXED_SIGNING),
        Curve::P521 => (Algorithm::Es512, &signature::ECDSA_P521_SHA512_FIXED_SIGNING),
    }
}

fn rsa_encoding(algorithm: Algorithm) -> Result<&'static dyn RsaEncoding, Error> {
    Ok(match algorithm {
        Algorithm::Rs256 => &signature::RSA_PKCS1_SHA256,
        Algorithm::Rs384 => &signature::RSA_PKCS1_SHA384,
        Algorithm::Rs512 => &signature::RSA_PKCS1_SHA512,
        Algorithm::Ps256 => &signature::RSA_PSS_SHA256,
        Algorithm::Ps384 => &signature::RSA_PSS_SHA384,
        Algorithm::Ps512 => &signature::RSA_PSS_SHA512,
        _ => return Err(rejected("an RSA key signs RS* and PS* only")),
    })
}

fn rejected(message: &str) -> Error {
    Error::new(Code::KeyRejected, message)
}

fn failed(message: &str) -> Error {
    Error::new(Code::SigningFailed, message)
}

fn unknown_form() -> Error {
    Error::new(Code::Internal, "the public key has an unknown form")
}
