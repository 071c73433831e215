//! The verifier with arguments and results in bytes and text.

use super::outcome;
use super::step;
use crate::crypto::Provider;
use crate::effect::Failure;
use crate::jose::{Jwk, base64url_encode};
use crate::verify::{
    self, CheckResult, PendingVerification, VerificationResult, VerifiedToken, VerifierConfig,
    VerifierRequest, WireHeader, host_crypto_failed,
};
use crate::{Code, EffectId, Error, Step, Ticket, Timestamp};
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::sync::Arc;
use core::fmt;
use serde::Serialize;

/// Verifications that wait for the host's crypto at the same time.
const MAX_PENDING: usize = 1000;

/// A [`verify::Verifier`] for language bindings. Shapes: `docs/protocol.md`, section 8.
///
/// ```
/// use std::sync::Arc;
/// use workload_identity_core::crypto::RustCrypto;
/// use workload_identity_core::wire::Verifier;
/// let config = br#"{"issuers":[{"issuer":"https://issuer.example","audience":"api://mine"}]}"#;
/// let mut verifier = Verifier::new(config, Arc::new(RustCrypto)).unwrap();
/// verifier.reseed(&[7; 32]).unwrap();
/// let ticket = verifier.begin(br#"{"keys_of":0}"#);
/// let step = verifier.poll(ticket, 1_700_000_000_000);
/// assert!(step.contains("https://issuer.example/.well-known/openid-configuration"));
/// ```
#[derive(Debug)]
pub struct Verifier {
    verifier: verify::Verifier,
    pending: PendingVerifications,
}

impl Verifier {
    /// Parses the configuration. `provider` verifies signatures unless the configuration leaves them to the host.
    ///
    /// # Errors
    /// The error's wire form.
    pub fn new(config: &[u8], provider: Arc<dyn Provider>) -> Result<Self, String> {
        VerifierConfig::parse(config)
            .and_then(|config| verify::Verifier::new(config, provider))
            .map(|verifier| Self { verifier, pending: PendingVerifications::default() })
            .map_err(|error| error.to_json())
    }

    /// Gives 32 bytes of randomness.
    ///
    /// # Errors
    /// The wire form of `misuse` when there are not 32.
    pub fn reseed(&mut self, seed: &[u8]) -> Result<(), String> {
        self.verifier.reseed(super::seed(seed)?);
        Ok(())
    }

    /// Checks a token without waiting. Returns one step as JSON: `done`, `fail`, `verify_signature` if the host's crypto
    /// verifies signatures, or `drive` if keys must be fetched first.
    ///
    /// Bindings that compute signatures outside of a lock use [`Self::begin_check`] or [`Self::verifier`].
    pub fn check(&mut self, token: &[u8], now: i64) -> String {
        match self.begin_check(token, now) {
            Ok(step) => step,
            Err(pending) => {
                let verified = pending.verify_signature(token);
                self.end_check(verified)
            }
        }
    }

