//! What is checked of a signature before any provider computes.

use crate::jose::{Algorithm, Jwk, PublicKey};
use crate::{Code, Error};

/// Checks that key and algorithm belong together and that the signature has the one length it can have;
/// for ECDSA also that both halves lie between 1 and the order (CVE-2022-21449).
///
/// # Errors
/// `key_rejected` or `signature_invalid`.
pub fn check_signature(algorithm: Algorithm, key: &Jwk, signature: &[u8]) -> Result<(), Error> {
    if !key.fits(algorithm) {
        return Err(Error::new(Code::KeyRejected, "the key is not for the token's algorithm"));
    }
    let sound = match key.key() {
        // RFC 8017, sections 8.1.2 and 8.2.2, step 1.
        PublicKey::Rsa { modulus, .. } => signature.len() == modulus.len(),
        // RFC 7518, section 3.4: fixed length, never DER.
        PublicKey::Ec { curve, .. } => {
            let (r, s) = signature.split_at_checked(curve.field_bytes()).unwrap_or_default();
            let in_range = |half: &[u8]| {
                half.len() == curve.field_bytes()
                    && half < curve.order()
                    && half.iter().any(|byte| *byte != 0)
            };
            in_range(r) && in_range(s)
        }
    };
    if sound { Ok(()) } else { Err(signature_invalid()) }
}

/// The one error for every signature that does not verify, whatever the reason.
#[must_use]
pub fn signature_invalid() -> Error {
    Error::new(Code::SignatureInvalid, "the token's signature does not verify")
}
