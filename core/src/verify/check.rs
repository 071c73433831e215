//! The checks before the signature, in an order that keeps floods cheap: form, algorithm, issuer, audience, time.

use super::claim_rule::{mismatch, missing};
use super::issuer_rule::{Claimed, IssuerRule};
use super::unproven::{Candidate, KeyChoice};
use super::{Check, Policy, VerifiedClaims};
use crate::crypto::KeySet;
use crate::jose::{Algorithm, Claims, CompactJwt, Header, Limits, RegisteredClaims};
use crate::{Code, Error, Timestamp};
use alloc::string::String;
use core::borrow::Borrow;

/// Verifies a token with keys at hand. Nothing is returned unless everything holds.
///
/// # Errors
/// The first check that fails, as one of the codes whose fault is `input`; never with text of the token.
/// `provider_error` if the keys were imported for a host that verifies signatures itself.
///
/// ```
/// use workload_identity_core::crypto::{KeySet, RustCrypto};
/// use workload_identity_core::jose::Jwks;
/// use workload_identity_core::verify::{Policy, verify};
/// use workload_identity_core::{Code, Timestamp};
///
/// // The keys of RFC 7517's example, imported once.
/// let keys = KeySet::import(Jwks::parse(br#"{"keys":[{"kty":"EC","crv":"P-256","kid":"1",
///     "x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
///     "y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"}]}"#)?, &RustCrypto);
/// let policy = Policy::new("https://issuer.example", "api://mine");
/// let refused = verify("eyJhbGciOiJub25lIn0.e30.", &keys, &policy, Timestamp::from_seconds(1_700_000_000));
/// assert_eq!(refused.map(|_| ()).map_err(|error| error.code), Err(Code::AlgNotAllowed));
/// # Ok::<(), workload_identity_core::Error>(())
/// ```
pub fn verify(
    token: &str,
    keys: &KeySet,
    policy: &Policy,
    now: Timestamp,
) -> Result<VerifiedClaims, Error> {
    let limits = Limits { padding: policy.profile.load_balancer, ..Limits::default() };
    let mut reached = Check::Form;
    let candidate =
        examine(token.as_bytes(), limits, core::slice::from_ref(policy), now, &mut reached)
            .map_err(|error| {
                // With one policy it is clear which issuer was expected.
                match error.code {
                    Code::UnknownIssuer => {
                        Error::new(Code::IssuerMismatch, "the token is from another issuer")
                    }
                    _ => error,
                }
            })?;
    let kid = candidate.kid();
    let index = keys.jwks().select(candidate.algorithm, kid, policy.profile.key_uses)?;
    candidate.check_key(policy, keys, index)?;
    candidate.verify(keys, index)?;
    candidate.accept(policy, keys, KeyChoice { index, age_ms: None }, now)
}

/// Reads a token and makes the checks that need no key. `reached` is the check that was made last.
pub(super) fn examine<'t, P: Borrow<Policy>>(
    token: &'t [u8],
    limits: Limits,
    policies: &[P],
    now: Timestamp,
    reached: &mut Check,
) -> Result<Candidate<'t>, Error> {
    let jwt = CompactJwt::parse_within(token, limits)?;
    let header = jwt.header();
    *reached = Check::Algorithm;
    let algorithm = Algorithm::from_name(&header.algorithm_name)
        .filter(|algorithm| {
            policies.iter().any(|policy| policy.borrow().algorithms.contains(algorithm))
        })
        .ok_or_else(not_allowed)?;
    *reached = Check::Form;
    let (payload, claims) = jwt.claims()?;
    *reached = Check::Issuer;
    let chosen = select(policies, &claims)?;
    let Some(policy) = policies.get(chosen).map(Borrow::borrow) else {
        return Err(not_allowed());
    };
    *reached = Check::Type;
    check_header(header, algorithm, jwt.is_padded(), policy)?;
    *reached = Check::Audience;
    check_audience(header, &claims.registered, policy)?;
    *reached = Check::Time;
    check_time(&claims.registered, policy.leeway(), now)?;
    let signature = jwt.signature()?;
    let registered = claims.registered;
    Ok(Candidate {
        jwt,
        payload,
        signature,
        registered,
        algorithm,
        policy: chosen,
        cache_key: None,
    })
}

/// The policy whose issuer the token claims, preferring one that also knows the audience.
fn select<P: Borrow<Policy>>(policies: &[P], claims: &Claims) -> Result<usize, Error> {
    let registered = &claims.registered;
    let mut chosen = None;
    let mut refused = None;
    for (index, policy) in policies.iter().map(Borrow::borrow).enumerate() {
        match policy.issuer.judge(policy.profile, claims) {
            Claimed::Ours if names_one(&registered.audience, policy) => return Ok(index),
            Claimed::Ours => chosen = chosen.or(Some(index)),
            Claimed::Refused(error) => refused = refused.or(Some(error)),
            Claimed::Other => {}
        }
    }
    if let Some(index) = chosen {
        return Ok(index);
    }
    if let Some(error) = refused {
        return Err(error);
    }
    let by_subject = |policy: &P| matches!(policy.borrow().issuer, IssuerRule::TrustDomains(_));
    if policies.iter().all(by_subject) {
        return Err(match registered.subject {
            None => missing("sub"),
            Some(_) => {
                Error::new(Code::UnknownIssuer, "the token's `sub` is in no trusted trust domain")
            }
        });
    }
    Err(match registered.issuer {
        None => missing("iss"),
        Some(_) => {
            Error::new(Code::UnknownIssuer, "the token is from an issuer that is not trusted")
        }
    })
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
    match &header.signer {
        _ if policy.signers.is_empty() => Ok(()),
        None => Err(missing("signer")),
        Some(signer) if policy.signers.contains(signer) => Ok(()),
        Some(_) => Err(mismatch("signer")),
    }
}

fn not_allowed() -> Error {
    Error::new(Code::AlgNotAllowed, "the policy does not allow the token's algorithm")
}

fn names_one(audience: &[String], policy: &Policy) -> bool {
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
    if claims.audience.is_empty() {
        return Err(missing("aud"));
    }
    if !names_one(&claims.audience, policy) || (policy.sole_audience && claims.audience.len() != 1)
    {
        return Err(audience_mismatch());
    }
    Ok(())
}

fn audience_mismatch() -> Error {
    Error::new(Code::AudienceMismatch, "the token is for another audience")
}

fn check_time(claims: &RegisteredClaims, leeway: i64, now: Timestamp) -> Result<(), Error> {
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
