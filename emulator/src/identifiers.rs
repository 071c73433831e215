//! Identifiers from the host's seed: trace ids, `uti`, `jti`. Unique, not secret.

use sha2::{Digest, Sha256};
use workload_identity_core::{Seed, jose::base64url_encode};

/// SHA-256 of seed and counter.
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
        let mut bytes = self.block();
        bytes[6] = (bytes[6] & 0x0f) | 0x40;
        bytes[8] = (bytes[8] & 0x3f) | 0x80;
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
    }

    /// 22 characters, the form of Entra's `uti`.
    pub(crate) fn short(&mut self) -> String {
        base64url_encode(&self.block())
    }
}

/// Whether the text is a UUID in its usual spelling, any case.
pub(crate) fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(index, byte)| match index {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_differ_and_have_their_form() {
        let mut ids = Identifiers::new([3; 32]);
        let (first, second) = (ids.uuid(), ids.uuid());
        assert_ne!(first, second);
        assert!(is_uuid(&first), "{first}");
        assert_eq!(ids.short().len(), 22);
    }

    #[test]
    fn other_text_is_no_uuid() {
        for text in
            ["", "0f5c2d1a-9b7e-4c36-8d24-6a1e5f3b7c8", "0f5c2d1a09b7e-4c36-8d24-6a1e5f3b7c80"]
        {
            assert!(!is_uuid(text), "{text}");
        }
    }
}
