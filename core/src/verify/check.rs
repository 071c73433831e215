//! The checks, in an order that keeps floods cheap: form, algorithm, claims, key, signature.

use super::policy::MAX_LEEWAY_SECONDS;
use super::{Policy, VerifiedClaims};
use crate::crypto::{Provider, key_rejected};
use crate::jose::{Algorithm, Compact, Jwks, KeyUse, RegisteredClaims};
use crate::{Code, Error, Timestamp};
use alloc::string::String;

/// Verifies a token. Nothing is returned unless everything holds.
///
/// # Errors
/// The first check that fails, as one of the codes whose fault is `input`; never with text of the token.
pub fn verify(
    token: &str,
    keys: &Jwks,
    policy: &Policy,
    provider: &dyn Provider,
    now: Timestamp,
) -> Result<VerifiedClaims, Error> {
    let compact = Compact::parse(token)?;
    let algorithm = check_algorithm(&compact.header().algorithm_name, policy)?;
    let registered = RegisteredClaims::read(compact.claims())?;
    check_issuer(&registered, policy)?;
    check_audience(&registered, policy)?;
    check_time(&registered, policy.leeway_seconds, now)?;
    let kid = compact.header().kid.as_deref();
    let place = keys.select(algorithm, kid, KeyUse::ORDINARY)?;
    let key = keys.keys().get(place).ok_or_else(key_rejected)?;
    provider.verify(algorithm, key, compact.signing_input(), compact.signature())?;
    if let Some(name) =
        policy.required_claims.iter().find(|name| !compact.claims().contains_key(*name))
    {
        return Err(missing(name));
    }
    let key_id = key.key_id().map(String::from);
    let key_thumbprint = *key.thumbprint();
    let (payload, claims) = compact.into_payload();
    // The JSON reader has already established that the payload is UTF-8.
    let payload = String::from_utf8(payload)
        .map_err(|_| Error::new(Code::Malformed, "the token's payload is not UTF-8"))?;
    Ok(VerifiedClaims { payload, claims, registered, algorithm, key_id, key_thumbprint })
}

fn check_algorithm(name: &str, policy: &Policy) -> Result<Algorithm, Error> {
    Algorithm::from_name(name).filter(|algorithm| policy.algorithms.contains(algorithm)).ok_or_else(
        || Error::new(Code::AlgNotAllowed, "the policy does not allow the token's algorithm"),
    )
}

fn check_issuer(claims: &RegisteredClaims, policy: &Policy) -> Result<(), Error> {
    match &claims.issuer {
        None => Err(missing("iss")),
        Some(issuer) if *issuer == policy.issuer => Ok(()),
        Some(_) => Err(Error::new(Code::IssuerMismatch, "the token is from another issuer")),
    }
}

fn check_audience(claims: &RegisteredClaims, policy: &Policy) -> Result<(), Error> {
    if claims.audience.is_empty() {
        return Err(missing("aud"));
    }
    let named = claims.audience.contains(&policy.audience);
    if !named || (policy.sole_audience && claims.audience.len() != 1) {
        return Err(Error::new(Code::AudienceMismatch, "the token is for another audience"));
    }
    Ok(())
}

fn check_time(claims: &RegisteredClaims, leeway: i64, now: Timestamp) -> Result<(), Error> {
    let leeway = leeway.clamp(0, MAX_LEEWAY_SECONDS);
    let expires = claims.expires.ok_or_else(|| missing("exp"))?;
    // RFC 7519, section 4.1.4: on or after `exp` the token must not be accepted.
    if now >= expires.plus_seconds(leeway) {
        return Err(Error::new(Code::Expired, "the token has expired"));
    }
    let latest_start = now.plus_seconds(leeway);
    if claims.not_before.is_some_and(|start| start > latest_start) {
        return Err(Error::new(Code::NotYetValid, "the token is not valid yet"));
    }
    if claims.issued_at.is_some_and(|issued| issued > latest_start) {
        return Err(Error::new(
            Code::IssuedInFuture,
            "the token was issued in the future; check the clocks",
        ));
    }
    Ok(())
}

fn missing(name: &str) -> Error {
    Error::new(Code::ClaimMissing, alloc::format!("the token has no claim `{name}`"))
}
