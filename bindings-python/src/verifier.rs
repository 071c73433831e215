//! The class `Verifier`: the core's verifier behind a lock, and its hot path without one.

use crate::guard::{caught, defect, locked};
use crate::refusal::refused;
use crate::verified::VerifiedToken;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use workload_identity_core::crypto::Provider;
use workload_identity_core::jose::{Algorithm, Jwk};
use workload_identity_core::verify::{Checked, Verdict, VerifiedClaims, VerifierStep};
use workload_identity_core::{Code, Error, Ticket, Timestamp, wire};

#[cfg(feature = "aws-lc")]
type Signatures = workload_identity_crypto_native::AwsLc;
#[cfg(not(feature = "aws-lc"))]
type Signatures = workload_identity_core::crypto::RustCrypto;

/// One verifier: its keys, its flights, its tickets. Safe to share between threads.
///
/// Instants are unix milliseconds. Ids are integers; 0 is never one.
#[pyclass(frozen, module = "workload_identity._native")]
pub(crate) struct Verifier {
    machine: Mutex<wire::VerifierMachine>,
}

/// What is known of a token at once.
enum Judged {
    Accepted(Arc<VerifiedClaims>),
    Refused(Error),
    Drive,
}

#[pymethods]
impl Verifier {
    /// Parses the configuration. Raises `ValueError` with the error's JSON when it is wrong.
    #[new]
    fn new(config: &[u8]) -> PyResult<Self> {
        let provider: Arc<dyn Provider> = Arc::new(Signatures {});
        caught(|| wire::VerifierMachine::new(config, provider))
            .unwrap_or_else(|| Err(defect()))
            .map(|machine| Self { machine: Mutex::new(machine) })
            .map_err(PyValueError::new_err)
    }

    /// Takes 32 random bytes: once before the first `begin`, again after a fork.
    fn reseed(&self, seed: &[u8]) -> PyResult<()> {
        locked(&self.machine, |machine| machine.reseed(seed))
            .unwrap_or_else(|| Err(defect()))
            .map_err(PyValueError::new_err)
    }

    /// The hot path: a `VerifiedToken`, the error as a dictionary, or `None` when the token must be driven.
    fn check<'py>(
        &self,
        py: Python<'py>,
        token: &str,
        now: i64,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let judged = py.detach(|| caught(|| self.judge(token, now)));
        match judged {
            Some(Judged::Accepted(claims)) => {
                Ok(Some(Bound::new(py, VerifiedToken::new(claims))?.into_any()))
            }
            Some(Judged::Refused(error)) => refused(py, &error).map(Some),
            Some(Judged::Drive) => Ok(None),
            None => Err(PyValueError::new_err(defect())),
        }
    }

    /// The `VerifiedToken` of a ticket whose step is `done`; `None` if it has none.
    fn verified(&self, ticket: u64, now: i64) -> Option<VerifiedToken> {
        let now = Timestamp::from_millis(now);
        let step = locked(&self.machine, |machine| machine.verifier().poll(Ticket(ticket), now));
        match step {
            Some(VerifierStep::Done { value: Verdict::Accepted(claims), .. }) => {
                Some(VerifiedToken::new(claims))
            }
            _ => None,
        }
    }

    /// Registers a request and returns its ticket.
    fn begin(&self, request: &[u8]) -> u64 {
        locked(&self.machine, |machine| machine.begin(request)).unwrap_or(0)
    }

    /// A background refresh of keys to drive, or 0.
    fn refresh(&self, now: i64) -> u64 {
        locked(&self.machine, |machine| machine.refresh(now)).unwrap_or(0)
    }

    /// The next step for a ticket, as JSON.
    fn poll(&self, ticket: u64, now: i64) -> String {
        locked(&self.machine, |machine| machine.poll(ticket, now))
            .unwrap_or_else(|| format!("{{\"step\":\"fail\",\"error\":{}}}", defect()))
    }

    /// Hands in an outcome. Returns the flight to wake, or 0.
    fn resolve(
        &self,
        effect: u64,
        kind: &str,
        status: u32,
        head: &[u8],
        body: &[u8],
        now: i64,
    ) -> u64 {
        locked(&self.machine, |machine| machine.resolve(effect, kind, status, head, body, now))
            .unwrap_or(0)
    }

    /// Forgets a ticket. Returns the flight to wake, or 0.
    fn end(&self, ticket: u64) -> u64 {
        locked(&self.machine, |machine| machine.end(ticket)).unwrap_or(0)
    }

    /// The key sets at hand as JSON; `None` if another thread is in the machine and `patient` is false.
    ///
    /// A forked child may find the machine locked by a thread that exists no more.
    #[pyo3(signature = (now, patient = true))]
    fn snapshot(&self, now: i64, patient: bool) -> Option<String> {
        if patient {
            return locked(&self.machine, |machine| machine.snapshot(now));
        }
        let machine = self.machine.try_lock().ok()?;
        caught(|| machine.snapshot(now))
    }

    /// Takes key sets and returns how many. Raises `ValueError` with the error's JSON when it cannot.
    fn load(&self, snapshot: &[u8], now: i64) -> PyResult<u32> {
        locked(&self.machine, |machine| machine.load(snapshot, now))
            .unwrap_or_else(|| Err(defect()))
            .map_err(PyValueError::new_err)
    }
}

/// The effect `verify`: whether a signature is that of a key (a JWK). Raises `ValueError` for a key or an algorithm that
/// is not taken.
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
        match (Signatures {}).verify(algorithm, &Jwk::parse(key)?, input, signature) {
            Ok(()) => Ok(true),
            Err(error) if error.code == Code::SignatureInvalid => Ok(false),
            Err(error) => Err(error),
        }
    };
    caught(verify)
        .map(|result| result.map_err(|error| error.to_json()))
        .unwrap_or_else(|| Err(defect()))
        .map_err(PyValueError::new_err)
}

impl Verifier {
    /// Runs without the interpreter, and computes the signature without the lock.
    fn judge(&self, token: &str, now: i64) -> Judged {
        let (checked, keeps) = {
            let mut machine = self.lock();
            let verifier = machine.verifier();
            (verifier.check(token, Timestamp::from_millis(now)), verifier.keeps())
        };
        match checked {
            Checked::Accepted(claims) => Judged::Accepted(claims),
            Checked::Refused(error) => Judged::Refused(error),
            Checked::Drive => Judged::Drive,
            Checked::Unproven(unproven) if unproven.by_host() => Judged::Drive,
            Checked::Unproven(unproven) => match unproven.prove() {
                Ok(claims) => {
                    let claims = Arc::new(claims);
                    if keeps {
                        self.lock().verifier().keep(&claims);
                    }
                    Judged::Accepted(claims)
                }
                Err(error) => Judged::Refused(error),
            },
        }
    }

    fn lock(&self) -> MutexGuard<'_, wire::VerifierMachine> {
        self.machine.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
