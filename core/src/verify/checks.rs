//! The checks of a token before its signature, cheap ones first: form, algorithm, issuer, type, audience, time, key.

use super::claim_rule::{mismatch, missing};
use super::issuer::{IssuerMatch, IssuerRule};
use super::{PendingVerification, Policy, VerifiedToken};
use crate::crypto::{KeySet, check_signature, signature_invalid};
use crate::jose::{Algorithm, Claims, CompactJwt, Header, Jwk, Limits, RegisteredClaims};
use crate::keys::SelectedKey;
use crate::{Check, Code, Error, Timestamp};
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use core::borrow::Borrow;

/// Makes these checks, in this order. `select_key` returns the key that the token names, given the index of the policy that
/// applies to it.
///
/// # Errors
/// The first check that fails. The error names it.
pub(super) fn check_token<P: Borrow<Policy>>(
    token: &[u8],
    limits: Limits,
    policies: &[P],
    now: Timestamp,
    select_key: impl FnOnce(usize, Algorithm, &Header) -> Result<SelectedKey, Error>,
) -> Result<PendingVerification, Error> {
    let jwt = in_check(Check::Form, CompactJwt::parse_within(token, limits))?;
    let header = jwt.header();
    let algorithm = in_check(Check::Algorithm, allowed_algorithm(header, policies))?;
    let (payload, claims) = in_check(Check::Form, jwt.claims())?;
    let (index, policy) = in_check(Check::Issuer, select_policy(policies, &claims))?;
    let registered = claims.registered;
    in_check(Check::Type, check_header(header, algorithm, jwt.is_padded(), policy))?;
    in_check(Check::Audience, check_audience(header, &registered, policy))?;
    in_check(Check::Time, check_time(&registered, policy.leeway(), now))?;
    let signature = in_check(Check::Form, jwt.signature())?;
    let found = in_check(Check::Key, select_key(index, algorithm, header))?;
    let key = found.set.jwks().keys().get(found.index).ok_or_else(signature_invalid)?;
    in_check(Check::Key, check_key(key, header, &registered, policy))?;
    in_check(Check::Signature, check_signature(algorithm, key, &signature))?;
    let refusal = in_check(Check::Claims, policy.check_claims(&payload, &registered, now)).err();
    let key = (key.key_id().map(String::from), *key.thumbprint());
    let signed_bytes = jwt.signing_input().len();
    let token = VerifiedToken {
        payload,
        header: jwt.into_header(),
        registered,
        algorithm,
        profile: policy.profile,
        policy: index,
        leeway_seconds: policy.leeway(),
        max_age_seconds: policy.max_age_seconds,
        key_id: key.0,
        key_thumbprint: key.1,
        key_set_age_ms: found.age_ms,
        cache_key: None,
    };
    let (keys, key) = (found.set, found.index);
    Ok(PendingVerification { token, refusal, keys, key, signature, signed_bytes })
}

/// Verifies a token with keys that the caller has, and returns its claims if every check passes.
///
/// # Errors
/// The first check that fails, as one of the codes whose fault is `input`; never with text of the token.
/// `provider_error` if the keys were imported for a host that verifies signatures itself.
///
/// ```
/// use std::sync::Arc;
/// use workload_identity_core::crypto::{KeySet, RustCrypto};
/// use workload_identity_core::jose::Jwks;
/// use workload_identity_core::verify::{Policy, verify};
/// use workload_identity_core::{Code, Timestamp};
///
/// // The keys of RFC 7517's example, imported once.
/// let keys = Arc::new(KeySet::import(Jwks::parse(br#"{"keys":[{"kty":"EC","crv":"P-256","kid":"1",
///     "x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
///     "y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}]}"#)?, &RustCrypto));
/// let policy = Policy::new("https://issuer.example", "api://mine");
/// let refused = verify("eyJhbGciOiJub25lIn0.e30.", &keys, &policy, Timestamp::from_seconds(1_700_000_000));
/// assert_eq!(refused.map(|_| ()).map_err(|error| error.code), Err(Code::AlgNotAllowed));
/// # Ok::<(), workload_identity_core::Error>(())
/// ```
pub fn verify(
    token: &str,
    keys: &Arc<KeySet>,
    policy: &Policy,
    now: Timestamp,
) -> Result<VerifiedToken, Error> {
    let limits = Limits { padding: policy.profile.load_balancer, ..Limits::default() };
    let policies = core::slice::from_ref(policy);
    let pending = check_token(token.as_bytes(), limits, policies, now, |_, algorithm, header| {
        let kid = header.kid.as_deref();
        let index = keys.jwks().find(algorithm, kid, policy.profile.key_uses)?;
        Ok(SelectedKey { set: Arc::clone(keys), index, age_ms: None, until: None })
    });
    // With one policy it is clear which issuer was expected.
    let pending = pending.map_err(|mut error| {
        if error.code == Code::UnknownIssuer {
            error.code = Code::IssuerMismatch;
        }
        error
    })?;
    pending.verify_signature(token)
}

