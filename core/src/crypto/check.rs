//! Checks of a signature that are made before any provider's arithmetic.

use crate::jose::{Algorithm, Family, Jwk, PublicKey, is_sound_point, is_sound_scalar};
use crate::{Code, Error};

/// Checks that key and algorithm belong together and that the signature has the one length it can have; for ECDSA also
/// that both halves lie between 1 and the order (CVE-2022-21449), for Ed25519 that both halves have their one encoding
/// and the point is not of small order.
///
/// # Errors
/// `key_rejected` or `signature_invalid`.
pub fn check_signature(algorithm: Algorithm, key: &Jwk, signature: &[u8]) -> Result<(), Error> {
    if !key.fits(algorithm) {
        return Err(Error::new(Code::KeyRejected, "the key is not for the token's algorithm"));
    }
    let sound = match key.key() {
        // RFC 8017, sections 8.1.2 and 8.2.2, step 1; and section 5.2.2, step 1.
        PublicKey::Rsa { modulus, .. } => {
            signature.len() == modulus.len() && signature < modulus.as_slice()
        }
        PublicKey::Ec { curve, .. } => curve.is_signature(signature),
        // RFC 8032, section 5.1.7, step 1.
        PublicKey::Okp { .. } => match signature.split_first_chunk() {
            Some((point, rest)) => {
                is_sound_point(point) && rest.try_into().is_ok_and(is_sound_scalar)
            }
            None => false,
        },
        PublicKey::Akp { .. } => match algorithm.family() {
            Family::MlDsa { signature_bytes, .. } => signature.len() == signature_bytes,
            _ => false,
        },
    };
    if sound { Ok(()) } else { Err(signature_invalid()) }
}

/// The error for every signature that does not verify. It is the same for all reasons.
#[must_use]
pub fn signature_invalid() -> Error {
    Error::new(Code::SignatureInvalid, "the token's signature does not verify")
}

/// The error for every key whose numbers no provider accepts.
#[must_use]
pub fn key_rejected() -> Error {
    Error::new(Code::KeyRejected, "the key's numbers are not those of a public key")
}
