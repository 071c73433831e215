//! The verifier in bytes.

use super::asked::{KnownKeys, KnownRefusals, SealedVerdicts};
use super::step;
use super::{Answer, outcome};
use crate::crypto::Provider;
use crate::json::{object, object_of};
use crate::verify::{
    Checked, VerifiedClaims, Verifier, VerifierConfig, VerifierRequest, VerifierStep,
};
use crate::{Code, EffectId, Error, Seed, Step, Ticket, Timestamp};
use alloc::string::String;
use alloc::sync::Arc;

/// A [`Verifier`] that takes and gives bytes.
///
/// ```
/// use std::sync::Arc;
/// use workload_identity_core::crypto::RustCrypto;
/// use workload_identity_core::wire::VerifierMachine;
/// let config = br#"{"issuers":[{"issuer":"https://issuer.example","audience":"api://mine"}]}"#;
/// let mut machine = VerifierMachine::new(config, Arc::new(RustCrypto)).unwrap();
/// machine.reseed(&[7; 32]).unwrap();
/// let ticket = machine.begin(br#"{"keys_of":0}"#);
/// let step = machine.poll(ticket, 1_700_000_000_000);
/// assert!(step.contains("https://issuer.example/.well-known/openid-configuration"));
/// ```
#[derive(Debug)]
pub struct VerifierMachine {
    verifier: Verifier,
    keys: KnownKeys,
    refusals: KnownRefusals,
    sealed: SealedVerdicts,
}

impl VerifierMachine {
    /// Parses the configuration.
    ///
    /// # Errors
    /// The error's wire form.
    pub fn new(config: &[u8], provider: Arc<dyn Provider>) -> Result<Self, String> {
        VerifierConfig::parse(config)
            .and_then(|config| Verifier::new(config, provider))
            .map(|verifier| Self {
                verifier,
                keys: KnownKeys::default(),
                refusals: KnownRefusals::default(),
                sealed: SealedVerdicts::default(),
            })
            .map_err(|error| error.to_json())
    }

    /// Gives 32 bytes of randomness.
    ///
    /// # Errors
    /// The wire form of `misuse` when there are not 32.
    pub fn reseed(&mut self, seed: &[u8]) -> Result<(), String> {
        match Seed::try_from(seed) {
            Ok(seed) => {
                self.verifier.reseed(seed);
                Ok(())
            }
            Err(_) => Err(Error::new(Code::Misuse, "a seed has exactly 32 bytes").to_json()),
        }
    }

    /// The hot path as a step: `done`, `fail` or `drive`. Bindings that want the signature outside of a lock use
    /// [`Self::verifier`].
    pub fn check(&mut self, token: &str, now: i64) -> String {
        match self.verifier.check(token, Timestamp::from_millis(now)) {
            Checked::Accepted(verified) => done(&verified),
            Checked::Refused(error) => failed(&error),
            Checked::Unproven(unproven) if unproven.by_host() => drive(),
            Checked::Unproven(unproven) => match unproven.prove() {
                Ok(verified) => {
                    let verified = Arc::new(verified);
                    self.verifier.keep(&verified);
                    done(&verified)
                }
                Err(error) => failed(&error),
            },
            Checked::Drive => drive(),
        }
    }

    /// The hot path for hosts that read memory, keep what they made of a verdict, or verify signatures themselves.
    pub fn judge(&mut self, token: &[u8], now: i64, answer: &mut Answer) {
        answer.begin();
        let unproven = match self.verifier.check(token, Timestamp::from_millis(now)) {
            Checked::Drive => return,
            Checked::Refused(error) => return self.refuse(&error, answer),
            Checked::Accepted(verified) => {
                return answer.seen(verified.serial().unwrap_or_default());
            }
            Checked::Unproven(unproven) => unproven,
        };
        let place = self.keys.place(&unproven);
        if unproven.by_host() {
            let signed_bytes = unproven.signing_input().len();
            answer.signature.extend_from_slice(unproven.signature());
            match unproven.seal() {
                Ok(sealed) => {
                    answer.key(Answer::ASK, &place);
                    if let Some(claims) = sealed.claims() {
                        answer.claims(claims);
                    }
                    answer.asked(self.sealed.put(sealed), signed_bytes);
                }
                Err(error) => self.refuse(&error, answer),
            }
        } else {
            match unproven.prove() {
                Ok(verified) => {
                    let verified = Arc::new(verified);
                    self.verifier.keep(&verified);
                    answer.key(Answer::ACCEPTED, &place);
                    answer.claims(&verified);
                }
                Err(error) => self.refuse(&error, answer),
            }
        }
    }

    fn refuse(&mut self, error: &Error, answer: &mut Answer) {
        answer.refused(error, self.refusals.place(error));
    }

    /// The key of a number, with what is said of every token that it verifies:
    /// `{"alg","algorithm","profile","key_id"?,"key_thumbprint","key"?}`; `key` if the host verifies with it.
    #[must_use]
    pub fn key(&self, number: usize) -> String {
        self.keys.text(number)
    }

    /// Opens a sealed verdict: 1 the signature is good, 0 it is not. Nothing is said if the verdict is the one that was
    /// read, else the step `fail`. Anything else but 0 and 1 forgets the verdict.
    pub fn open(&mut self, verdict: usize, good: u32) -> Option<String> {
        let sealed = self.sealed.take(verdict)?;
        if good > 1 {
            return None;
        }
        match sealed.open(good == 1) {
            Ok(verified) => {
                if self.verifier.keeps() {
                    self.verifier.keep(&Arc::new(verified));
                }
                None
            }
            Err(error) => Some(failed(&error)),
        }
    }

    /// The machine itself.
    pub fn verifier(&mut self) -> &mut Verifier {
        &mut self.verifier
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
        let step = match self.verifier.poll(Ticket(ticket), Timestamp::from_millis(now)) {
            VerifierStep::Done { value, refresh } => {
                Step::Done { value: object(|o| value.write(o)), refresh }
            }
            VerifierStep::Fail(error) => Step::Fail(error),
            VerifierStep::Perform { flight, id, effect } => {
                Step::Perform { flight, effect_id: id, effect }
            }
            VerifierStep::Wait { flight, until } => Step::Wait { flight, until },
        };
        step::write(&step, |value| (step::RawJson(value), None))
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

fn done(verified: &VerifiedClaims) -> String {
    object_of(verified.payload().len() + 512, |o| {
        o.text("step", "done").object("value", |o| verified.write(o));
    })
}

fn failed(error: &Error) -> String {
    object(|o| {
        o.text("step", "fail").raw("error", &error.to_json());
    })
}

fn drive() -> String {
    object(|o| {
        o.text("step", "drive");
    })
}
