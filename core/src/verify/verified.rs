//! The result of a verification.

use super::profile::Profile;
use crate::Timestamp;
use crate::jose::{Algorithm, Header, RegisteredClaims, base64url_encode};
use crate::json::{Json, Members, Object, object_of, parse};
use alloc::string::String;
use core::fmt;

/// Claims whose signature and validity have been verified; only a verification makes them.
#[derive(Clone)]
pub struct VerifiedClaims {
    pub(super) payload: String,
    pub(super) header: Header,
    pub(super) registered: RegisteredClaims,
    pub(super) algorithm: Algorithm,
    pub(super) profile: &'static Profile,
    pub(super) policy: usize,
    pub(super) leeway_seconds: i64,
    pub(super) max_age_seconds: Option<i64>,
    /// Of a key that the token does not name.
    pub(super) key_id: Option<String>,
    pub(super) key_thumbprint: [u8; 32],
    pub(super) keys_age_ms: Option<i64>,
    /// Names the token in the cache of verified tokens.
    pub(super) cache_key: Option<[u8; 32]>,
}

impl VerifiedClaims {
    /// All claims, read from the payload.
    #[must_use]
    pub fn claims(&self) -> Object {
        match parse(self.payload.as_bytes()) {
            Ok(Json::Object(members)) => members,
            _ => Object::new(),
        }
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
        self.keys_age_ms
    }

    /// The end of the token's own time; `None` if `now` is outside of it.
    pub(super) fn holds_until(&self, now: Timestamp) -> Option<Timestamp> {
        let claims = &self.registered;
        let mut end = claims.expires.unwrap_or_default();
        if let (Some(issued), Some(age)) = (claims.issued_at, self.max_age_seconds) {
            end = end.min(issued.plus_seconds(age));
        }
        let start = claims.not_before.max(claims.issued_at).unwrap_or_default();
        let end = end.plus_seconds(self.leeway_seconds);
        (start.plus_seconds(-self.leeway_seconds) <= now && now < end).then_some(end)
    }

    /// The wire form: section 8 of the protocol.
    #[must_use]
    pub fn to_json(&self) -> String {
        object_of(self.payload.len() + 512, |o| self.write(o))
    }

    /// Writes the members of the wire form.
    pub fn write(&self, o: &mut Members<'_>) {
        o.raw("claims", &self.payload)
            .object("header", |o| {
                o.text("alg", &self.header.algorithm_name)
                    .text_if("typ", self.header.typ.as_deref())
                    .text_if("kid", self.header.kid.as_deref());
            })
            .text_if("issuer", self.issuer())
            .text("profile", self.profile.name)
            .text("algorithm", self.algorithm.name())
            .text_if("key_id", self.key_id())
            .text("key_thumbprint", &base64url_encode(&self.key_thumbprint))
            .integer_if("key_set_age", self.keys_age_ms.map(|age| age / 1000));
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
            .field("key_id", &self.key_id())
            .finish_non_exhaustive()
    }
}
