//! Identifiers derived from the host's seed: trace ids, `uti`, `jti`. Unique, not secret.

use sha2::{Digest, Sha256};
use uuid::{Builder, Uuid};
use workload_identity_core::{Seed, jose::base64url_encode};

/// Hashes seed and counter with SHA-256.
pub(crate) struct Identifiers {
    seed: Seed,
    counter: u64,
}

impl Identifiers {
    pub(crate) fn new(seed: Seed) -> Self {
        Self { seed, counter: 0 }
    }

    fn block(&mut self) -> [u8; 16] {
        let mut hash = Sha256::new();
        hash.update(self.seed);
        hash.update(self.counter.to_be_bytes());
        self.counter += 1;
        let mut block = [0; 16];
        block.copy_from_slice(&hash.finalize()[..16]);
        block
    }

    /// A version 4 UUID (RFC 9562).
    pub(crate) fn uuid(&mut self) -> String {
        Builder::from_random_bytes(self.block()).into_uuid().to_string()
    }

    /// 22 characters, the format of Entra's `uti`.
    pub(crate) fn short(&mut self) -> String {
        base64url_encode(&self.block())
    }
}

/// Whether the text is a UUID with hyphens, in any case.
pub(crate) fn is_uuid(text: &str) -> bool {
    text.len() == 36 && Uuid::try_parse(text).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_differ_and_have_their_format() {
        let mut ids = Identifiers::new([3; 32]);
        let (first, second) = (ids.uuid(), ids.uuid());
        assert_ne!(first, second);
        assert!(is_uuid(&first), "{first}");
        assert_eq!(ids.short().len(), 22);
    }

    #[test]
    fn other_text_is_no_uuid() {
        for text in [
            "",
            "0f5c2d1a-9b7e-4c36-8d24-6a1e5f3b7c8",
            "0f5c2d1a09b7e-4c36-8d24-6a1e5f3b7c80",
            "0f5c2d1a9b7e4c368d246a1e5f3b7c80",
        ] {
            assert!(!is_uuid(text), "{text}");
        }
    }
}
