//! The tickets of a machine and the flights that they wait in.

use super::lease::Lease;
use super::{FlightId, Step, Ticket};
use crate::{Code, Effect, EffectId, Error, Timestamp};
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

/// Tickets that can be open at the same time.
const MAX_TICKETS: usize = 100_000;
/// The ticket of a request beyond that. It is never registered; polling it fails.
const REFUSED: Ticket = Ticket(0);

/// How a request ends: its value, with a background refresh that is due, or an error.
type Final<V> = Result<(V, Option<Ticket>), Error>;

/// The tickets and flights of one machine.
///
/// `J` is the work of a flight, its job. `K` is what makes two jobs the same. `R` is the request of a ticket, `V` the value of
/// a request that succeeds.
#[derive(Debug)]
pub(crate) struct Flights<J, K, R, V> {
    /// Flights of one key that exist before requests join the latest of them.
    max_parallel: usize,
    tickets: BTreeMap<Ticket, Entry<R, V>>,
    flights: BTreeMap<FlightId, Flight<J, K>>,
    /// The flights of each key, the latest last.
    by_key: BTreeMap<K, Vec<FlightId>>,
    /// The flights whose leaders perform an effect.
    effects: BTreeMap<EffectId, FlightId>,
    last_ticket: u64,
    last_flight: u64,
    last_effect: u64,
}

#[derive(Debug)]
struct Entry<R, V> {
    request: R,
    /// `None` until the first poll, for a request without a deadline.
    deadline: Option<Timestamp>,
    state: State<V>,
    /// The flight that this ticket left or finished during a poll. A poll cannot wake anyone, so `end` names it.
    wake: Option<FlightId>,
}

#[derive(Debug)]
enum State<V> {
    /// The machine has to decide what the request needs.
    Open,
    /// The ticket waits in a flight.
    Joined(FlightId),
    /// The final step. It stays the same until the ticket ends.
    Settled(Final<V>),
}

#[derive(Debug)]
struct Flight<J, K> {
    job: J,
    key: Option<K>,
    began: Timestamp,
    /// The tickets that wait, with their deadlines.
    waiters: BTreeMap<Ticket, Timestamp>,
    leader: Option<Ticket>,
    lease: Lease,
    /// The effect that the leader performs.
    pending: Option<(EffectId, Effect)>,
}

/// What the machine does for a ticket that is polled. After all but `Step`, it polls again.
#[derive(Debug)]
pub(crate) enum Polled<J, V> {
    /// Return this step.
    Step(Step<V>),
    /// Settle the request, or join a flight.
    Open {
        /// When the caller stops waiting.
        deadline: Timestamp,
    },
    /// The deadline has passed in a flight: give up, or finish the flight early.
    Late(FlightId),
    /// The job has no further effect: settle or reopen the tickets that waited.
    Finished(Finished<J>),
}

/// A flight that has ended. The tickets that waited for it are open again.
#[derive(Debug)]
pub(crate) struct Finished<J> {
    pub(crate) flight: FlightId,
    pub(crate) job: J,
    pub(crate) began: Timestamp,
    pub(crate) waiters: Vec<Ticket>,
}

/// What a ticket leaves behind.
#[derive(Debug)]
pub(crate) struct Left<J> {
    /// The flight whose waiters must be woken, because it has no leader now or has finished.
    pub(crate) wake: Option<FlightId>,
    /// The job of a flight that ends because no ticket waits for it any more.
    pub(crate) abandoned: Option<J>,
}

impl<J> Left<J> {
    const fn nothing() -> Self {
        Self { wake: None, abandoned: None }
    }
}

impl<J, K: Ord + Clone, R, V: Clone> Flights<J, K, R, V> {
    /// No tickets yet. With `max_parallel` 1, requests of the same key always share a flight.
    pub(crate) fn new(max_parallel: usize) -> Self {
        Self {
            max_parallel,
            tickets: BTreeMap::new(),
            flights: BTreeMap::new(),
            by_key: BTreeMap::new(),
            effects: BTreeMap::new(),
            last_ticket: 0,
            last_flight: 0,
            last_effect: 0,
        }
    }

    /// Registers a request. Without a deadline, it has the time that its first poll allows.
    pub(crate) fn begin(&mut self, request: R, deadline: Option<Timestamp>) -> Ticket {
        if self.is_full() {
            return REFUSED;
        }
        self.last_ticket += 1;
        let ticket = Ticket(self.last_ticket);
        self.tickets.insert(ticket, Entry { request, deadline, state: State::Open, wake: None });
        ticket
    }

