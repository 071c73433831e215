//! ML-DSA in pure Rust (FIPS 204; RFC 9964): the whole message, an empty context.

use super::{PreparedKey, key_rejected, signature_invalid};
use crate::Error;
use crate::jose::Algorithm;
use alloc::boxed::Box;
use ml_dsa::{EncodedSignature, EncodedVerifyingKey, MlDsa44, MlDsa65, MlDsa87};
use ml_dsa::{MlDsaParams, Signature, VerifyingKey};

/// A decoded key.
struct Key<P: MlDsaParams>(VerifyingKey<P>);

pub(super) fn prepare(algorithm: Algorithm, public: &[u8]) -> Result<Box<dyn PreparedKey>, Error> {
    Ok(match algorithm {
        Algorithm::MlDsa44 => Box::new(Key::<MlDsa44>::decode(public)?),
        Algorithm::MlDsa65 => Box::new(Key::<MlDsa65>::decode(public)?),
        Algorithm::MlDsa87 => Box::new(Key::<MlDsa87>::decode(public)?),
        _ => return Err(key_rejected()),
    })
}

impl<P: MlDsaParams> Key<P> {
    fn decode(public: &[u8]) -> Result<Self, Error> {
        let encoded = EncodedVerifyingKey::<P>::try_from(public).map_err(|_| key_rejected())?;
        Ok(Self(VerifyingKey::decode(&encoded)))
    }
}

impl<P: MlDsaParams> PreparedKey for Key<P>
where
    VerifyingKey<P>: Send + Sync,
{
    fn verify(&self, _: Algorithm, input: &[u8], signature: &[u8]) -> Result<(), Error> {
        EncodedSignature::<P>::try_from(signature)
            .ok()
            .and_then(|encoded| Signature::<P>::decode(&encoded))
            .filter(|signature| self.0.verify_with_context(input, b"", signature))
            .map(|_| ())
            .ok_or_else(signature_invalid)
    }
}
