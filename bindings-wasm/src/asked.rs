//! What the host was asked: the keys it has imported, and the verdicts that wait for its word.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use workload_identity_core::jose::{Algorithm, Jwk};
use workload_identity_core::verify::{Sealed, Unproven};

/// More keys than any issuers have at once. Then all are forgotten, here and by the host.
const MAX_KEYS: usize = 256;

/// Keys by number, so that the host imports each once.
#[derive(Default)]
pub(crate) struct AskedKeys {
    keys: Vec<AskedKey>,
}

struct AskedKey {
    algorithm: Algorithm,
    thumbprint: [u8; 32],
    jwk: String,
}

impl AskedKeys {
    /// The number of a token's key, and whether the host has to forget all numbers before.
    pub(crate) fn number(&mut self, unproven: &Unproven<'_>) -> (usize, bool) {
        let algorithm = unproven.algorithm();
        let thumbprint = unproven.key().map(|key| *key.thumbprint()).unwrap_or_default();
        let known = |key: &AskedKey| key.algorithm == algorithm && key.thumbprint == thumbprint;
        if let Some(number) = self.keys.iter().position(known) {
            return (number, false);
        }
        let anew = self.keys.len() >= MAX_KEYS;
        if anew {
            self.keys.clear();
        }
        let jwk = unproven.key().map(Jwk::to_json).unwrap_or_default();
        self.keys.push(AskedKey { algorithm, thumbprint, jwk });
        (self.keys.len() - 1, anew)
    }

    pub(crate) fn text(&self, number: usize) -> String {
        let mut text = String::new();
        if let Some(key) = self.keys.get(number) {
            text.push_str("{\"algorithm\":\"");
            text.push_str(key.algorithm.name());
            text.push_str("\",\"key\":");
            text.push_str(&key.jwk);
            text.push('}');
        }
        text
    }
}

/// Verdicts by number. The host opens each one, also when its own work fails.
#[derive(Default)]
pub(crate) struct SealedVerdicts {
    verdicts: Vec<Option<Box<Sealed>>>,
    free: Vec<usize>,
}

impl SealedVerdicts {
    pub(crate) fn put(&mut self, sealed: Sealed) -> usize {
        let sealed = Some(Box::new(sealed));
        match self.free.pop() {
            Some(number) => {
                if let Some(place) = self.verdicts.get_mut(number) {
                    *place = sealed;
                }
                number
            }
            None => {
                self.verdicts.push(sealed);
                self.verdicts.len() - 1
            }
        }
    }

    pub(crate) fn take(&mut self, number: usize) -> Option<Box<Sealed>> {
        let sealed = self.verdicts.get_mut(number)?.take()?;
        self.free.push(number);
        Some(sealed)
    }
}
