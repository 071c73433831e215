//! A verified token.

use super::profile::Profile;
use crate::Timestamp;
use crate::jose::{Algorithm, Header, RegisteredClaims, base64url_encode};
use alloc::string::String;
use core::fmt;
use serde::ser::Error as _;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

/// A token whose signature and claims have been verified. Only a verification creates it.
#[derive(Clone)]
pub struct VerifiedToken {
    pub(super) payload: String,
    pub(super) header: Header,
    pub(super) registered: RegisteredClaims,
    pub(super) algorithm: Algorithm,
    pub(super) profile: &'static Profile,
    pub(super) policy: usize,
    pub(super) leeway_seconds: i64,
    pub(super) max_age_seconds: Option<i64>,
    /// `kid` of the key.
    pub(super) key_id: Option<String>,
    pub(super) key_thumbprint: [u8; 32],
    pub(super) key_set_age_ms: Option<i64>,
    /// The key in the cache of verified tokens, if there is a cache.
    pub(super) cache_key: Option<[u8; 32]>,
}

impl VerifiedToken {
    /// All claims, parsed from the payload.
    #[must_use]
    pub fn claims(&self) -> Map<String, Value> {
        // The payload was parsed under the same rules before.
        serde_json::from_str(&self.payload).unwrap_or_default()
    }

    /// The payload as signed: JSON text.
    #[must_use]
    pub fn payload(&self) -> &str {
        &self.payload
    }

    /// The payload, owned.
    #[must_use]
    pub fn into_payload(self) -> String {
        self.payload
    }

    /// The token's protected header.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The registered claims, typed.
    #[must_use]
    pub fn registered(&self) -> &RegisteredClaims {
        &self.registered
    }

    /// `iss`; SPIFFE's tokens may have none.
    #[must_use]
    pub fn issuer(&self) -> Option<&str> {
        self.registered.issuer.as_deref()
    }

    /// The kind of issuer.
    #[must_use]
    pub fn profile(&self) -> &'static Profile {
        self.profile
    }

    /// The algorithm of the signature.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// `kid` of the key that verified it, if the key has one.
    #[must_use]
    pub fn key_id(&self) -> Option<&str> {
        self.header.kid.as_deref().or(self.key_id.as_deref())
    }

    /// Thumbprint of that key (RFC 7638).
    #[must_use]
    pub fn key_thumbprint(&self) -> &[u8; 32] {
        &self.key_thumbprint
    }

    /// How old the key set was, in milliseconds; `None` for keys given directly.
    #[must_use]
    pub fn key_set_age(&self) -> Option<i64> {
        self.key_set_age_ms
    }

    /// The end of the token's validity; `None` if `now` is outside of it.
    pub(super) fn valid_until(&self, now: Timestamp) -> Option<Timestamp> {
        let claims = &self.registered;
        let mut end = claims.expires.unwrap_or_default();
        if let (Some(issued), Some(age)) = (claims.issued_at, self.max_age_seconds) {
            end = end.min(issued.plus_seconds(age));
        }
        let start = claims.not_before.max(claims.issued_at).unwrap_or_default();
        let end = end.plus_seconds(self.leeway_seconds);
        (start.plus_seconds(-self.leeway_seconds) <= now && now < end).then_some(end)
    }

    /// The JSON form: `docs/protocol.md`, section 8.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// The members of the header that the wire form has.
#[derive(Serialize)]
pub(crate) struct WireHeader<'a> {
    alg: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    typ: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kid: Option<&'a str>,
}

impl<'a> From<&'a Header> for WireHeader<'a> {
    fn from(header: &'a Header) -> Self {
        Self { alg: &header.algorithm_name, typ: header.typ.as_deref(), kid: header.kid.as_deref() }
    }
}

impl Serialize for VerifiedToken {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct WireToken<'a> {
            claims: &'a RawValue,
            header: WireHeader<'a>,
            #[serde(skip_serializing_if = "Option::is_none")]
            issuer: Option<&'a str>,
            profile: &'static str,
            algorithm: &'static str,
            #[serde(skip_serializing_if = "Option::is_none")]
            key_id: Option<&'a str>,
            key_thumbprint: String,
            #[serde(skip_serializing_if = "Option::is_none")]
            key_set_age: Option<i64>,
        }
        let token = WireToken {
            // The claims are written exactly as they were signed.
            claims: serde_json::from_str(&self.payload).map_err(S::Error::custom)?,
            header: WireHeader::from(&self.header),
            issuer: self.issuer(),
            profile: self.profile.name,
            algorithm: self.algorithm.name(),
            key_id: self.key_id(),
            key_thumbprint: base64url_encode(&self.key_thumbprint),
            key_set_age: self.key_set_age_ms.map(|age| age / 1000),
        };
        token.serialize(serializer)
    }
}

/// Claims can be personal data; identifiers and key suffice for a log.
impl fmt::Debug for VerifiedToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("VerifiedToken")
            .field("issuer", &self.registered.issuer)
            .field("subject", &self.registered.subject)
            .field("algorithm", &self.algorithm)
            .field("key_id", &self.key_id())
            .finish_non_exhaustive()
    }
}
