//! What a token must say to be accepted.

use crate::jose::Algorithm;
use alloc::string::String;
use alloc::vec::Vec;

/// Most leeway that is granted, whatever the policy says.
pub const MAX_LEEWAY_SECONDS: i64 = 300;

/// A policy. There is none without issuer and audience.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Policy {
    /// `iss` must be exactly this: no normalising, a trailing slash matters.
    pub issuer: String,
    /// `aud` must be or contain exactly this.
    pub audience: String,
    /// The algorithms that may be used; RS256 and ES256 unless changed.
    pub algorithms: Vec<Algorithm>,
    /// How far clocks may differ, in seconds; 60 unless changed, held to 0..=300.
    pub leeway_seconds: i64,
    /// `aud` must name nobody else.
    pub sole_audience: bool,
    /// Claims that must be present beside `iss`, `aud` and `exp`.
    pub required_claims: Vec<String>,
}

impl Policy {
    /// For one issuer and one audience, with the defaults above.
    #[must_use]
    pub fn new(issuer: impl Into<String>, audience: impl Into<String>) -> Self {
        Self {
            issuer: issuer.into(),
            audience: audience.into(),
            algorithms: alloc::vec![Algorithm::Rs256, Algorithm::Es256],
            leeway_seconds: 60,
            sole_audience: false,
            required_claims: Vec::new(),
        }
    }

    /// The same policy with other algorithms.
    #[must_use]
    pub fn with_algorithms(mut self, algorithms: &[Algorithm]) -> Self {
        self.algorithms = algorithms.to_vec();
        self
    }

    /// The same policy with another leeway.
    #[must_use]
    pub fn with_leeway_seconds(mut self, seconds: i64) -> Self {
        self.leeway_seconds = seconds;
        self
    }
}