    /// Looks at a ticket. If it leads a flight that has no effect pending, `next_effect` returns the next effect of the job,
    /// or `None` when the job has finished. Its second argument is the leader's deadline, which every effect is cut to. Until
    /// an outcome is known, `next_effect` must return the same effect again, because a new leader asks again.
    pub(crate) fn poll(
        &mut self,
        ticket: Ticket,
        timeout_ms: i64,
        now: Timestamp,
        next_effect: impl FnOnce(&mut J, Timestamp) -> Option<Effect>,
    ) -> Polled<J, V> {
        let Some(entry) = self.tickets.get_mut(&ticket) else {
            return Polled::Step(Step::Fail(unknown(ticket)));
        };
        let deadline = *entry.deadline.get_or_insert_with(|| now.plus_millis(timeout_ms));
        let id = match &entry.state {
            State::Open => return Polled::Open { deadline },
            State::Settled(Ok((value, refresh))) => {
                return Polled::Step(Step::Done { value: value.clone(), refresh: *refresh });
            }
            State::Settled(Err(error)) => return Polled::Step(Step::Fail(error.clone())),
            State::Joined(id) => *id,
        };
        if now >= deadline {
            return Polled::Late(id);
        }
        let Some(flight) = self.flights.get_mut(&id) else { return gone() };
        if flight.leader != Some(ticket) {
            if flight.leader.is_some() && flight.lease.holds(now) {
                let until = flight.lease.until().min(deadline);
                return Polled::Step(Step::Wait { flight: id, until });
            }
            // A late outcome of the former leader must not disturb the new one.
            if let Some((stale, _)) = flight.pending.take() {
                self.effects.remove(&stale);
            }
            flight.leader = Some(ticket);
        }
        let (effect_id, effect) = match &flight.pending {
            Some((effect_id, effect)) => (*effect_id, effect.clone()),
            None => {
                let Some(mut effect) = next_effect(&mut flight.job, deadline) else {
                    return self.finish(ticket).map_or_else(gone, Polled::Finished);
                };
                effect.end_by(deadline, now);
                self.last_effect += 1;
                let effect_id = EffectId(self.last_effect);
                self.effects.insert(effect_id, id);
                flight.lease = Lease::performing(&effect, now);
                flight.pending = Some((effect_id, effect.clone()));
                (effect_id, effect)
            }
        };
        Polled::Step(Step::Perform { flight: id, effect_id, effect })
    }

    /// The flight that a request of this key joins, if it needs none of its own.
    pub(crate) fn joinable(&self, key: &K) -> Option<FlightId> {
        let flights = self.by_key.get(key)?;
        if flights.len() < self.max_parallel { None } else { flights.last().copied() }
    }

    /// Begins a flight. Without a key, no other request can join it.
    pub(crate) fn start(&mut self, key: Option<K>, job: J, now: Timestamp) -> FlightId {
        self.last_flight += 1;
        let id = FlightId(self.last_flight);
        if let Some(key) = &key {
            self.by_key.entry(key.clone()).or_default().push(id);
        }
        let flight = Flight {
            job,
            key,
            began: now,
            waiters: BTreeMap::new(),
            leader: None,
            lease: Lease::idle(now),
            pending: None,
        };
        self.flights.insert(id, flight);
        id
    }

    /// Lets a ticket wait in a flight until its deadline.
    pub(crate) fn join(&mut self, ticket: Ticket, flight: FlightId, deadline: Timestamp) {
        if let (Some(entry), Some(joined)) =
            (self.tickets.get_mut(&ticket), self.flights.get_mut(&flight))
        {
            entry.state = State::Joined(flight);
            joined.waiters.insert(ticket, deadline);
        }
    }

    /// Sets the final step of a ticket. A ticket that waits in a flight leaves it; `end` returns the flight if it has no
    /// leader now. Returns the flight's job if no other ticket waits for it.
    pub(crate) fn settle(&mut self, ticket: Ticket, result: Final<V>) -> Option<J> {
        let left = self.leave(ticket);
        if let Some(entry) = self.tickets.get_mut(&ticket) {
            entry.state = State::Settled(result);
            entry.wake = entry.wake.or(left.wake);
        }
        left.abandoned
    }

    /// Ends the flight that a ticket waits in, during a poll of this ticket. The ticket's `end` wakes the other waiters.
    pub(crate) fn finish(&mut self, ticket: Ticket) -> Option<Finished<J>> {
        let entry = self.tickets.get_mut(&ticket)?;
        let State::Joined(id) = entry.state else { return None };
        entry.wake = Some(id);
        self.remove(id)
    }

    /// Takes the outcome of an effect. `answer` passes it to the job, with the latest deadline of all who wait, and returns
    /// whether the job has finished. Returns the flight if it has; its waiters must be woken. The outcome of an effect that
    /// is not pending is ignored.
    pub(crate) fn resolve(
        &mut self,
        effect: EffectId,
        now: Timestamp,
        answer: impl FnOnce(&mut J, Timestamp) -> bool,
    ) -> Option<Finished<J>> {
        let id = self.effects.remove(&effect)?;
        let flight = self.flights.get_mut(&id)?;
        flight.pending = None;
        flight.lease = Lease::idle(now);
        let deadline = flight.waiters.values().max().copied().unwrap_or_default();
        if answer(&mut flight.job, deadline) { self.remove(id) } else { None }
    }

