//! One token before the verifier, with the keys at hand or from the network.

use super::VerifyArgs;
use crate::host::{self, Driver, Machine, Transport};
use std::sync::Arc;
use workload_identity_core::jose::{Jwks, UnverifiedClaims};
use workload_identity_core::verify::{
    Check, Checked, VerifiedClaims, Verifier, VerifierConfig, VerifierRequest, VerifierStep, Want,
};
use workload_identity_core::{Code, Error, Failure, Outcome, Timestamp, json};
use workload_identity_crypto_native::AwsLc;

/// What came of a token.
pub(super) struct Judgement {
    pub(super) verdict: Result<Arc<VerifiedClaims>, Error>,
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
    let driver = Driver::new(verifier, Machine::new(Transport::new(args.ca_file.clone())));
    let at_once = check(&mut driver.lock(), token, now);
    let verdict = at_once.unwrap_or_else(|| {
        // The token has passed all that can be said without keys. They are fetched by the real clock.
        let request = VerifierRequest { want: Want::KeysOf(0), deadline: Some(args.deadline()) };
        driver.ask(Ok(request))?;
        let mut verifier = driver.lock();
        check(&mut verifier, token, now).unwrap_or_else(|| settled(&mut verifier, token, now))
    });
    let failed = verdict.as_ref().err();
    let failed = failed.map(|error| driver.lock().failed_check(token, error, now));
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

/// The verdict, unless keys have to be fetched first.
pub(super) fn check(
    verifier: &mut Verifier,
    token: &str,
    now: Timestamp,
) -> Option<Result<Arc<VerifiedClaims>, Error>> {
    Some(match verifier.check(token, now) {
        Checked::Accepted { verified, .. } => Ok(verified),
        Checked::Refused(error) => Err(error),
        Checked::Unproven(unproven) => unproven.prove().map(Arc::new),
        Checked::Drive => return None,
    })
}

/// The verdict with the keys just fetched, where the machine would like to fetch once more.
fn settled(
    verifier: &mut Verifier,
    token: &str,
    now: Timestamp,
) -> Result<Arc<VerifiedClaims>, Error> {
    let ticket = verifier.begin(Ok(VerifierRequest::token(token)));
    let detail = "the keys were fetched a moment ago".to_owned();
    let outcome = Outcome::Failed { failure: Failure::Denied, detail };
    let verdict = loop {
        match verifier.poll(ticket, now) {
            VerifierStep::Perform { id, .. } => {
                verifier.resolve(id, &outcome, now);
            }
            VerifierStep::Fail(error) => break error,
            VerifierStep::Done { .. } | VerifierStep::Wait { .. } => {
                break Error::new(Code::Internal, "a token was accepted without keys for it");
            }
        }
    };
    verifier.end(ticket);
    Err(verdict)
}
