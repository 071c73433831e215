//! Verifies one token with given keys, or with keys from the network.

use super::VerifyArgs;
use crate::host::{self, Driver, SystemHost, Transport};
use serde::Serialize;
use serde_json::value::RawValue;
use std::sync::Arc;
use workload_identity_core::jose::{Jwks, UnverifiedClaims};
use workload_identity_core::verify::{
    CheckResult, VerifiedToken, Verifier, VerifierConfig, VerifierRequest, VerifierRequestKind,
};
use workload_identity_core::{Check, Code, Error, Timestamp};
use workload_identity_crypto_native::AwsLc;

/// The result for a token.
pub(super) struct TokenCheck {
    pub(super) result: Result<Arc<VerifiedToken>, Error>,
    /// The check that failed. `None` if none was made.
    pub(super) failed: Option<Check>,
    /// The claims of the token, as far as they can be read.
    pub(super) claims: UnverifiedClaims,
    /// The issuer's keys were needed and could not be fetched.
    pub(super) fetch_failed: bool,
    /// What the policy accepts.
    pub(super) wanted: Wanted,
}

/// The issuers and audiences that the policy accepts.
#[derive(Default, Serialize)]
pub(super) struct Wanted {
    pub(super) issuer: Vec<String>,
    pub(super) audience: Vec<String>,
}

impl TokenCheck {
    /// The given keys cannot be used.
    pub(super) fn without_keys(token: &str, error: Error) -> Self {
        Self {
            result: Err(error),
            failed: None,
            claims: claims(token),
            fetch_failed: false,
            wanted: Wanted::default(),
        }
    }
}

/// Checks a token under the policy of the command line.
///
/// # Errors
/// The policy is invalid, or the given keys are not a key set.
pub(super) fn check_token(
    args: &VerifyArgs,
    keys: &[Option<Vec<u8>>],
    token: &str,
    now: Timestamp,
) -> Result<TokenCheck, Error> {
    if let [Some(pem)] = keys
        && Jwks::is_pem(pem)
    {
        return check_with_each(args, &Jwks::from_pem(pem)?, token, now);
    }
    let keys: Vec<_> = keys
        .iter()
        .map(|keys| keys.as_deref().map(key_set).transpose())
        .collect::<Result<_, _>>()?;
    check_with(args, &keys, token, now)
}

/// Checks a token with each of the keys of a PEM file. The first one that fits verifies it.
///
/// Such keys have no name, so that each is given the one that the token names.
fn check_with_each(
    args: &VerifyArgs,
    keys: &Jwks,
    token: &str,
    now: Timestamp,
) -> Result<TokenCheck, Error> {
    let name = claims(token).key_id;
    let mut best: Option<TokenCheck> = None;
    for key in keys.keys() {
        let key = match &name {
            Some(name) => key.clone().with_key_id(name.as_str()),
            None => key.clone(),
        };
        let set = Jwks::from_keys(vec![key]).to_json();
        let check = check_with(args, &[Some(key_set(set.as_bytes())?)], token, now)?;
        if check.result.is_ok() {
            return Ok(check);
        }
        // A key of another type says less than one whose signature is compared.
        if best.as_ref().is_none_or(|best| best.failed < check.failed) {
            best = Some(check);
        }
    }
    best.ok_or_else(|| Error::new(Code::Malformed, "the PEM file has no key"))
}

fn check_with(
    args: &VerifyArgs,
    keys: &[Option<&RawValue>],
    token: &str,
    now: Timestamp,
) -> Result<TokenCheck, Error> {
    let config = VerifierConfig::parse(args.policy.configuration(keys).to_string().as_bytes())?;
    let wanted =
        Wanted { issuer: config.accepted_issuers(), audience: args.policy.audience.clone() };
    let mut verifier = Verifier::new(config, Arc::new(AwsLc))?;
    verifier.reseed(host::seed()?);
    let driver = Driver::new(verifier, SystemHost::new(Transport::trusting(args.ca_file.clone())?));
    let missing = match driver.lock().check(token, now) {
        CheckResult::MissingKeys(missing) => Some(missing.issuer()),
        _ => None,
    };
    let fetched = match missing {
        // The token has passed every check that needs no key. Keys are fetched by the real clock.
        Some(issuer) => driver
            .request(Ok(VerifierRequest {
                kind: VerifierRequestKind::KeysOf(issuer),
                deadline: Some(args.deadline()),
            }))
            .map(drop),
        None => Ok(()),
    };
    let fetch_failed = fetched.is_err();
    let result = fetched.and_then(|()| driver.lock().verify_with_held_keys(token, now));
    let failed = result.as_ref().err().map(|error| error.check.unwrap_or(Check::Key));
    Ok(TokenCheck { result, failed, claims: claims(token), fetch_failed, wanted })
}

fn claims(token: &str) -> UnverifiedClaims {
    UnverifiedClaims::peek(token).unwrap_or_default()
}

/// Checks that a document is a key set, because it becomes part of a configuration.
pub(super) fn key_set(bytes: &[u8]) -> Result<&RawValue, Error> {
    Jwks::parse(bytes)?;
    // `Jwks` passes over a byte order mark, which must not get into the configuration.
    serde_json::from_slice(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes))
        .map_err(|_| Error::new(Code::Malformed, "the key set is refused: not valid JSON"))
}
