//! The machine that manages the credentials of one identity.

use super::config::ManagerConfig;
use super::job::{Context, Job};
use super::request::{ManagerRequest, Operation};
use super::result::ManagerResult;
use crate::effect::{EffectId, Failure, Outcome};
use crate::entropy::{Entropy, Seed};
use crate::machine::{Finished, FlightId, Flights, Polled, Step, Ticket, no_seed};
use crate::{Code, Error, Timestamp};

/// The flight of all writes. Reads have flights of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Writing;

/// Manages the federated identity credentials of one identity. It performs no I/O: callers perform the effects that it returns.
/// `docs/protocol.md`, section 11, describes its use.
///
/// Requests that write are served one after the other, because ARM refuses a second change of an identity at the same time.
///
/// ```
/// use workload_identity_core::manage::{Manager, ManagerConfig, ManagerRequest};
/// use workload_identity_core::{Step, Timestamp};
/// let config = ManagerConfig::parse(br#"{"identity": {"app_id": "11111111-2222-3333-4444-555555555555"}}"#)?;
/// let mut manager = Manager::new(config);
/// manager.reseed([7; 32]);
/// let request = ManagerRequest::parse(br#"{"operation": "list"}"#, manager.config());
/// let ticket = manager.begin(request);
/// // The host gives an access token for Microsoft Graph.
/// assert!(matches!(manager.poll(ticket, Timestamp::from_seconds(1_767_225_600)), Step::Perform { .. }));
/// # Ok::<(), workload_identity_core::Error>(())
/// ```
#[derive(Debug)]
pub struct Manager {
    config: ManagerConfig,
    entropy: Option<Entropy>,
    flights: Flights<Job, Writing, Result<Operation, Error>, ManagerResult>,
}

impl Manager {
    /// Creates a manager. It needs a seed before the first poll.
    #[must_use]
    pub fn new(config: ManagerConfig) -> Self {
        Self { config, entropy: None, flights: Flights::new(1) }
    }

    /// Its configuration.
    #[must_use]
    pub fn config(&self) -> &ManagerConfig {
        &self.config
    }

    /// Sets the seed of all randomness: once before the first request, and again in a forked process.
    pub fn reseed(&mut self, seed: Seed) {
        self.entropy = Some(Entropy::new(seed));
    }

    /// Registers a request. An invalid request makes [`Self::poll`] fail.
    pub fn begin(&mut self, request: Result<ManagerRequest, Error>) -> Ticket {
        let deadline = request.as_ref().ok().and_then(|request| request.deadline);
        self.flights.begin(request.map(|request| request.operation), deadline)
    }

    /// Returns the next step of a ticket.
    pub fn poll(&mut self, ticket: Ticket, now: Timestamp) -> Step<ManagerResult> {
        loop {
            let Some(entropy) = &mut self.entropy else { return Step::Fail(no_seed()) };
            let config = &self.config;
            let next_effect = |job: &mut Job, deadline| {
                job.next_effect(&mut Context { config, entropy, now, deadline })
            };
            match self.flights.poll(ticket, self.config.timeout_ms, now, next_effect) {
                Polled::Step(step) => return step,
                Polled::Open { deadline } => self.start(ticket, deadline, now),
                Polled::Late(flight) => self.time_out(ticket, flight),
                Polled::Finished(finished) => self.finish(finished),
            }
        }
    }

    /// Takes the outcome of an effect. Returns the flight whose waiters must be woken.
    pub fn resolve(
        &mut self,
        effect: EffectId,
        outcome: &Outcome,
        now: Timestamp,
    ) -> Option<FlightId> {
        if matches!(outcome, Outcome::Failed { failure: Failure::Cancelled, .. })
            && self.flights.has_followers(effect)
        {
            return self.cancel(effect);
        }
        let (config, entropy) = (&self.config, self.entropy.as_mut()?);
        let finished = self.flights.resolve(effect, now, |job, deadline| {
            job.resolve(outcome, &mut Context { config, entropy, now, deadline });
            job.is_finished()
        })?;
        let flight = finished.flight;
        self.finish(finished);
        Some(flight)
    }

    /// Forgets a ticket. Returns the flight whose waiters must be woken. The work of a ticket that ends goes no further.
    pub fn end(&mut self, ticket: Ticket) -> Option<FlightId> {
        if self.flights.job_of(ticket).is_some_and(|job| job.owner == ticket) {
            self.flights.finish(ticket);
        }
        self.flights.end(ticket).wake
    }

    /// Returns the number of tickets, flights and effects that are open. All are zero when every ticket has ended.
    #[must_use]
    pub fn open(&self) -> (usize, usize, usize) {
        self.flights.open()
    }

    /// Begins the work of a request, or lets it wait for another one that writes.
    fn start(&mut self, ticket: Ticket, deadline: Timestamp, now: Timestamp) {
        let operation = match self.flights.request(ticket) {
            Some(Ok(operation)) => operation,
            Some(Err(error)) => {
                let error = error.clone();
                self.flights.settle(ticket, Err(error));
                return;
            }
            None => return,
        };
        let key = operation.writes().then_some(Writing);
        let flight = match key.as_ref().and_then(|key| self.flights.joinable(key)) {
            Some(flight) => flight,
            None => {
                let correlation_id = self.entropy.as_mut().map(Entropy::uuid).unwrap_or_default();
                let job = Job::new(ticket, operation.clone(), &self.config, correlation_id);
                self.flights.start(key, job, now)
            }
        };
        self.flights.join(ticket, flight, deadline);
    }

    /// The deadline of a ticket has passed. The work ends with it if it is the ticket's own.
    fn time_out(&mut self, ticket: Ticket, flight: FlightId) {
        let owns = self.flights.job_mut(flight).is_some_and(|job| job.owner == ticket);
        let message = if owns {
            "the caller's deadline passed before the service had answered; allow more time or look at the network"
        } else {
            "the caller's deadline passed while another request changed the same identity; allow more time"
        };
        let error = Error::new(Code::DeadlineExceeded, message);
        let result = match owns.then(|| self.flights.finish(ticket)).flatten() {
            Some(finished) => finished.job.interrupt(error),
            None => Err(error),
        };
        self.flights.settle(ticket, result.map(|value| (value, None)));
    }

    /// The caller of a leader gave up while others wait.
    fn cancel(&mut self, effect: EffectId) -> Option<FlightId> {
        let leader = self.flights.leader(effect)?;
        if self.flights.job_of(leader).is_none_or(|job| job.owner != leader) {
            return self.flights.cancel_leader(effect).wake;
        }
        let flight = self.flights.finish(leader)?.flight;
        let error = Error::new(Code::Cancelled, "the caller gave up");
        self.flights.settle(leader, Err(error));
        Some(flight)
    }

    /// Settles the ticket whose work has ended. The others that waited begin theirs.
    fn finish(&mut self, finished: Finished<Job>) {
        let owner = finished.job.owner;
        let result = finished.job.into_result();
        self.flights.settle(owner, result.map(|value| (value, None)));
    }
}
