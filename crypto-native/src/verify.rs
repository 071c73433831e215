//! Verification with public keys that aws-lc has imported.

use aws_lc_rs::signature::{
    self, ParsedPublicKey, RsaParameters, RsaPublicKeyComponents, VerificationAlgorithm,
};
use curve25519_dalek::edwards::CompressedEdwardsY;
use std::sync::OnceLock;
use workload_identity_core::crypto::{
    Prepared, PreparedKey, Provider, key_rejected, signature_invalid,
};
use workload_identity_core::jose::{Algorithm, Curve, Jwk, MIN_RSA_BITS, PublicKey};
use workload_identity_core::{Code, Error};

/// The provider of aws-lc-rs.
#[derive(Clone, Copy, Debug, Default)]
pub struct AwsLc;

impl Provider for AwsLc {
    fn prepare(&self, key: &Jwk) -> Result<Prepared, Error> {
        Ok(Prepared::Here(match key.key() {
            PublicKey::Rsa { modulus, exponent } => {
                Box::new(RsaKey::prepare(modulus, exponent, key.algorithm())?)
            }
            PublicKey::Ec { curve, x, y } => {
                let parameters: &'static dyn VerificationAlgorithm = match curve {
                    Curve::P256 => &signature::ECDSA_P256_SHA256_FIXED,
                    Curve::P384 => &signature::ECDSA_P384_SHA384_FIXED,
                    Curve::P521 => &signature::ECDSA_P521_SHA512_FIXED,
                };
                // SEC 1, section 2.3.3: an uncompressed point.
                OneAlgorithm::prepare(parameters, &[&[4][..], x, y].concat())?
            }
            PublicKey::Okp { x } => {
                // aws-lc checks the point only when it verifies, and never checks its order.
                let point = CompressedEdwardsY(*x).decompress();
                if !point.is_some_and(|point| point.is_torsion_free()) {
                    return Err(key_rejected());
                }
                OneAlgorithm::prepare(&signature::ED25519, x)?
            }
            #[cfg(feature = "ml-dsa")]
            PublicKey::Akp { algorithm, public } => {
                let parameters: &'static dyn VerificationAlgorithm = match algorithm {
                    Algorithm::MlDsa44 => &signature::ML_DSA_44,
                    Algorithm::MlDsa65 => &signature::ML_DSA_65,
                    Algorithm::MlDsa87 => &signature::ML_DSA_87,
                    _ => return Err(unsupported()),
                };
                OneAlgorithm::prepare(parameters, public)?
            }
            _ => return Err(unsupported()),
        }))
    }
}

/// A public key with one algorithm only.
struct OneAlgorithm(ParsedPublicKey);

impl OneAlgorithm {
    fn prepare(
        parameters: &'static dyn VerificationAlgorithm,
        key: &[u8],
    ) -> Result<Box<Self>, Error> {
        let key = ParsedPublicKey::new(parameters, key).map_err(|_| key_rejected())?;
        Ok(Box::new(Self(key)))
    }
}

impl PreparedKey for OneAlgorithm {
    fn verify(&self, _: Algorithm, input: &[u8], signature: &[u8]) -> Result<(), Error> {
        self.0.verify_sig(input, signature).map_err(|_| signature_invalid())
    }
}

/// An RSA public key. aws-lc imports it once per algorithm: at once for the one in the JWK, otherwise at the first use.
pub(crate) struct RsaKey {
    modulus: Vec<u8>,
    exponent: Vec<u8>,
    imported: [OnceLock<ParsedPublicKey>; 6],
}

impl RsaKey {
    /// Imports a key for this algorithm, or for RS256.
    pub(crate) fn prepare(
        modulus: &[u8],
        exponent: &[u8],
        algorithm: Option<Algorithm>,
    ) -> Result<Self, Error> {
        let key = Self {
            modulus: modulus.to_vec(),
            exponent: exponent.to_vec(),
            imported: Default::default(),
        };
        key.imported(algorithm.unwrap_or(Algorithm::Rs256))?;
        Ok(key)
    }

    fn imported(&self, algorithm: Algorithm) -> Result<&ParsedPublicKey, Error> {
        let (index, parameters) = rsa_parameters(algorithm)?;
        let imported = self.imported.get(index).ok_or_else(unsupported)?;
        match imported.get() {
            Some(key) => Ok(key),
            None => {
                let key = self.import(parameters)?;
                Ok(imported.get_or_init(|| key))
            }
        }
    }

    fn import(&self, mut parameters: &'static RsaParameters) -> Result<ParsedPublicKey, Error> {
        let unused = self.modulus.first().map_or(0, |first| first.leading_zeros() as usize);
        if self.modulus.len() * 8 - unused < MIN_RSA_BITS {
            // The checks of the JWK allow only RS256 for such a key.
            parameters = &signature::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY;
        }
        let components = RsaPublicKeyComponents { n: &self.modulus, e: &self.exponent };
        components.to_parsed_public_key(parameters).map_err(|_| key_rejected())
    }
}

impl PreparedKey for RsaKey {
    fn verify(&self, algorithm: Algorithm, input: &[u8], signature: &[u8]) -> Result<(), Error> {
        self.imported(algorithm)?.verify_sig(input, signature).map_err(|_| signature_invalid())
    }
}

/// Returns the index of an algorithm in [`RsaKey::imported`], and its parameters.
fn rsa_parameters(algorithm: Algorithm) -> Result<(usize, &'static RsaParameters), Error> {
    Ok(match algorithm {
        Algorithm::Rs256 => (0, &signature::RSA_PKCS1_2048_8192_SHA256),
        Algorithm::Rs384 => (1, &signature::RSA_PKCS1_2048_8192_SHA384),
        Algorithm::Rs512 => (2, &signature::RSA_PKCS1_2048_8192_SHA512),
        Algorithm::Ps256 => (3, &signature::RSA_PSS_2048_8192_SHA256),
        Algorithm::Ps384 => (4, &signature::RSA_PSS_2048_8192_SHA384),
        Algorithm::Ps512 => (5, &signature::RSA_PSS_2048_8192_SHA512),
        _ => return Err(unsupported()),
    })
}

fn unsupported() -> Error {
    Error::new(Code::AlgUnsupported, "aws-lc-rs does not support this algorithm here")
}
