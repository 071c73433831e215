//! The class `Verifier`.

use crate::errors::{NativeError, lock};
use crate::machine::export_machine;
use std::sync::{Arc, Mutex};
use workload_identity_core::crypto::Provider;
use workload_identity_core::jose::{Algorithm, Jwk};
use workload_identity_core::{Code, Error, wire};
use workload_identity_crypto_native::AwsLc;

/// Verifies tokens. Instants are unix milliseconds; ids are positive integers, and 0 means none.
#[derive(Debug, uniffi::Object)]
pub struct Verifier(Mutex<wire::Verifier>);

export_machine!(Verifier);

#[uniffi::export]
impl Verifier {
    /// Parses the configuration. Throws the JSON of the error when it is wrong.
    #[uniffi::constructor]
    pub fn new(config: &[u8]) -> Result<Self, NativeError> {
        Ok(Self(Mutex::new(wire::Verifier::new(config, Arc::new(AwsLc))?)))
    }

    /// Checks a token without waiting and returns one step as JSON. A refusal is a step as well: an exception would cost
    /// more than the checks.
    pub fn check(&self, token: &[u8], now: i64) -> String {
        let begun = lock(&self.0).begin_check(token, now);
        begun.unwrap_or_else(|pending| {
            // Without the lock, so that threads verify in parallel.
            let verified = pending.verify_signature(token);
            lock(&self.0).end_check(verified)
        })
    }

    /// Returns the decoded signature of a `verify_signature` step.
    #[must_use]
    pub fn signature(&self, verification: u64) -> Vec<u8> {
        lock(&self.0).signature(verification).to_vec()
    }

    /// Returns the key of a `verify_signature` step as a JWK.
    #[must_use]
    pub fn jwk(&self, verification: u64) -> Option<String> {
        lock(&self.0).jwk(verification)
    }

    /// Takes the host's result of a `verify_signature` step and returns the payload. Throws as the constructor does when
    /// the token is refused.
    pub fn complete(&self, verification: u64, result: &str) -> Result<String, NativeError> {
        Ok(lock(&self.0).complete(verification, result)?)
    }

    /// Returns the ticket of a background refresh to drive, 0 for none.
    pub fn refresh(&self, now: i64) -> u64 {
        lock(&self.0).refresh(now)
    }

    /// Returns the cached key sets as JSON.
    #[must_use]
    pub fn snapshot(&self, now: i64) -> String {
        lock(&self.0).snapshot(now)
    }

    /// Takes key sets and returns how many. Throws as the constructor does.
    pub fn load(&self, snapshot: &[u8], now: i64) -> Result<u32, NativeError> {
        Ok(lock(&self.0).load(snapshot, now)?)
    }
}

/// Performs the effect `verify`: returns whether a signature was made with a key, a JWK. Throws the JSON of the error when
/// the key or the algorithm is not supported.
#[uniffi::export]
pub fn verify_signature(
    key: &[u8],
    algorithm: &str,
    input: &[u8],
    signature: &[u8],
) -> Result<bool, NativeError> {
    let unsupported = || Error::new(Code::AlgUnsupported, "the algorithm is not known");
    let verify = || {
        let algorithm = Algorithm::from_name(algorithm).ok_or_else(unsupported)?;
        match AwsLc.verify(algorithm, &Jwk::parse(key)?, input, signature) {
            Ok(()) => Ok(true),
            Err(error) if error.code == Code::SignatureInvalid => Ok(false),
            Err(error) => Err(error),
        }
    };
    verify().map_err(|error: Error| NativeError::Rejected(error.to_json()))
}