/// Names the check in the error.
fn in_check<T>(check: Check, result: Result<T, Error>) -> Result<T, Error> {
    result.map_err(|error| error.in_check(check))
}

/// The token's algorithm, if any policy allows it.
fn allowed_algorithm<P: Borrow<Policy>>(
    header: &Header,
    policies: &[P],
) -> Result<Algorithm, Error> {
    Algorithm::from_name(&header.algorithm_name)
        .filter(|algorithm| {
            policies.iter().any(|policy| policy.borrow().algorithms.contains(algorithm))
        })
        .ok_or_else(not_allowed)
}

/// The policy whose issuer the token claims, with its index. One that has the token's audience as well is preferred.
fn select_policy<'p, P: Borrow<Policy>>(
    policies: &'p [P],
    claims: &Claims,
) -> Result<(usize, &'p Policy), Error> {
    let registered = &claims.registered;
    let mut chosen = None;
    let mut refused = None;
    for (index, policy) in policies.iter().map(Borrow::borrow).enumerate() {
        match policy.issuer.matches(policy.profile, claims) {
            IssuerMatch::Trusted if has_audience(&registered.audience, policy) => {
                return Ok((index, policy));
            }
            IssuerMatch::Trusted => chosen = chosen.or(Some((index, policy))),
            IssuerMatch::Refused(error) => refused = refused.or(Some(error)),
            IssuerMatch::Other => {}
        }
    }
    if let Some(chosen) = chosen {
        return Ok(chosen);
    }
    if let Some(error) = refused {
        return Err(error);
    }
    let other_version = policies
        .iter()
        .map(Borrow::borrow)
        .find_map(|policy| policy.issuer.other_version(policy.profile, claims));
    if let Some(version) = other_version {
        return Err(other_token_version(version));
    }
    let by_subject = |policy: &P| matches!(policy.borrow().issuer, IssuerRule::TrustDomain(_));
    let (name, present, message) = if policies.iter().all(by_subject) {
        ("sub", registered.subject.is_some(), "the token's `sub` is in no trusted trust domain")
    } else {
        ("iss", registered.issuer.is_some(), "the token is from an issuer that is not trusted")
    };
    Err(if present {
        Error::new(Code::UnknownIssuer, message).about_claim(name)
    } else {
        missing(name)
    })
}

/// The error for a token of Entra in a version of the format that no policy takes.
fn other_token_version(version: &str) -> Error {
    let (taken, setting, profile) =
        if version == "1.0" { ("2.0", "2", "entra-v1") } else { ("1.0", "1 or null", "entra-v2") };
    Error::new(
        Code::UnknownIssuer,
        format!(
            "the token is an Entra token of version {version}, and the policy takes version {taken}: set `requestedAccessTokenVersion` of the API's app registration to {setting}, or trust the profile `{profile}` as well"
        ),
    )
    .about_claim("iss")
}

