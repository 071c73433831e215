//! The loop that drives a machine of the core: begin, poll, perform, resolve, end. Copy this file to write your own host.
//!
//! It blocks the calling thread. Any number of threads may share it. Callers with the same request wait for one of them,
//! the leader, which performs the effects for all.

use super::operating_system::now;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;
use workload_identity_core::manage::{Manager, ManagerRequest, ManagerResult};
use workload_identity_core::verify::{VerificationResult, Verifier, VerifierRequest};
use workload_identity_core::{
    Effect, EffectId, Engine, Error, FlightId, Outcome, Request, Step, Ticket, Timestamp,
    TokenResult,
};

/// A machine of the core. `docs/protocol.md` describes the methods.
pub(crate) trait Machine: Send + 'static {
    type Request;
    type Value;

    fn begin(&mut self, request: Result<Self::Request, Error>) -> Ticket;
    fn poll(&mut self, ticket: Ticket, now: Timestamp) -> Step<Self::Value>;
    fn resolve(&mut self, effect: EffectId, outcome: Outcome, now: Timestamp) -> Option<FlightId>;
    fn end(&mut self, ticket: Ticket) -> Option<FlightId>;
}

impl Machine for Engine {
    type Request = Request;
    type Value = TokenResult;

    fn begin(&mut self, request: Result<Request, Error>) -> Ticket {
        Engine::begin(self, request)
    }

    fn poll(&mut self, ticket: Ticket, now: Timestamp) -> Step<TokenResult> {
        Engine::poll(self, ticket, now)
    }

    fn resolve(&mut self, effect: EffectId, outcome: Outcome, now: Timestamp) -> Option<FlightId> {
        Engine::resolve(self, effect, outcome, now)
    }

    fn end(&mut self, ticket: Ticket) -> Option<FlightId> {
        Engine::end(self, ticket)
    }
}

impl Machine for Verifier {
    type Request = VerifierRequest;
    type Value = VerificationResult;

    fn begin(&mut self, request: Result<VerifierRequest, Error>) -> Ticket {
        Verifier::begin(self, request)
    }

    fn poll(&mut self, ticket: Ticket, now: Timestamp) -> Step<VerificationResult> {
        Verifier::poll(self, ticket, now)
    }

    fn resolve(&mut self, effect: EffectId, outcome: Outcome, now: Timestamp) -> Option<FlightId> {
        Verifier::resolve(self, effect, &outcome, now)
    }

    fn end(&mut self, ticket: Ticket) -> Option<FlightId> {
        Verifier::end(self, ticket)
    }
}

impl Machine for Manager {
    type Request = ManagerRequest;
    type Value = ManagerResult;

    fn begin(&mut self, request: Result<ManagerRequest, Error>) -> Ticket {
        Manager::begin(self, request)
    }

    fn poll(&mut self, ticket: Ticket, now: Timestamp) -> Step<ManagerResult> {
        Manager::poll(self, ticket, now)
    }

    fn resolve(&mut self, effect: EffectId, outcome: Outcome, now: Timestamp) -> Option<FlightId> {
        Manager::resolve(self, effect, &outcome, now)
    }

    fn end(&mut self, ticket: Ticket) -> Option<FlightId> {
        Manager::end(self, ticket)
    }
}

/// Performs effects. Tickets and flights are the driver's concern.
pub(crate) trait Host: Send + Sync + 'static {
    /// Performs the effect, however long it takes, and returns its outcome.
    fn perform(&self, effect: &Effect) -> Outcome;
}

/// A machine behind a lock, and its host.
pub(crate) struct Driver<M, H> {
    machine: Mutex<M>,
    /// One condition for all flights. It may wake too many callers; each of them polls again.
    woken: Condvar,
    host: H,
}

impl<M: Machine, H: Host> Driver<M, H> {
    /// The machine must have its seed already.
    pub(crate) fn new(machine: M, host: H) -> Arc<Self> {
        Arc::new(Self { machine: Mutex::new(machine), woken: Condvar::new(), host })
    }

    pub(crate) fn host(&self) -> &H {
        &self.host
    }

    /// Begins a request and waits for its result.
    pub(crate) fn request(
        self: &Arc<Self>,
        request: Result<M::Request, Error>,
    ) -> Result<M::Value, Error> {
        let ticket = self.lock().begin(request);
        self.drive(ticket)
    }

    fn drive(self: &Arc<Self>, ticket: Ticket) -> Result<M::Value, Error> {
        // Declared before the guard and so dropped after it, because ending locks the machine again.
        let _end = EndOnDrop { driver: self, ticket };
        let mut machine = self.lock();
        loop {
            match machine.poll(ticket, now()) {
                Step::Done { value, refresh } => {
                    if let Some(refresh) = refresh {
                        self.refresh_in_background(refresh);
                    }
                    return Ok(value);
                }
                Step::Fail(error) => return Err(error),
                Step::Perform { effect_id, effect, .. } => {
                    drop(machine);
                    let outcome = self.host.perform(&effect);
                    machine = self.lock();
                    if machine.resolve(effect_id, outcome, now()).is_some() {
                        self.woken.notify_all();
                    }
                }
                Step::Wait { until, .. } => {
                    // The lock is held from the poll to the wait, so no notification is missed in between.
                    let millis = u64::try_from(until.since(now())).unwrap_or(0);
                    machine = self
                        .woken
                        .wait_timeout(machine, Duration::from_millis(millis))
                        .unwrap_or_else(PoisonError::into_inner)
                        .0;
                }
            }
        }
    }

    /// The caller has a valid result already. A failed refresh is no error, because the machine tries again in time.
    fn refresh_in_background(self: &Arc<Self>, ticket: Ticket) {
        let driver = Arc::clone(self);
        thread::spawn(move || driver.drive(ticket).map(drop));
    }

    /// The locked machine, for calls that need no effect.
    pub(crate) fn lock(&self) -> MutexGuard<'_, M> {
        self.machine.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ends the ticket on every return, even if the host panics, and wakes callers that lost their leader.
struct EndOnDrop<'a, M: Machine, H: Host> {
    driver: &'a Driver<M, H>,
    ticket: Ticket,
}

impl<M: Machine, H: Host> Drop for EndOnDrop<'_, M, H> {
    fn drop(&mut self) {
        if self.driver.lock().end(self.ticket).is_some() {
            self.driver.woken.notify_all();
        }
    }
}
