//! The machines in bytes: what every language binding calls. Shapes: `docs/protocol.md`.

mod answer;
mod asked;
mod effect;
mod outcome;
mod step;
mod verifier;

use crate::{Code, Config, EffectId, Engine, Error, Request, Seed, Ticket, Timestamp};
use alloc::string::String;

pub use answer::Answer;
pub use verifier::VerifierMachine;

/// An [`Engine`] that takes and gives bytes.
///
/// ```
/// use workload_identity_core::wire::Machine;
/// let config = br#"{"tenant_id":"contoso.com","client_id":"11111111-2222-3333-4444-555555555555",
///     "source":{"kind":"callback"}}"#;
/// let mut machine = Machine::new(config).unwrap();
/// machine.reseed(&[7; 32]).unwrap();
/// let ticket = machine.begin(br#"{"scopes":["https://vault.azure.net/.default"]}"#);
/// let step = machine.poll(ticket, 1_700_000_000_000);
/// assert!(step.starts_with(r#"{"step":"perform""#));
/// ```
#[derive(Debug)]
pub struct Machine {
    engine: Engine,
}

impl Machine {
    /// Parses the configuration.
    ///
    /// # Errors
    /// The error's wire form.
    pub fn new(config: &[u8]) -> Result<Self, String> {
        match Config::parse(config) {
            Ok(config) => Ok(Self { engine: Engine::new(config) }),
            Err(error) => Err(error.to_json()),
        }
    }

    /// Gives 32 bytes of randomness.
    ///
    /// # Errors
    /// The wire form of `misuse` when there are not 32.
    pub fn reseed(&mut self, seed: &[u8]) -> Result<(), String> {
        match Seed::try_from(seed) {
            Ok(seed) => {
                self.engine.reseed(seed);
                Ok(())
            }
            Err(_) => Err(Error::new(Code::Misuse, "a seed has exactly 32 bytes").to_json()),
        }
    }

    /// Registers a request.
    pub fn begin(&mut self, request: &[u8]) -> u64 {
        self.engine.begin(Request::parse(request)).0
    }

    /// The next step of a ticket.
    pub fn poll(&mut self, ticket: u64, now: i64) -> String {
        step::of_engine(&self.engine.poll(Ticket(ticket), Timestamp::from_millis(now)))
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
        self.engine.resolve(EffectId(effect), outcome, now).map_or(0, |flight| flight.0)
    }

    /// Forgets a ticket; returns the flight to wake or 0.
    pub fn end(&mut self, ticket: u64) -> u64 {
        self.engine.end(Ticket(ticket)).map_or(0, |flight| flight.0)
    }
}

/// The names of the environment variables that a host passes in the configuration, as a JSON list.
#[must_use]
pub fn environment_names() -> String {
    // Text always has a JSON form.
    serde_json::to_string(&crate::environment_names()).unwrap_or_default()
}
