//! SHA-256 of names, keys and documents.

use sha2::{Digest, Sha256};

/// The digest of these bytes, one after the other.
pub(crate) fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    hash.finalize().into()
}
