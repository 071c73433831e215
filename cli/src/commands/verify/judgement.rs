//! One token before the verifier, with the keys at hand or from the network.

use super::VerifyArgs;
use crate::host::{self, Driver, SystemHost, Transport};
use std::sync::Arc;
use workload_identity_core::jose::{Jwks, UnverifiedClaims};
use workload_identity_core::verify::{
    CheckResult, VerifiedToken, Verifier, VerifierConfig, VerifierRequest, Want,
};
use workload_identity_core::{Check, Code, Error, Timestamp, json};
use workload_identity_crypto_native::AwsLc;

/// What came of a token.
pub(super) struct Judgement {
    pub(super) verdict: Result<Arc<VerifiedToken>, Error>,
    /// The check that failed; none if no token was looked at.
    pub(super) failed: Option<Check>,
    /// What the token says of itself, as far as it can be read.
    pub(super) says: UnverifiedClaims,
}

impl Judgement {
    /// The keys that were given are of no use.
    pub(super) fn without_keys(token: &str, error: Error) -> Self {
        let says = UnverifiedClaims::peek(token).unwrap_or_default();
        Self { verdict: Err(error), failed: None, says }
    }
}

/// Judges a token under the policy of the command line.
///
/// # Errors
/// The policy contradicts itself, or the keys given are no key set.
pub(super) fn judge(
    args: &VerifyArgs,
    keys: Option<&[u8]>,
    token: &str,
    now: Timestamp,
) -> Result<Judgement, Error> {
    let keys = keys.map(document).transpose()?;
    let config = VerifierConfig::parse(args.policy.configuration(keys).as_bytes())?;
    let mut verifier = Verifier::new(config, Arc::new(AwsLc))?;
    verifier.reseed(host::seed()?);
    let driver = Driver::new(verifier, SystemHost::new(Transport::new(args.ca_file.clone())));
    let missing = matches!(driver.lock().check(token, now), CheckResult::MissingKeys(_));
    let fetched = match missing {
        // The token has passed every check that needs no key. Keys are fetched by the real clock.
        true => driver
            .request(Ok(VerifierRequest { want: Want::KeysOf(0), deadline: Some(args.deadline()) }))
            .map(drop),
        false => Ok(()),
    };
    let verdict = fetched.and_then(|()| driver.lock().verify_with_held_keys(token, now));
    let failed = verdict.as_ref().err().map(|error| error.check.unwrap_or(Check::Key));
    let says = UnverifiedClaims::peek(token).unwrap_or_default();
    Ok(Judgement { verdict, failed, says })
}

/// A key set's text, once it is known to be one: it becomes part of a larger document.
pub(super) fn document(bytes: &[u8]) -> Result<&str, Error> {
    let broken =
        |reason: String| Error::new(Code::Malformed, format!("the key set is refused: {reason}"));
    Jwks::parse(bytes)?;
    json::parse(bytes).map_err(|fault| broken(fault.to_string()))?;
    str::from_utf8(bytes).map_err(|fault| broken(fault.to_string()))
}
