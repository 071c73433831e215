//! What the core's machines have in common: the law of their use, for one loop that drives them all.

use workload_identity_core::verify::{VerificationResult, Verifier, VerifierRequest};
use workload_identity_core::{
    AccessToken, Effect, EffectId, Engine, Error, Outcome, Request, Step, Ticket, Timestamp,
};

/// A machine that gives out effects and takes back outcomes.
pub(crate) trait CoreMachine: Send + 'static {
    type Request;
    type Value;

    fn begin(&mut self, request: Result<Self::Request, Error>) -> Ticket;
    fn poll(&mut self, ticket: Ticket, now: Timestamp) -> Turn<Self::Value>;
    /// Whether somebody must be woken.
    fn resolve(&mut self, effect: EffectId, outcome: Outcome, now: Timestamp) -> bool;
    /// Whether somebody must be woken.
    fn end(&mut self, ticket: Ticket) -> bool;
}

/// What a caller does next.
pub(crate) enum Turn<V> {
    Done { value: V, refresh: Option<Ticket> },
    Fail(Error),
    Perform { id: EffectId, effect: Effect },
    Wait { until: Timestamp },
}

impl CoreMachine for Engine {
    type Request = Request;
    type Value = AccessToken;

    fn begin(&mut self, request: Result<Request, Error>) -> Ticket {
        Engine::begin(self, request)
    }

    fn poll(&mut self, ticket: Ticket, now: Timestamp) -> Turn<AccessToken> {
        match Engine::poll(self, ticket, now) {
            Step::Done { value, refresh } => Turn::Done { value: value.token, refresh },
            Step::Fail(error) => Turn::Fail(error),
            Step::Perform { effect_id: id, effect, .. } => Turn::Perform { id, effect },
            Step::Wait { until, .. } => Turn::Wait { until },
        }
    }

    fn resolve(&mut self, effect: EffectId, outcome: Outcome, now: Timestamp) -> bool {
        Engine::resolve(self, effect, outcome, now).is_some()
    }

    fn end(&mut self, ticket: Ticket) -> bool {
        Engine::end(self, ticket).is_some()
    }
}

impl CoreMachine for Verifier {
    type Request = VerifierRequest;
    type Value = VerificationResult;

    fn begin(&mut self, request: Result<VerifierRequest, Error>) -> Ticket {
        Verifier::begin(self, request)
    }

    fn poll(&mut self, ticket: Ticket, now: Timestamp) -> Turn<VerificationResult> {
        match Verifier::poll(self, ticket, now) {
            Step::Done { value, refresh } => Turn::Done { value, refresh },
            Step::Fail(error) => Turn::Fail(error),
            Step::Perform { effect_id: id, effect, .. } => Turn::Perform { id, effect },
            Step::Wait { until, .. } => Turn::Wait { until },
        }
    }

    fn resolve(&mut self, effect: EffectId, outcome: Outcome, now: Timestamp) -> bool {
        Verifier::resolve(self, effect, &outcome, now).is_some()
    }

    fn end(&mut self, ticket: Ticket) -> bool {
        Verifier::end(self, ticket).is_some()
    }
}
