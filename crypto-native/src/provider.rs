//! Verification with keys that aws-lc has imported.

use aws_lc_rs::signature::{
    self, ParsedPublicKey, RsaParameters, RsaPublicKeyComponents, VerificationAlgorithm,
};
use std::sync::OnceLock;
use workload_identity_core::crypto::{Prepared, PreparedKey, Provider, signature_invalid};
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
                };
                // SEC 1, section 2.3.3: an uncompressed point.
                let point = [&[4][..], x, y].concat();
                Box::new(OneAlgorithm(
                    ParsedPublicKey::new(parameters, point).map_err(|_| rejected())?,
                ))
            }
            _ => return Err(unsupported()),
        }))
    }
}

/// A key that has one algorithm only.
struct OneAlgorithm(ParsedPublicKey);

impl PreparedKey for OneAlgorithm {
    fn verify(&self, _: Algorithm, input: &[u8], signature: &[u8]) -> Result<(), Error> {
        self.0.verify_sig(input, signature).map_err(|_| signature_invalid())
    }
}

/// An RSA key. aws-lc imports it per algorithm: at once for the one it names, else at the first use.
struct RsaKey {
    modulus: Vec<u8>,
    exponent: Vec<u8>,
    ready: [OnceLock<ParsedPublicKey>; 6],
}

impl RsaKey {
    fn prepare(modulus: &[u8], exponent: &[u8], only: Option<Algorithm>) -> Result<Self, Error> {
        let key = Self {
            modulus: modulus.to_vec(),
            exponent: exponent.to_vec(),
            ready: Default::default(),
        };
        let (place, parameters) = rsa_parameters(only.unwrap_or(Algorithm::Rs256))?;
        key.ready(place, parameters)?;
        Ok(key)
    }

    fn ready(
        &self,
        place: usize,
        parameters: &'static RsaParameters,
    ) -> Result<&ParsedPublicKey, Error> {
        let place = self.ready.get(place).ok_or_else(unsupported)?;
        if let Some(ready) = place.get() {
            return Ok(ready);
        }
        let components = RsaPublicKeyComponents { n: &self.modulus, e: &self.exponent };
        let ready = components.to_parsed_public_key(parameters).map_err(|_| rejected())?;
        Ok(place.get_or_init(|| ready))
    }
}

impl PreparedKey for RsaKey {
    fn verify(&self, algorithm: Algorithm, input: &[u8], signature: &[u8]) -> Result<(), Error> {
        let (place, parameters) = rsa_parameters(algorithm)?;
        self.ready(place, parameters)?.verify_sig(input, signature).map_err(|_| signature_invalid())
    }
}

/// The place of an algorithm among those of an RSA key, and its parameters.
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

fn rejected() -> Error {
    Error::new(Code::KeyRejected, "the key's numbers are not those of a public key")
}

fn unsupported() -> Error {
    Error::new(Code::AlgUnsupported, "aws-lc-rs is not set up for this algorithm")
}
