//! The class `Verifier`: the core's verifier behind a lock. Signatures are verified without the lock.

use crate::errors::{
    catch_panic, error_details, internal_error, internal_failure, lock, or_value_error,
};
use crate::verified_token::VerifiedToken;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use std::sync::{Arc, Mutex};
use workload_identity_core::crypto::Provider;
use workload_identity_core::jose::{Algorithm, Jwk};
use workload_identity_core::verify::{self, CheckResult};
use workload_identity_core::{Code, Error, Timestamp, wire};

#[cfg(feature = "aws-lc")]
pub(crate) type CryptoProvider = workload_identity_crypto_native::AwsLc;
#[cfg(not(feature = "aws-lc"))]
pub(crate) type CryptoProvider = workload_identity_core::crypto::RustCrypto;

/// A verifier with its key sets, flights and tickets. Threads may share it.
///
/// Instants are unix milliseconds. Ids are positive integers; 0 means none.
#[pyclass(frozen, module = "workload_identity._native")]
pub(crate) struct Verifier {
    machine: Mutex<wire::Verifier>,
}

#[pymethods]
impl Verifier {
    /// Parses the configuration. Raises `ValueError` with the error's JSON if it is invalid.
    #[new]
    fn new(config: &[u8]) -> PyResult<Self> {
        let provider: Arc<dyn Provider> = Arc::new(CryptoProvider {});
        or_value_error(|| wire::Verifier::new(config, provider))
            .map(|machine| Self { machine: Mutex::new(machine) })
    }

    /// Takes 32 random bytes: once before the first `begin`, and again after a fork.
    fn reseed(&self, seed: &[u8]) -> PyResult<()> {
        or_value_error(|| lock(&self.machine).reseed(seed))
    }

    /// Verifies a token with the keys at hand.
    ///
    /// Returns a `VerifiedToken`, the details of the error as a dictionary, or `None` if keys must be fetched first.
    fn check<'py>(
        &self,
        py: Python<'py>,
        token: &str,
        now: i64,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let now = Timestamp::from_millis(now);
        match py.detach(|| catch_panic(|| self.verify(token, now))) {
            Some(Ok(Some(verified))) => {
                Ok(Some(Bound::new(py, VerifiedToken::new(verified))?.into_any()))
            }
            Some(Ok(None)) => Ok(None),
            Some(Err(error)) => error_details(py, &error).map(Some),
            None => Err(PyValueError::new_err(internal_error())),
        }
    }

    /// Registers a request and returns its ticket.
    fn begin(&self, request: &[u8]) -> u64 {
        catch_panic(|| lock(&self.machine).begin(request)).unwrap_or(0)
    }

    /// Returns the ticket of a background refresh of keys, or 0 if none is due.
    fn refresh(&self, now: i64) -> u64 {
        catch_panic(|| lock(&self.machine).refresh(now)).unwrap_or(0)
    }

    /// Returns the next step of a ticket as JSON, and the `VerifiedToken` of a step `done`; `None` if it has none.
    fn poll(&self, ticket: u64, now: i64) -> (String, Option<VerifiedToken>) {
        let (step, verified) = catch_panic(|| lock(&self.machine).poll_value(ticket, now))
            .unwrap_or_else(|| (internal_failure(), None));
        (step, verified.map(VerifiedToken::new))
    }

    /// Takes the outcome of an effect. Returns the flight to wake, or 0.
    fn resolve(
        &self,
        effect: u64,
        kind: &str,
        status: u32,
        head: &[u8],
        body: &[u8],
        now: i64,
    ) -> u64 {
        catch_panic(|| lock(&self.machine).resolve(effect, kind, status, head, body, now))
            .unwrap_or(0)
    }

    /// Removes a ticket. Returns the flight to wake, or 0.
    fn end(&self, ticket: u64) -> u64 {
        catch_panic(|| lock(&self.machine).end(ticket)).unwrap_or(0)
    }

    /// Returns the key sets at hand as JSON.
    ///
    /// With `wait=False`, returns `None` if the lock is held. In a forked child it may be held by a thread that does
    /// not exist there.
    #[pyo3(signature = (now, wait = true))]
    fn snapshot(&self, now: i64, wait: bool) -> Option<String> {
        let machine = if wait { lock(&self.machine) } else { self.machine.try_lock().ok()? };
        catch_panic(|| machine.snapshot(now))
    }

    /// Takes the key sets of a snapshot and returns their number. Raises `ValueError` with the error's JSON.
    fn load(&self, snapshot: &[u8], now: i64) -> PyResult<u32> {
        or_value_error(|| lock(&self.machine).load(snapshot, now))
    }
}

impl Verifier {
    /// Verifies a token with the keys at hand; `None` if the token has to be driven with `begin`.
    ///
    /// Runs without the GIL. The signature is verified without the machine's lock.
    fn verify(
        &self,
        token: &str,
        now: Timestamp,
    ) -> Result<Option<Arc<verify::VerifiedToken>>, Error> {
        let (result, has_cache) = {
            let mut machine = lock(&self.machine);
            let verifier = machine.verifier();
            (verifier.check(token, now), verifier.has_cache())
        };
        let pending = match result {
            CheckResult::Accepted { token, .. } => return Ok(Some(token)),
            CheckResult::Refused(error) => return Err(error),
            CheckResult::MissingKeys(_) => return Ok(None),
            CheckResult::Pending(pending) if pending.needs_host() => return Ok(None),
            CheckResult::Pending(pending) => pending,
        };
        let verified = Arc::new(pending.verify_signature(token)?);
        if has_cache {
            lock(&self.machine).verifier().cache(&verified);
        }
        Ok(Some(verified))
    }
}

/// Performs the effect `verify`: returns whether a signature was made with a key, a JWK.
///
/// Raises `ValueError` with the error's JSON if the key or the algorithm is not supported.
#[pyfunction]
pub(crate) fn verify_signature(
    key: &[u8],
    algorithm: &str,
    input: &[u8],
    signature: &[u8],
) -> PyResult<bool> {
    let verify = || {
        let unsupported = || Error::new(Code::AlgUnsupported, "the algorithm is not known");
        let algorithm = Algorithm::from_name(algorithm).ok_or_else(unsupported)?;
        match (CryptoProvider {}).verify(algorithm, &Jwk::parse(key)?, input, signature) {
            Ok(()) => Ok(true),
            Err(error) if error.code == Code::SignatureInvalid => Ok(false),
            Err(error) => Err(error),
        }
    };
    or_value_error(|| verify().map_err(|error: Error| error.to_json()))
}
