//! Randomness as an argument: jitter, correlation ids and `jti` derive from the host's 32-byte seed.

use crate::digest::sha256;
use alloc::string::String;

/// 32 random bytes from the host, given once per engine, again after a fork or a restored snapshot.
pub type Seed = [u8; 32];

/// A small deterministic generator: SHA-256 of seed and counter. It feeds jitter and identifiers,
/// never key material.
#[derive(Clone)]
pub struct Entropy {
    seed: Seed,
    counter: u64,
}

impl core::fmt::Debug for Entropy {
    /// The seed predicts every identifier to come.
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.debug_struct("Entropy").field("counter", &self.counter).finish_non_exhaustive()
    }
}

impl Entropy {
    /// A generator of a host's seed.
    #[must_use]
    pub fn new(seed: Seed) -> Self {
        Self { seed, counter: 0 }
    }

    fn block(&mut self) -> [u8; 32] {
        let block = sha256(&[&self.seed, &self.counter.to_be_bytes()]);
        self.counter = self.counter.wrapping_add(1);
        block
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

    /// A random UUID (RFC 9562, version 4) in its usual spelling.
    pub(crate) fn uuid(&mut self) -> String {
        let mut text = String::with_capacity(36);
        for (index, byte) in self.block().into_iter().take(16).enumerate() {
            if matches!(index, 4 | 6 | 8 | 10) {
                text.push('-');
            }
            let byte = match index {
                6 => (byte & 0x0f) | 0x40,
                8 => (byte & 0x3f) | 0x80,
                _ => byte,
            };
            text.push(hex_digit(byte >> 4));
            text.push(hex_digit(byte & 0x0f));
        }
        text
    }
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().flat_map(|byte| [hex_digit(byte >> 4), hex_digit(byte & 0x0f)]).collect()
}

/// Lower-case, of a number below 16.
pub(crate) fn hex_digit(nibble: u8) -> char {
    char::from(if nibble < 10 { b'0' + nibble } else { b'a' + (nibble - 10) })
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