    /// The first part of [`Self::check`]: all but the signature, which takes most of the time.
    ///
    /// # Errors
    /// The verification whose signature the caller verifies, without a lock. Its result is for [`Self::end_check`].
    pub fn begin_check(
        &mut self,
        token: &[u8],
        now: i64,
    ) -> Result<String, Box<PendingVerification>> {
        match self.verifier.check(token, Timestamp::from_millis(now)) {
            CheckResult::Accepted { token, fresh_until } => Ok(done(token, Some(fresh_until))),
            CheckResult::Refused(error) => Ok(failed(error)),
            CheckResult::Pending(pending) if pending.needs_host() => Ok(self.ask_host(*pending)),
            CheckResult::Pending(pending) => Err(pending),
            CheckResult::MissingKeys(_) => Ok(String::from(r#"{"step":"drive"}"#)),
        }
    }

    /// The last part of [`Self::check`]: takes the result of [`PendingVerification::verify_signature`] and returns the step.
    pub fn end_check(&mut self, verified: Result<VerifiedToken, Error>) -> String {
        match verified {
            Ok(verified) => done(self.cache(verified), None),
            Err(error) => failed(error),
        }
    }

    /// The decoded signature of a `verify_signature` step; empty if there is no such verification.
    #[must_use]
    pub fn signature(&self, verification: u64) -> &[u8] {
        self.pending.get(verification).map_or(&[], PendingVerification::signature)
    }

    /// The key of a `verify_signature` step as a JWK, for a host that has not imported it yet.
    #[must_use]
    pub fn jwk(&self, verification: u64) -> Option<String> {
        self.pending.get(verification)?.key().map(Jwk::to_json)
    }

    /// Takes the host's result of a `verify_signature` step and ends the verification: `valid`, `invalid`, or the failure
    /// word (`not_found`, `denied`, `other`, ...) of a host that could not tell. Returns the payload, the token's claims as
    /// they were signed.
    ///
    /// # Errors
    /// The wire form of `signature_invalid`, of a refused claim, of the host's failure (`alg_unsupported`, `key_rejected`,
    /// `provider_error`), or of `too_many_requests` when the verification was dropped for newer ones.
    pub fn complete(&mut self, verification: u64, result: &str) -> Result<String, String> {
        let verified = match self.pending.take(verification) {
            None => Err(Error::new(
                Code::TooManyRequests,
                "the verification has ended, or was dropped since 1000 newer ones are open; verify the token again",
            )),
            Some(pending) => match result {
                "valid" => pending.complete(true),
                "invalid" => pending.complete(false),
                failure => Err(host_crypto_failed(Failure::from_name(failure))),
            },
        };
        match verified {
            Ok(verified) if self.verifier.has_cache() => {
                Ok(String::from(self.cache(verified).payload()))
            }
            Ok(verified) => Ok(verified.into_payload()),
            Err(error) => Err(error.to_json()),
        }
    }

    /// The machine itself.
    pub fn verifier(&mut self) -> &mut verify::Verifier {
        &mut self.verifier
    }

    fn cache(&mut self, verified: VerifiedToken) -> Arc<VerifiedToken> {
        let verified = Arc::new(verified);
        self.verifier.cache(&verified);
        verified
    }

    /// Leaves the signature to the host.
    fn ask_host(&mut self, pending: PendingVerification) -> String {
        let (header, key) = (pending.header(), pending.key());
        let step = VerifySignature {
            step: "verify_signature",
            verification: self.pending.next,
            signed_bytes: pending.signed_bytes(),
            header: WireHeader::from(header),
            profile: pending.profile().name,
            algorithm: pending.algorithm().name(),
            key_id: key.and_then(Jwk::key_id),
            key_thumbprint: key.map(|key| base64url_encode(key.thumbprint())),
            key_set_age: pending.key_set_age().map(|age| age / 1000),
        };
        let text = serde_json::to_string(&step).unwrap_or_default();
        self.pending.add(pending);
        text
    }

    /// Registers a request.
    pub fn begin(&mut self, request: &[u8]) -> u64 {
        self.verifier.begin(VerifierRequest::parse(request)).0
    }

    /// A background refresh to drive, 0 for none.
    pub fn refresh(&mut self, now: i64) -> u64 {
        self.verifier.refresh(Timestamp::from_millis(now)).map_or(0, |ticket| ticket.0)
    }

    /// The next step of a ticket.
    pub fn poll(&mut self, ticket: u64, now: i64) -> String {
        self.poll_value(ticket, now).0
    }

    /// The next step of a ticket, and the verified token of a step `done` for a binding that makes an object of it.
    pub fn poll_value(&mut self, ticket: u64, now: i64) -> (String, Option<Arc<VerifiedToken>>) {
        let step = self.verifier.poll(Ticket(ticket), Timestamp::from_millis(now));
        let text = step::write(&step, |value| (value, None));
        match step {
            Step::Done { value: VerificationResult::Token(token), .. } => (text, Some(token)),
            _ => (text, None),
        }
    }

    /// Takes an outcome; returns the flight to wake or 0.
    pub fn resolve(
        &mut self,
        effect: u64,
        kind: &str,
        status: u32,
        head: &[u8],
        body: &[u8],
        now: i64,
    ) -> u64 {
        let outcome = outcome::read(kind, status, head, body);
        let now = Timestamp::from_millis(now);
        self.verifier.resolve(EffectId(effect), &outcome, now).map_or(0, |flight| flight.0)
    }

    /// Forgets a ticket; returns the flight to wake or 0.
    pub fn end(&mut self, ticket: u64) -> u64 {
        self.verifier.end(Ticket(ticket)).map_or(0, |flight| flight.0)
    }

    /// The key sets at hand as JSON.
    #[must_use]
    pub fn snapshot(&self, now: i64) -> String {
        self.verifier.snapshot(Timestamp::from_millis(now))
    }

    /// Takes key sets; returns how many.
    ///
    /// # Errors
    /// The error's wire form.
    pub fn load(&mut self, snapshot: &[u8], now: i64) -> Result<u32, String> {
        self.verifier
            .load(snapshot, Timestamp::from_millis(now))
            .map(|taken| u32::try_from(taken).unwrap_or(u32::MAX))
            .map_err(|error| error.to_json())
    }
}

/// The step of a token whose signature the host verifies. It has no claims.
#[derive(Serialize)]
struct VerifySignature<'a> {
    step: &'static str,
    verification: u64,
    signed_bytes: usize,
    header: WireHeader<'a>,
    profile: &'static str,
    algorithm: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_thumbprint: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_set_age: Option<i64>,
}

/// Signature verifications that wait for the host's result, by number. At most [`MAX_PENDING`]: the oldest is dropped.
struct PendingVerifications {
    open: BTreeMap<u64, PendingVerification>,
    /// The number of the next one; 0 is never one.
    next: u64,
}

impl Default for PendingVerifications {
    fn default() -> Self {
        Self { open: BTreeMap::new(), next: 1 }
    }
}

impl PendingVerifications {
    fn add(&mut self, pending: PendingVerification) {
        if self.open.len() >= MAX_PENDING {
            self.open.pop_first();
        }
        self.open.insert(self.next, pending);
        self.next += 1;
    }

    fn get(&self, verification: u64) -> Option<&PendingVerification> {
        self.open.get(&verification)
    }

    fn take(&mut self, verification: u64) -> Option<PendingVerification> {
        self.open.remove(&verification)
    }
}

/// Claims can be personal data.
impl fmt::Debug for PendingVerifications {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("PendingVerifications").field("open", &self.open.len()).finish()
    }
}

/// `fresh_until` is given for a result from the cache of verified tokens.
fn done(token: Arc<VerifiedToken>, fresh_until: Option<Timestamp>) -> String {
    step::write(&Step::Done { value: token, refresh: None }, |token| (&**token, fresh_until))
}

fn failed(error: Error) -> String {
    step::write(&Step::<()>::Fail(error), |()| ((), None))
}

#[cfg(all(test, feature = "rustcrypto"))]
mod tests;
