//! RSA keys that verify.

use crate::provider::unsupported;
use aws_lc_rs::signature::{self, ParsedPublicKey, RsaParameters, RsaPublicKeyComponents};
use std::sync::OnceLock;
use workload_identity_core::Error;
use workload_identity_core::crypto::{PreparedKey, key_rejected, signature_invalid};
use workload_identity_core::jose::{Algorithm, MIN_RSA_BITS};

/// An RSA key. aws-lc imports it per algorithm: at once for the one it names, else at the first use.
pub(crate) struct RsaKey {
    modulus: Vec<u8>,
    exponent: Vec<u8>,
    ready: [OnceLock<ParsedPublicKey>; 6],
}

impl RsaKey {
    pub(crate) fn prepare(
        modulus: &[u8],
        exponent: &[u8],
        only: Option<Algorithm>,
    ) -> Result<Self, Error> {
        let key = Self {
            modulus: modulus.to_vec(),
            exponent: exponent.to_vec(),
            ready: Default::default(),
        };
        key.ready(only.unwrap_or(Algorithm::Rs256))?;
        Ok(key)
    }

    fn ready(&self, algorithm: Algorithm) -> Result<&ParsedPublicKey, Error> {
        let (place, parameters) = parameters(algorithm)?;
        let place = self.ready.get(place).ok_or_else(unsupported)?;
        match place.get() {
            Some(ready) => Ok(ready),
            None => self.import(place, parameters),
        }
    }

    #[cold]
    fn import<'a>(
        &self,
        place: &'a OnceLock<ParsedPublicKey>,
        mut parameters: &'static RsaParameters,
    ) -> Result<&'a ParsedPublicKey, Error> {
        let unused = self.modulus.first().map_or(0, |first| first.leading_zeros() as usize);
        if self.modulus.len() * 8 - unused < MIN_RSA_BITS {
            // The key's own checks allow nothing but RS256 here.
            parameters = &signature::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY;
        }
        let components = RsaPublicKeyComponents { n: &self.modulus, e: &self.exponent };
        let ready = components.to_parsed_public_key(parameters).map_err(|_| key_rejected())?;
        Ok(place.get_or_init(|| ready))
    }
}

impl PreparedKey for RsaKey {
    fn verify(&self, algorithm: Algorithm, input: &[u8], signature: &[u8]) -> Result<(), Error> {
        self.ready(algorithm)?.verify_sig(input, signature).map_err(|_| signature_invalid())
    }
}

/// The place of an algorithm among those of an RSA key, and its parameters.
fn parameters(algorithm: Algorithm) -> Result<(usize, &'static RsaParameters), Error> {
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