    /// Whether other tickets wait for an effect besides the leader that performs it.
    pub(crate) fn has_followers(&self, effect: EffectId) -> bool {
        let flight = self.effects.get(&effect).and_then(|id| self.flights.get(id));
        flight.is_some_and(|flight| flight.waiters.len() > 1)
    }

    /// The host cancelled an effect on behalf of its leader: the leader fails, the others go on without it.
    pub(crate) fn cancel_leader(&mut self, effect: EffectId) -> Left<J> {
        let Some(leader) = self.leader(effect) else { return Left::nothing() };
        let left = self.leave(leader);
        self.settle(leader, Err(Error::new(Code::Cancelled, "the caller gave up")));
        left
    }

    /// Forgets a ticket.
    pub(crate) fn end(&mut self, ticket: Ticket) -> Left<J> {
        let mut left = self.leave(ticket);
        if let Some(entry) = self.tickets.remove(&ticket) {
            left.wake = left.wake.or(entry.wake);
        }
        left
    }

    /// The request of a ticket.
    pub(crate) fn request(&self, ticket: Ticket) -> Option<&R> {
        self.tickets.get(&ticket).map(|entry| &entry.request)
    }

    /// The request of a ticket, to be changed.
    pub(crate) fn request_mut(&mut self, ticket: Ticket) -> Option<&mut R> {
        self.tickets.get_mut(&ticket).map(|entry| &mut entry.request)
    }

    /// The latest deadline of the tickets that wait in a flight.
    pub(crate) fn latest_deadline(&self, flight: FlightId) -> Option<Timestamp> {
        self.flights.get(&flight)?.waiters.values().max().copied()
    }

    /// The ticket that performs an effect.
    pub(crate) fn leader(&self, effect: EffectId) -> Option<Ticket> {
        self.effects.get(&effect).and_then(|id| self.flights.get(id))?.leader
    }

    /// The job of the flight that a ticket waits in.
    #[cfg(feature = "manage")]
    pub(crate) fn job_of(&self, ticket: Ticket) -> Option<&J> {
        let State::Joined(id) = self.tickets.get(&ticket)?.state else { return None };
        self.flights.get(&id).map(|flight| &flight.job)
    }

    /// The job of a flight.
    pub(crate) fn job_mut(&mut self, flight: FlightId) -> Option<&mut J> {
        self.flights.get_mut(&flight).map(|flight| &mut flight.job)
    }

    /// Whether no further request can be registered.
    pub(crate) fn is_full(&self) -> bool {
        self.tickets.len() >= MAX_TICKETS
    }

    /// Tickets, flights and effects that are open.
    pub(crate) fn open(&self) -> (usize, usize, usize) {
        (self.tickets.len(), self.flights.len(), self.effects.len())
    }

    /// Takes a ticket out of the flight that it waits in. If it led, the next ticket that is polled leads.
    fn leave(&mut self, ticket: Ticket) -> Left<J> {
        let Some(entry) = self.tickets.get_mut(&ticket) else { return Left::nothing() };
        let State::Joined(id) = entry.state else { return Left::nothing() };
        entry.state = State::Open;
        let Some(flight) = self.flights.get_mut(&id) else { return Left::nothing() };
        flight.waiters.remove(&ticket);
        if flight.waiters.is_empty() {
            return Left { wake: None, abandoned: self.remove(id).map(|finished| finished.job) };
        }
        if flight.leader != Some(ticket) {
            return Left::nothing();
        }
        flight.leader = None;
        if let Some((stale, _)) = flight.pending.take() {
            self.effects.remove(&stale);
        }
        Left { wake: Some(id), abandoned: None }
    }

    /// Removes a flight and opens the tickets that waited for it.
    fn remove(&mut self, id: FlightId) -> Option<Finished<J>> {
        let flight = self.flights.remove(&id)?;
        if let Some((effect, _)) = flight.pending {
            self.effects.remove(&effect);
        }
        if let Some(key) = &flight.key
            && let Some(flights) = self.by_key.get_mut(key)
        {
            flights.retain(|other| *other != id);
            if flights.is_empty() {
                self.by_key.remove(key);
            }
        }
        let waiters: Vec<Ticket> = flight.waiters.into_keys().collect();
        for ticket in &waiters {
            if let Some(entry) = self.tickets.get_mut(ticket) {
                entry.state = State::Open;
            }
        }
        Some(Finished { flight: id, job: flight.job, began: flight.began, waiters })
    }
}

/// The error of a ticket that is not open.
fn unknown(ticket: Ticket) -> Error {
    if ticket == REFUSED {
        let message = "100000 requests are open already; end those that are finished";
        return Error::new(Code::TooManyRequests, message);
    }
    Error::new(Code::Misuse, "the ticket is unknown or has ended")
}

/// A ticket waits for a flight that does not exist, which is a defect.
fn gone<J, V>() -> Polled<J, V> {
    let error = Error::new(Code::Internal, "a ticket waits for a flight that has ended");
    Polled::Step(Step::Fail(error))
}
