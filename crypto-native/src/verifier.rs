//! Verification with prepared keys.

use aws_lc_rs::signature::{
    self, ParsedPublicKey, RsaParameters, RsaPublicKeyComponents, VerificationAlgorithm,
};
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use workload_identity_core::crypto::{Verifier, signature_invalid};
use workload_identity_core::jose::{Algorithm, Curve, Jwk, PublicKey};
use workload_identity_core::{Code, Error};

/// Prepared keys kept; one full key set of the largest size.
const MAX_PREPARED: usize = 1000;

/// A prepared key is found by the key's thumbprint, which depends on nothing but its numbers.
type Prepared = HashMap<([u8; 32], Algorithm), Arc<ParsedPublicKey>>;

/// aws-lc-rs as a provider. Each key is imported at its first use and kept ready.
#[derive(Default)]
pub struct AwsLc {
    prepared: RwLock<Prepared>,
}

impl AwsLc {
    /// A provider without prepared keys.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn prepare(&self, algorithm: Algorithm, key: &Jwk) -> Result<Arc<ParsedPublicKey>, Error> {
        let name = (*key.thumbprint(), algorithm);
        // A panic elsewhere cannot leave the map half changed, so a poisoned lock is as good as any.
        let prepared = self.prepared.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(ready) = prepared.get(&name) {
            return Ok(Arc::clone(ready));
        }
        drop(prepared);
        let ready = Arc::new(import(algorithm, key)?);
        let mut prepared = self.prepared.write().unwrap_or_else(PoisonError::into_inner);
        if prepared.len() >= MAX_PREPARED {
            // Rotated keys gather slowly; what is still in use comes back at its next use.
            prepared.clear();
        }
        prepared.insert(name, Arc::clone(&ready));
        Ok(ready)
    }
}

impl Verifier for AwsLc {
    fn verify_checked(
        &self,
        algorithm: Algorithm,
        key: &Jwk,
        input: &[u8],
        signature: &[u8],
    ) -> Result<(), Error> {
        self.prepare(algorithm, key)?.verify_sig(input, signature).map_err(|_| signature_invalid())
    }
}

impl fmt::Debug for AwsLc {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("AwsLc").finish_non_exhaustive()
    }
}

fn import(algorithm: Algorithm, key: &Jwk) -> Result<ParsedPublicKey, Error> {
    let rejected =
        || Error::new(Code::KeyRejected, "the key's numbers are not those of a public key");
    match key.key() {
        PublicKey::Rsa { modulus, exponent } => RsaPublicKeyComponents { n: modulus, e: exponent }
            .to_parsed_public_key(rsa_parameters(algorithm)?)
            .map_err(|_| rejected()),
        PublicKey::Ec { curve, x, y } => {
            let parameters: &'static dyn VerificationAlgorithm = match curve {
                Curve::P256 => &signature::ECDSA_P256_SHA256_FIXED,
                Curve::P384 => &signature::ECDSA_P384_SHA384_FIXED,
            };
            // SEC 1, section 2.3.3: an uncompressed point.
            let point = [&[4][..], x, y].concat();
            ParsedPublicKey::new(parameters, point).map_err(|_| rejected())
        }
        _ => Err(unsupported()),
    }
}

fn rsa_parameters(algorithm: Algorithm) -> Result<&'static RsaParameters, Error> {
    Ok(match algorithm {
        Algorithm::Rs256 => &signature::RSA_PKCS1_2048_8192_SHA256,
        Algorithm::Rs384 => &signature::RSA_PKCS1_2048_8192_SHA384,
        Algorithm::Rs512 => &signature::RSA_PKCS1_2048_8192_SHA512,
        Algorithm::Ps256 => &signature::RSA_PSS_2048_8192_SHA256,
        Algorithm::Ps384 => &signature::RSA_PSS_2048_8192_SHA384,
        Algorithm::Ps512 => &signature::RSA_PSS_2048_8192_SHA512,
        _ => return Err(unsupported()),
    })
}

fn unsupported() -> Error {
    Error::new(Code::AlgUnsupported, "aws-lc-rs is not set up for this algorithm")
}
