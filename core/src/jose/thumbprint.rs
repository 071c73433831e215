//! The thumbprint of a key (RFC 7638): a name that depends on nothing but the key.

use super::{PublicKey, base64url_encode};
use crate::json;
use sha2::{Digest, Sha256};

/// SHA-256 over the required members in lexicographic order (RFC 7638, section 3.2).
pub(super) fn thumbprint(key: &PublicKey) -> [u8; 32] {
    let canonical = json::object(|o| match key {
        PublicKey::Rsa { modulus, exponent } => {
            o.text("e", &base64url_encode(exponent))
                .text("kty", "RSA")
                .text("n", &base64url_encode(modulus));
        }
        PublicKey::Ec { curve, x, y } => {
            o.text("crv", curve.name())
                .text("kty", "EC")
                .text("x", &base64url_encode(x))
                .text("y", &base64url_encode(y));
        }
    });
    Sha256::digest(canonical.as_bytes()).into()
}
