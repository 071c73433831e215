//! Randomness as an argument: jitter, correlation ids and `jti` derive from the host's 32-byte seed.

use alloc::string::{String, ToString};
use sha2::{Digest, Sha256};
use uuid::Builder;

/// 32 random bytes from the host: one seed per engine, and a new one after a fork or a restored snapshot.
pub type Seed = [u8; 32];

/// A deterministic generator, SHA-256 of a seed and a counter, for jitter and identifiers. Never used for key material.
#[derive(Clone)]
pub struct Entropy {
    seed: Seed,
    counter: u64,
}

impl core::fmt::Debug for Entropy {
    /// Omits the seed, because it predicts all later identifiers.
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.debug_struct("Entropy").field("counter", &self.counter).finish_non_exhaustive()
    }
}

impl Entropy {
    /// A generator with a host's seed.
    #[must_use]
    pub fn new(seed: Seed) -> Self {
        Self { seed, counter: 0 }
    }

    fn block(&mut self) -> [u8; 32] {
        let block = Sha256::new().chain_update(self.seed).chain_update(self.counter.to_be_bytes());
        self.counter = self.counter.wrapping_add(1);
        block.finalize().into()
    }

    /// Uniform in `0..=bound`; the bias of the remainder is below 2^-32 for every bound used here.
    pub(crate) fn up_to(&mut self, bound: u64) -> u64 {
        let [a, b, c, d, e, f, g, h, ..] = self.block();
        let value = u64::from_be_bytes([a, b, c, d, e, f, g, h]);
        match bound.checked_add(1) {
            Some(span) => value % span,
            None => value,
        }
    }

    /// A random UUID (RFC 9562, version 4) in lower case with hyphens.
    pub(crate) fn uuid(&mut self) -> String {
        let mut bytes = [0; 16];
        for (byte, random) in bytes.iter_mut().zip(self.block()) {
            *byte = random;
        }
        Builder::from_random_bytes(bytes).into_uuid().to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_version_4_uuids_and_differ() {
        let mut entropy = Entropy::new([7; 32]);
        let (first, second) = (entropy.uuid(), entropy.uuid());
        assert_ne!(first, second);
        assert_eq!(first.len(), 36);
        assert_eq!(first.chars().nth(14), Some('4'));
        assert!(matches!(first.chars().nth(19), Some('8' | '9' | 'a' | 'b')));
    }

    #[test]
    fn bounds_are_inclusive() {
        let mut entropy = Entropy::new([1; 32]);
        assert!((0..64).all(|_| entropy.up_to(3) <= 3));
        assert_eq!(entropy.up_to(0), 0);
    }
}
