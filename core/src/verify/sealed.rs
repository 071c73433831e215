//! A verdict that waits for a host's word about the signature.

use super::{Unproven, VerifiedClaims};
use crate::Error;
use crate::crypto::{KeySet, check_signature, signature_invalid};
use crate::jose::Jwk;
use alloc::sync::Arc;

/// What will be said of a token if the host finds its signature good.
///
/// It needs neither the token nor the verifier, so that a host can compute signatures for many tokens at once.
pub struct Sealed {
    keys: Arc<KeySet>,
    key: usize,
    result: Result<VerifiedClaims, Error>,
}

impl Unproven<'_> {
    /// Checks what comes after the signature, to be opened when the signature is known.
    ///
    /// # Errors
    /// What is wrong with the signature before any arithmetic.
    pub fn seal(self) -> Result<Sealed, Error> {
        let key = self.key().ok_or_else(signature_invalid)?;
        check_signature(self.algorithm(), key, self.signature())?;
        let Unproven { candidate, policy, keys, key, now } = self;
        let result = candidate.conclude(&policy, &keys, key, now);
        Ok(Sealed { keys, key: key.index, result })
    }
}

impl Sealed {
    /// The key that the signature is verified with.
    pub(crate) fn key(&self) -> Option<&Jwk> {
        self.keys.jwks().keys().get(self.key)
    }

    /// The verdict, given the host's word about the signature.
    ///
    /// # Errors
    /// `signature_invalid`, then the codes of claims.
    pub fn open(self, good: bool) -> Result<VerifiedClaims, Error> {
        if !good {
            return Err(signature_invalid());
        }
        self.keys.set_proven();
        self.result
    }
}
