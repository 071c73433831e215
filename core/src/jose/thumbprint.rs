//! Thumbprints of keys (RFC 7638).

use super::{PublicKey, base64url_encode};
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use sha2::{Digest, Sha256};

/// SHA-256 over the required members in lexicographic order (RFC 7638, section 3.2; for `OKP` RFC 8037, section 2, for
/// `AKP` RFC 9964).
pub(super) fn thumbprint(key: &PublicKey) -> [u8; 32] {
    let members: BTreeMap<_, _> = key.members().into_iter().collect();
    let canonical = serde_json::to_string(&members).unwrap_or_default();
    Sha256::digest(canonical.as_bytes()).into()
}

/// The thumbprint as a URI (RFC 9278, section 3).
pub(super) fn uri(thumbprint: &[u8; 32]) -> String {
    format!("urn:ietf:params:oauth:jwk-thumbprint:sha-256:{}", base64url_encode(thumbprint))
}
