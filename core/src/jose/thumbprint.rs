//! The thumbprint of a key (RFC 7638): a name that depends on nothing but the key.

use super::{PublicKey, base64url_encode};
use crate::digest::sha256;
use crate::json;
use alloc::string::String;

/// SHA-256 over the required members in lexicographic order (RFC 7638, section 3.2; for `OKP` RFC 8037, section 2, for
/// `AKP` RFC 9964).
pub(super) fn thumbprint(key: &PublicKey) -> [u8; 32] {
    let canonical = json::object(|o| key.write_canonical(o));
    sha256(&[canonical.as_bytes()])
}

/// The thumbprint as a URI (RFC 9278, section 3).
pub(super) fn uri(thumbprint: &[u8; 32]) -> String {
    let mut uri = String::from("urn:ietf:params:oauth:jwk-thumbprint:sha-256:");
    uri.push_str(&base64url_encode(thumbprint));
    uri
}
