//! Verification with keys that aws-lc has imported.

use crate::rsa_key::RsaKey;
use aws_lc_rs::signature::{self, ParsedPublicKey, VerificationAlgorithm};
use curve25519_dalek::edwards::CompressedEdwardsY;
use workload_identity_core::crypto::{
    Prepared, PreparedKey, Provider, key_rejected, signature_invalid,
};
use workload_identity_core::jose::{Algorithm, Curve, Jwk, PublicKey};
use workload_identity_core::{Code, Error};

/// aws-lc-rs as a provider.
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
                // aws-lc looks at the point only when it verifies, and never at its order.
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

/// A key that has one algorithm only.
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

pub(crate) fn unsupported() -> Error {
    Error::new(Code::AlgUnsupported, "aws-lc-rs is not set up for this algorithm")
}
