//! What an API checks of an access token of Entra.

use super::Version;
use crate::key_ring::KeyRing;
use crate::settings::Settings;
use serde_json::Value;
use workload_identity_core::crypto::{KeySet, RustCrypto};
use workload_identity_core::jose::{Algorithm, UnverifiedClaims};
use workload_identity_core::json::strict;
use workload_identity_core::verify::{Policy, verify};
use workload_identity_core::{Code, Error, Timestamp};

/// The claims of a valid token for the audience that `accepts` finds among the token's own.
pub(crate) fn claims(
    settings: &Settings,
    keys: &KeyRing,
    token: &str,
    accepts: impl Fn(&str) -> bool,
    now: Timestamp,
) -> Result<Value, Error> {
    let unverified = UnverifiedClaims::peek(token)?;
    let audience = unverified.audience.iter().find(|audience| accepts(audience));
    let audience = audience
        .ok_or_else(|| Error::new(Code::AudienceMismatch, "the token is not for this API"))?;
    // APIs get v1 or v2 tokens, depending on the endpoint that the client used.
    let v1 = Version::V1.issuer(settings);
    let issuer = if unverified.issuer.as_deref() == Some(v1.as_str()) {
        v1
    } else {
        Version::V2.issuer(settings)
    };
    let policy = Policy::new(issuer, audience.clone()).with_algorithms(&[Algorithm::Rs256]);
    let keys = std::sync::Arc::new(KeySet::import(keys.key_set()?, &RustCrypto));
    let verified = verify(token, &keys, &policy, now)?;
    strict::parse(verified.payload().as_bytes())
        .map_err(|fault| Error::new(Code::Malformed, fault.reason()))
}
