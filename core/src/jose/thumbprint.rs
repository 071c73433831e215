//! The thumbprint of a key (RFC 7638): a name that depends on nothing but the key.

use super::{PublicKey, base64url_encode};
use crate::json;
use alloc::string::String;
use sha2::{Digest, Sha256};

/// SHA-256 over the required members in lexicographic order (RFC 7638, section 3.2; for `OKP` RFC 8037, section 2, for
/// `AKP` RFC 9964).
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
        PublicKey::Okp { x } => {
            o.text("crv", "Ed25519").text("kty", "OKP").text("x", &base64url_encode(x));
        }
        PublicKey::Akp { algorithm, public } => {
            o.text("alg", algorithm.name())
                .text("kty", "AKP")
                .text("pub", &base64url_encode(public));
        }
    });
    Sha256::digest(canonical.as_bytes()).into()
}

/// The thumbprint as a URI (RFC 9278, section 3).
pub(super) fn uri(thumbprint: &[u8; 32]) -> String {
    let mut uri = String::from("urn:ietf:params:oauth:jwk-thumbprint:sha-256:");
    uri.push_str(&base64url_encode(thumbprint));
    uri
}
