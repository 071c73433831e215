//! The requirements that a token must meet.

use super::claim_rule::ClaimRule;
use super::issuer::IssuerRule;
use super::profile::Profile;
use crate::jose::Algorithm;
use alloc::string::String;
use alloc::vec::Vec;

/// Largest leeway. A larger one in a policy is reduced to it.
pub const MAX_LEEWAY_SECONDS: i64 = 300;

/// A policy. There is none without issuer and audience.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Policy {
    /// The kind of issuer.
    pub profile: &'static Profile,
    /// The trusted issuers.
    pub issuer: IssuerRule,
    /// `aud` must be or contain one of these.
    pub audiences: Vec<String>,
    /// The tokens must have no `aud`. Rules about other claims must then say whom they are for.
    pub without_audience: bool,
    /// Claims that the profile requires and that may be absent nevertheless.
    pub not_required: Vec<String>,
    /// The algorithms that may be used; never more than the profile's.
    pub algorithms: Vec<Algorithm>,
    /// How far clocks may differ, in seconds: 60 by default, limited to 0..=300.
    pub leeway_seconds: i64,
    /// `aud` must have no other value.
    pub sole_audience: bool,
    /// `iat` is required and at most this long ago, in seconds.
    pub max_age_seconds: Option<i64>,
    /// Rules about single claims, checked after the signature.
    pub claims: Vec<ClaimRule>,
    /// `azp`, `appid` or `client_id` must be one of these. With `None` it is not checked; an empty list accepts no token.
    pub authorized_parties: Option<Vec<String>>,
    /// `roles` must contain one of these; otherwise as `authorized_parties`.
    pub roles: Option<Vec<String>>,
    /// `scp` or `scope` must contain one of these; otherwise as `authorized_parties`.
    pub scopes: Option<Vec<String>>,
    /// `idtyp` must be `app` (Entra).
    pub app_only: bool,
    /// `signer` of the header must be one of these (AWS load balancers); otherwise as `authorized_parties`.
    pub signers: Option<Vec<String>>,
}

impl Policy {
    /// For one issuer and one audience, with the defaults above and the profile `generic-oidc`, of whose algorithms RS256
    /// and ES256 are taken.
    #[must_use]
    pub fn new(issuer: impl Into<String>, audience: impl Into<String>) -> Self {
        let issuer = IssuerRule::OneOf(alloc::vec![issuer.into()]);
        Self::of(Profile::GENERIC, issuer, alloc::vec![audience.into()])
            .with_algorithms(&[Algorithm::Rs256, Algorithm::Es256])
    }

    /// For a kind of issuer, with the defaults above.
    #[must_use]
    pub fn of(profile: &'static Profile, issuer: IssuerRule, audiences: Vec<String>) -> Self {
        Self {
            profile,
            issuer,
            audiences,
            without_audience: false,
            not_required: Vec::new(),
            algorithms: profile.algorithms.to_vec(),
            leeway_seconds: 60,
            sole_audience: false,
            max_age_seconds: None,
            claims: Vec::new(),
            authorized_parties: None,
            roles: None,
            scopes: None,
            app_only: false,
            signers: None,
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

    /// The same policy with one more rule about a claim.
    #[must_use]
    pub fn with_claim(mut self, rule: ClaimRule) -> Self {
        self.claims.push(rule);
        self
    }

    /// The leeway within its limits.
    pub(super) fn leeway(&self) -> i64 {
        self.leeway_seconds.clamp(0, MAX_LEEWAY_SECONDS)
    }
}
