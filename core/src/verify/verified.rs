//! The result of a verification.

use crate::jose::{Algorithm, RegisteredClaims};
use crate::json::Object;
use alloc::string::String;
use core::fmt;

/// Claims whose signature and validity have been verified; only [`verify`](super::verify) makes them.
#[derive(Clone, PartialEq)]
pub struct VerifiedClaims {
    pub(super) payload: String,
    pub(super) claims: Object,
    pub(super) registered: RegisteredClaims,
    pub(super) algorithm: Algorithm,
    pub(super) key_id: Option<String>,
    pub(super) key_thumbprint: [u8; 32],
}

impl VerifiedClaims {
    /// All claims.
    #[must_use]
    pub fn claims(&self) -> &Object {
        &self.claims
    }

    /// The payload as signed: JSON text.
    #[must_use]
    pub fn payload(&self) -> &str {
        &self.payload
    }

    /// The registered claims, typed.
    #[must_use]
    pub fn registered(&self) -> &RegisteredClaims {
        &self.registered
    }

    /// The algorithm of the signature.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// `kid` of the key that verified it, if the key has one.
    #[must_use]
    pub fn key_id(&self) -> Option<&str> {
        self.key_id.as_deref()
    }

    /// Thumbprint of that key (RFC 7638).
    #[must_use]
    pub fn key_thumbprint(&self) -> &[u8; 32] {
        &self.key_thumbprint
    }
}

/// Claims can be personal data; identifiers and key suffice for a log.
impl fmt::Debug for VerifiedClaims {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("VerifiedClaims")
            .field("issuer", &self.registered.issuer)
            .field("subject", &self.registered.subject)
            .field("algorithm", &self.algorithm)
            .field("key_id", &self.key_id)
            .finish_non_exhaustive()
    }
}
