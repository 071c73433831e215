//! Keys that are ready: prepared once per set, not once per token.

use super::{Prepared, Provider, check_signature};
use crate::jose::{Algorithm, Jwks};
use crate::{Code, Error};
use alloc::vec::Vec;
use core::fmt;
use core::sync::atomic::{AtomicBool, Ordering};

/// A key set and what a provider prepared of it.
#[derive(Default)]
pub struct KeySet {
    jwks: Jwks,
    /// As long as the set's usable keys, in their order.
    prepared: Vec<Prepared>,
    proven: AtomicBool,
}

impl KeySet {
    /// Prepares every key. Those that the provider refuses become unusable, with its reason.
    #[must_use]
    pub fn import(mut set: Jwks, provider: &dyn Provider) -> Self {
        let prepared = set.keep_prepared(|key| provider.prepare(key));
        Self { jwks: set, prepared, proven: AtomicBool::new(false) }
    }

    /// The keys.
    #[must_use]
    pub fn jwks(&self) -> &Jwks {
        &self.jwks
    }

    /// What is ready for the key at that place of [`Jwks::keys`].
    #[must_use]
    pub fn prepared(&self, index: usize) -> Option<&Prepared> {
        self.prepared.get(index)
    }

    /// Verifies with the key at that place of [`Jwks::keys`]: the checks of every provider, then its
    /// arithmetic.
    ///
    /// # Errors
    /// `signature_invalid`, `key_rejected` (no such key, or it is not for the algorithm) or
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

    /// Notes that a token was verified with this set.
    pub fn set_proven(&self) {
        self.proven.store(true, Ordering::Relaxed);
    }

    /// Whether a token was verified with this set.
    #[must_use]
    pub fn is_proven(&self) -> bool {
        self.proven.load(Ordering::Relaxed)
    }
}

impl fmt::Debug for KeySet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("KeySet")
            .field("keys", &self.prepared.len())
            .field("unusable", &self.jwks.unusable().len())
            .field("proven", &self.is_proven())
            .finish()
    }
}
