//! The settings of a key source.

use crate::http::AddressPolicy;
use crate::jose::KeyRules;
use crate::{Code, Error};
use alloc::format;
use alloc::string::String;

/// Longer than any key lives, and small enough to be added to any instant.
const MAX_HARD_MS: i64 = i64::MAX / 4;
/// Most redirects that are followed in one fetch.
const MAX_REDIRECTS: u8 = 3;

/// Where the keys are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The discovery document that names the key set (OpenID Connect Discovery 1.0, section 3).
    Discovery(String),
    /// The key set itself (`jwks_uri`).
    Address(String),
}

impl Place {
    /// The URL, as configured.
    #[must_use]
    pub fn url(&self) -> &str {
        match self {
            Place::Discovery(url) | Place::Address(url) => url,
        }
    }
}

/// What an empty key set means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EmptySet {
    /// A mistake of the issuer: the last set with keys stays until it is too old.
    KeepLast,
    /// Nobody is trusted any more (SPIFFE Trust Domain and Bundle, section 4.1.3). What the issuer publishes is taken at
    /// its word in every respect: no earlier set is kept beside the current one.
    RevokeAll,
}

/// How keys are fetched and how long they are trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeySourceSettings {
    /// Where the keys are.
    pub place: Place,
    /// The issuer that a discovery document must name, octet for octet. Entra's shared documents name a template.
    pub issuer: String,
    /// Keys older than this are refreshed while they are used. A shorter `max-age` of the server counts, a longer one does
    /// not: asking early is cheap, and a withdrawn key should not live on for a day. At most half of `hard_ms`, so that
    /// there is time for failures.
    pub soft_ms: i64,
    /// Keys older than this are not used.
    pub hard_ms: i64,
    /// Pause between two fetches that unknown keys cause.
    pub cool_down_ms: i64,
    /// What an empty key set means.
    pub empty_set: EmptySet,
    /// Redirects that are followed, at most three.
    pub redirects: u8,
    /// Where the keys may be.
    pub addresses: AddressPolicy,
    /// What keys must be like.
    pub rules: KeyRules,
    /// `spiffe_refresh_hint` of the set takes the place of `soft_ms` (SPIFFE Trust Domain and Bundle, section 4.1.2).
    pub refresh_hint: bool,
    /// Time for one request.
    pub timeout_ms: u32,
}

impl KeySourceSettings {
    /// The usual settings: an hour, a day, half a minute, no redirects, five seconds.
    #[must_use]
    pub fn new(place: Place, issuer: impl Into<String>) -> Self {
        Self {
            place,
            issuer: issuer.into(),
            soft_ms: 3_600_000,
            hard_ms: 86_400_000,
            cool_down_ms: 30_000,
            empty_set: EmptySet::KeepLast,
            redirects: 0,
            addresses: AddressPolicy::default(),
            rules: KeyRules::default(),
            refresh_hint: false,
            timeout_ms: 5_000,
        }
    }

    /// Applies the bounds.
    pub(super) fn check(&mut self) -> Result<(), Error> {
        let invalid = |message: String| Err(Error::new(Code::ConfigInvalid, message));
        if let Err(reason) = self.addresses.parse(self.place.url()) {
            return invalid(format!("the address of the issuer's keys {reason}"));
        }
        if matches!(self.place, Place::Discovery(_)) && self.issuer.is_empty() {
            return invalid("a discovery document is of use only when the issuer is known".into());
        }
        if self.soft_ms <= 0 || self.hard_ms < self.soft_ms || self.cool_down_ms < 0 {
            return invalid(
                "keys are refreshed before they are too old, and no age is negative".into(),
            );
        }
        self.hard_ms = self.hard_ms.min(MAX_HARD_MS);
        self.redirects = self.redirects.min(MAX_REDIRECTS);
        self.timeout_ms = self.timeout_ms.max(1);
        Ok(())
    }
}