fn check_header(
    header: &Header,
    algorithm: Algorithm,
    padded: bool,
    policy: &Policy,
) -> Result<(), Error> {
    let profile = policy.profile;
    if !policy.algorithms.contains(&algorithm) {
        return Err(not_allowed());
    }
    if padded && !profile.load_balancer {
        return Err(Error::new(
            Code::Malformed,
            "a part of the token is not base64url without padding",
        ));
    }
    let known = match header.media_type() {
        None => profile.types.contains(&""),
        Some("") => false,
        Some(typ) => profile.types.iter().any(|known| known.eq_ignore_ascii_case(typ)),
    };
    if !known || (profile.plain_header && !header.is_plain) {
        return Err(Error::new(
            Code::TypMismatch,
            "the token's header has a `typ` or a member that tokens of this profile do not have",
        ));
    }
    if profile.nonce_is_foreign && header.has_nonce {
        return Err(Error::new(
            Code::NotForUs,
            "the token's header has a `nonce`: it is for a Microsoft service, which alone can verify it",
        )
        .with_hint("ask the token service for a token whose scope is your own API"));
    }
    match (&policy.signers, &header.signer) {
        (None, _) => Ok(()),
        (Some(_), None) => Err(missing("signer")),
        (Some(known), Some(signer)) if known.contains(signer) => Ok(()),
        (Some(_), Some(_)) => Err(mismatch("signer")),
    }
}

fn not_allowed() -> Error {
    Error::new(Code::AlgNotAllowed, "the policy does not allow the token's algorithm")
}

fn has_audience(audience: &[String], policy: &Policy) -> bool {
    audience.iter().any(|named| policy.audiences.contains(named))
}

fn check_audience(
    header: &Header,
    claims: &RegisteredClaims,
    policy: &Policy,
) -> Result<(), Error> {
    if policy.profile.load_balancer {
        return match &header.client {
            None => Err(missing("client")),
            Some(client) if policy.audiences.contains(client) => Ok(()),
            Some(_) => Err(audience_mismatch()),
        };
    }
    if policy.without_audience {
        // A token that names an audience is for that one.
        return if claims.audience.is_empty() { Ok(()) } else { Err(audience_mismatch()) };
    }
    if claims.audience.is_empty() {
        return Err(missing("aud").of_rule("audience"));
    }
    if !has_audience(&claims.audience, policy)
        || (policy.sole_audience && claims.audience.len() != 1)
    {
        return Err(audience_mismatch());
    }
    Ok(())
}

fn audience_mismatch() -> Error {
    Error::new(Code::AudienceMismatch, "the token is for another audience")
        .about_claim("aud")
        .of_rule("audience")
}

fn check_time(claims: &RegisteredClaims, leeway: i64, now: Timestamp) -> Result<(), Error> {
    let expires = claims.expires.ok_or_else(|| missing("exp"))?;
    // RFC 7519, section 4.1.4: on or after `exp` the token must not be accepted.
    if now >= expires.plus_seconds(leeway) {
        return Err(Error::new(Code::Expired, "the token has expired").about_claim("exp"));
    }
    let latest_start = now.plus_seconds(leeway);
    if claims.not_before.is_some_and(|start| start > latest_start) {
        return Err(Error::new(Code::NotYetValid, "the token is not valid yet").about_claim("nbf"));
    }
    if claims.issued_at.is_some_and(|issued| issued > latest_start) {
        return Err(Error::new(
            Code::IssuedInFuture,
            "the token was issued in the future; check the clocks",
        )
        .about_claim("iat"));
    }
    Ok(())
}

/// Checks that a key may verify the token.
///
/// # Errors
/// `key_rejected` when the key spells the algorithm differently than the token (RFC 7517, section 4.4: names are compared
/// as text), `key_issuer_mismatch` when it belongs to another issuer.
fn check_key(
    key: &Jwk,
    header: &Header,
    claims: &RegisteredClaims,
    policy: &Policy,
) -> Result<(), Error> {
    if key.algorithm_name().is_some_and(|name| name != header.algorithm_name) {
        return Err(Error::new(
            Code::KeyRejected,
            "the key that the token names spells its algorithm otherwise than the token",
        ));
    }
    policy.issuer.check_key(key, claims)
}
