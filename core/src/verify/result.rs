//! What a verifier returns.

use super::{PendingVerification, VerifiedToken};
use crate::jose::UnusableKey;
use crate::{Error, Timestamp};
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use serde::{Serialize, Serializer};

/// The result of [`Verifier::check`](super::Verifier::check).
#[derive(Debug)]
pub enum CheckResult {
    /// The token was verified before, and the result is still valid.
    Accepted {
        /// The verified token.
        token: Arc<VerifiedToken>,
        /// The result is valid until then, unless the key set changes before.
        fresh_until: Timestamp,
    },
    /// The token is refused.
    Refused(Error),
    /// Every check before the signature has passed.
    Pending(Box<PendingVerification>),
    /// Keys have to be fetched: begin a request with the token and drive it.
    MissingKeys(MissingKeys),
}

/// A token whose key is not available, although a fetch may find it.
#[derive(Debug)]
pub struct MissingKeys {
    /// Index of the issuer in the configuration.
    pub(super) issuer: usize,
    /// Index of the key source.
    pub(super) source: usize,
    /// The error if keys are not fetched.
    pub(super) error: Error,
}

impl MissingKeys {
    /// The issuer whose keys are needed, by its index in the configuration.
    #[must_use]
    pub fn issuer(&self) -> usize {
        self.issuer
    }
}

/// The result of a request.
#[derive(Clone, Debug)]
pub enum VerificationResult {
    /// The token is accepted.
    Token(Arc<VerifiedToken>),
    /// The keys of an issuer are available.
    Keys(KeySetInfo),
}

/// The key set of an issuer.
#[derive(Clone, Debug)]
pub struct KeySetInfo {
    /// How many keys can be used.
    pub usable: usize,
    /// The others, with the reason.
    pub unusable: Vec<UnusableKey>,
    /// The age of the set in milliseconds; `None` for keys of the configuration.
    pub age_ms: Option<i64>,
}

/// The wire form: `docs/protocol.md`, section 8.
impl Serialize for VerificationResult {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            VerificationResult::Token(token) => token.serialize(serializer),
            VerificationResult::Keys(keys) => keys.serialize(serializer),
        }
    }
}

impl Serialize for KeySetInfo {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct WireKeys<'a> {
            keys: usize,
            unusable: Vec<WireUnusableKey<'a>>,
            #[serde(skip_serializing_if = "Option::is_none")]
            key_set_age: Option<i64>,
        }
        #[derive(Serialize)]
        struct WireUnusableKey<'a> {
            #[serde(skip_serializing_if = "Option::is_none")]
            key_id: Option<&'a str>,
            code: &'static str,
            message: &'a str,
        }
        let unusable = self.unusable.iter().map(|key| WireUnusableKey {
            key_id: key.key_id.as_deref(),
            code: key.error.code.name(),
            message: &key.error.message,
        });
        let keys = WireKeys {
            keys: self.usable,
            unusable: unusable.collect(),
            key_set_age: self.age_ms.map(|age| age / 1000),
        };
        keys.serialize(serializer)
    }
}
