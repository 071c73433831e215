//! Key sets whose keys a provider has prepared: once per set, not once per token.

use super::{Prepared, Provider, check_signature};
use crate::jose::{Algorithm, Jwks};
use crate::{Code, Error};
use alloc::vec::Vec;
use core::fmt;
use core::sync::atomic::{AtomicBool, Ordering};

/// A key set with the prepared form of each key.
#[derive(Default)]
pub struct KeySet {
    jwks: Jwks,
    /// As long as the set's usable keys, in their order.
    prepared: Vec<Prepared>,
    verified: AtomicBool,
}

impl KeySet {
    /// Prepares every key. Keys that the provider refuses become unusable, with its error.
    #[must_use]
    pub fn import(mut set: Jwks, provider: &dyn Provider) -> Self {
        let prepared = set.keep_prepared(|key| provider.prepare(key));
        Self { jwks: set, prepared, verified: AtomicBool::new(false) }
    }

    /// The keys.
    #[must_use]
    pub fn jwks(&self) -> &Jwks {
        &self.jwks
    }

    /// The prepared form of the key at this index of [`Jwks::keys`].
    #[must_use]
    pub fn prepared(&self, index: usize) -> Option<&Prepared> {
        self.prepared.get(index)
    }

    /// Verifies a signature with the key at this index of [`Jwks::keys`]: first the checks that every provider needs, then
    /// the provider's arithmetic.
    ///
    /// # Errors
    /// `signature_invalid`, `key_rejected` (there is no such key, or it is for another algorithm) or
    /// `alg_unsupported` (among others: the host verifies with this key, see [`Prepared::Host`]).
    pub fn verify(
        &self,
        index: usize,
        algorithm: Algorithm,
        input: &[u8],
        signature: &[u8],
    ) -> Result<(), Error> {
        let (Some(key), Some(prepared)) = (self.jwks.keys().get(index), self.prepared.get(index))
        else {
            return Err(Error::new(Code::KeyRejected, "the set has no such key"));
        };
        check_signature(algorithm, key, signature)?;
        prepared.verify(algorithm, input, signature)
    }

    /// Records that a token was verified with this set.
    pub fn mark_verified(&self) {
        self.verified.store(true, Ordering::Relaxed);
    }

    /// Returns whether a token was verified with this set.
    #[must_use]
    pub fn has_verified(&self) -> bool {
        self.verified.load(Ordering::Relaxed)
    }
}

impl fmt::Debug for KeySet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("KeySet")
            .field("keys", &self.prepared.len())
            .field("unusable", &self.jwks.unusable().len())
            .field("verified", &self.has_verified())
            .finish()
    }
}
