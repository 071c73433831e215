//! A verification that needs only the signature.

use super::{Profile, VerifiedToken};
use crate::crypto::{KeySet, Prepared, signature_invalid};
use crate::jose::{Algorithm, Header, Jwk};
use crate::{Check, Effect, Error};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

/// A token that has passed every check before the signature, and the key to verify it with.
///
/// It holds the claims, but returns them only once the signature is known to be valid. It borrows neither the token nor the
/// verifier, so that signatures can be verified without a lock or by the host.
pub struct PendingVerification {
    pub(super) token: VerifiedToken,
    /// The claim that the policy refuses. It is reported only if the signature is valid.
    pub(super) refusal: Option<Error>,
    pub(super) keys: Arc<KeySet>,
    /// Index of the key in the set.
    pub(super) key: usize,
    pub(super) signature: Vec<u8>,
    /// The signature covers the first bytes of the token.
    pub(super) signed_bytes: usize,
}

impl PendingVerification {
    /// The token's header.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.token.header
    }

    /// The algorithm of the signature.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.token.algorithm
    }

    /// The kind of issuer.
    #[must_use]
    pub fn profile(&self) -> &'static Profile {
        self.token.profile
    }

    /// The key to verify the signature with.
    #[must_use]
    pub fn key(&self) -> Option<&Jwk> {
        self.keys.jwks().keys().get(self.key)
    }

    /// The age of the key set in milliseconds; `None` for keys of the configuration.
    #[must_use]
    pub fn key_set_age(&self) -> Option<i64> {
        self.token.key_set_age_ms
    }

    /// The signature in JOSE's form.
    #[must_use]
    pub fn signature(&self) -> &[u8] {
        &self.signature
    }

    /// How many bytes of the token the signature covers, from its start.
    #[must_use]
    pub fn signed_bytes(&self) -> usize {
        self.signed_bytes
    }

    /// Whether the host has to verify the signature.
    #[must_use]
    pub fn needs_host(&self) -> bool {
        matches!(self.keys.prepared(self.key), Some(Prepared::Host))
    }

    /// The effect that lets the host verify the signature. `token` is the token that was checked.
    pub(super) fn effect(&self, token: &[u8]) -> Effect {
        Effect::Verify {
            key: self.key().map(Jwk::to_json).unwrap_or_default(),
            algorithm: self.algorithm().name(),
            input: self.signing_input(token).to_vec(),
            signature: self.signature.clone(),
        }
    }

    /// Verifies the signature with the prepared key and returns the claims. `token` is the token that was checked.
    ///
    /// # Errors
    /// `signature_invalid`, then the codes of claims.
    pub fn verify_signature<T>(self, token: &T) -> Result<VerifiedToken, Error>
    where
        T: AsRef<[u8]> + ?Sized,
    {
        let input = self.signing_input(token.as_ref());
        let verified = self.keys.verify(self.key, self.token.algorithm, input, &self.signature);
        verified.map_err(|error| error.in_check(Check::Signature))?;
        self.complete(true)
    }

    /// Takes the host's result about the signature and returns the claims.
    ///
    /// # Errors
    /// `signature_invalid`, then the codes of claims.
    pub fn complete(self, valid: bool) -> Result<VerifiedToken, Error> {
        if !valid {
            return Err(signature_invalid().in_check(Check::Signature));
        }
        self.keys.mark_verified();
        match self.refusal {
            None => Ok(self.token),
            Some(error) => Err(error),
        }
    }

    /// The bytes that the signature covers.
    fn signing_input<'t>(&self, token: &'t [u8]) -> &'t [u8] {
        token.get(..self.signed_bytes).unwrap_or_default()
    }
}

/// Claims can be personal data, and they are not verified yet.
impl fmt::Debug for PendingVerification {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("PendingVerification")
            .field("algorithm", &self.algorithm())
            .finish_non_exhaustive()
    }
}
