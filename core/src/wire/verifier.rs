//! The verifier in bytes.

use super::outcome;
use super::step::{integer, write_effect};
use crate::crypto::Provider;
use crate::json::{object, object_of};
use crate::verify::{
    Checked, Sealed, Unproven, VerifiedClaims, Verifier, VerifierConfig, VerifierRequest,
    VerifierStep,
};
use crate::{Code, EffectId, Error, Seed, Ticket, Timestamp};
use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;

/// What a step with a token's claims in it takes, mostly.
const USUAL_BYTES: usize = 3072;

/// What [`VerifierMachine::judge`] finds.
#[derive(Debug)]
pub enum Judged<'t> {
    /// A step as JSON: `done` (with a member `serial` if the verdict is remembered), `fail` or `drive`.
    Step(String),
    /// The verdict of that serial still holds; [`VerifierMachine::check`] tells it again.
    Seen(u64),
    /// The host computes the signature.
    Unproven(Box<Unproven<'t>>),
}

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
}

impl VerifierMachine {
    /// Parses the configuration.
    ///
    /// # Errors
    /// The error's wire form.
    pub fn new(config: &[u8], provider: Arc<dyn Provider>) -> Result<Self, String> {
        VerifierConfig::parse(config)
            .and_then(|config| Verifier::new(config, provider))
            .map(|verifier| Self { verifier })
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
            Checked::Accepted(verified) => done(&verified, None),
            Checked::Refused(error) => failed(&error),
            Checked::Unproven(unproven) if unproven.by_host() => drive(),
            Checked::Unproven(unproven) => match unproven.prove() {
                Ok(verified) => self.kept(verified, false),
                Err(error) => failed(&error),
            },
            Checked::Drive => drive(),
        }
    }

    /// The hot path for hosts that keep what they made of a verdict, or verify signatures themselves.
    pub fn judge<'t>(&mut self, token: &'t str, now: i64) -> Judged<'t> {
        Judged::Step(match self.verifier.check(token, Timestamp::from_millis(now)) {
            Checked::Accepted(verified) => match verified.serial() {
                Some(serial) => return Judged::Seen(serial),
                None => done(&verified, None),
            },
            Checked::Refused(error) => failed(&error),
            Checked::Unproven(unproven) if unproven.by_host() => return Judged::Unproven(unproven),
            Checked::Unproven(unproven) => match unproven.prove() {
                Ok(verified) => self.kept(verified, true),
                Err(error) => failed(&error),
            },
            Checked::Drive => drive(),
        })
    }

    /// Checks what comes after the signature, for a host that computes it meanwhile.
    ///
    /// # Errors
    /// The step `fail`.
    pub fn seal(&self, unproven: Unproven<'_>) -> Result<Sealed, String> {
        unproven.seal().map_err(|error| failed(&error))
    }

    /// Takes the host's word about a signature. Returns the verdict's serial if it is remembered, else 0.
    ///
    /// # Errors
    /// The step `fail`.
    pub fn open(&mut self, sealed: Sealed, good: bool) -> Result<u64, String> {
        let verified = Arc::new(sealed.open(good).map_err(|error| failed(&error))?);
        self.verifier.keep(&verified);
        Ok(verified.serial().unwrap_or_default())
    }

    fn kept(&mut self, verified: VerifiedClaims, numbered: bool) -> String {
        let verified = Arc::new(verified);
        self.verifier.keep(&verified);
        done(&verified, verified.serial().filter(|_| numbered))
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
        write(&self.verifier.poll(Ticket(ticket), Timestamp::from_millis(now)))
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

fn done(verified: &VerifiedClaims, serial: Option<u64>) -> String {
    object_of(verified.payload().len() + 512, |o| {
        o.text("step", "done")
            .integer_if("serial", serial.map(integer))
            .object("value", |o| verified.write(o));
    })
}

fn failed(error: &Error) -> String {
    object(|o| {
        o.text("step", "fail").object("error", |o| error.write(o));
    })
}

fn drive() -> String {
    object(|o| {
        o.text("step", "drive");
    })
}

fn write(step: &VerifierStep) -> String {
    object_of(USUAL_BYTES, |o| match step {
        VerifierStep::Done { value, refresh } => {
            o.text("step", "done")
                .object("value", |o| value.write(o))
                .integer_if("refresh", refresh.map(|ticket| integer(ticket.0)));
        }
        VerifierStep::Fail(error) => {
            o.text("step", "fail").object("error", |o| error.write(o));
        }
        VerifierStep::Perform { flight, id, effect } => {
            o.text("step", "perform")
                .integer("flight", integer(flight.0))
                .object("effect", |o| write_effect(*id, effect, o));
        }
        VerifierStep::Wait { flight, until } => {
            o.text("step", "wait")
                .integer("flight", integer(flight.0))
                .integer("until", until.millis());
        }
    })
}
