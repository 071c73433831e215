//! The engine: tickets in, steps out. It owns the cache, the flights and all decisions; it performs nothing.

mod landing;

use crate::acquire::{Acquire, Context, Memory, Wanted};
use crate::cache::TokenCache;
use crate::config::Config;
use crate::effect::{Effect, EffectId, Failure, Outcome};
use crate::entropy::{Entropy, Seed};
use crate::flight::{Flight, MAX_TICKETS, REFUSED, Turn};
use crate::ordered::Ordered;
use crate::request::Request;
use crate::table::Table;
use crate::ticket::{FlightId, Ticket};
use crate::token::AccessToken;
use crate::{Code, Error, Timestamp};
use alloc::sync::Arc;

/// Flights per key when flights are per request.
const MAX_PARALLEL: usize = 16;

/// What a caller does next.
#[derive(Clone, Debug)]
pub enum Step {
    /// The token. Until `fresh_until` it may be handed out again for the same request without asking.
    Done {
        /// The token.
        token: AccessToken,
        /// Ask again at or after this.
        fresh_until: Timestamp,
        /// A background refresh to drive like any ticket, given to one caller only.
        refresh: Option<Ticket>,
    },
    /// No token, and why.
    Fail(Error),
    /// The caller is the leader: perform the effect, resolve it, poll again.
    Perform {
        /// Whose work it is.
        flight: FlightId,
        /// Names the effect in `resolve`.
        id: EffectId,
        /// What to do.
        effect: Effect,
    },
    /// Somebody else leads: wait for the flight's wake-up, at most until `until`, and poll again.
    Wait {
        /// Which flight.
        flight: FlightId,
        /// Poll at this instant even without a wake-up.
        until: Timestamp,
    },
}

#[derive(Debug)]
enum State {
    /// Not looked at yet.
    New,
    /// Waits in a flight.
    Joined(FlightId),
    /// Has its final step. The flight, if any, was left leaderless and must be woken.
    Ready(Final, Option<FlightId>),
}

/// How a request ends.
pub(crate) type Final = Result<Done, Error>;

/// The members of [`Step::Done`].
#[derive(Clone, Debug)]
pub(crate) struct Done {
    pub(crate) token: AccessToken,
    pub(crate) fresh_until: Timestamp,
    pub(crate) refresh: Option<Ticket>,
}

#[derive(Debug)]
struct Entry {
    wanted: Result<Wanted, Error>,
    deadline: Option<Timestamp>,
    /// This ticket is a background refresh.
    refresh: bool,
    state: State,
}

/// The sans-IO engine. See `docs/protocol.md` for the law of its use.
#[derive(Debug)]
pub struct Engine {
    config: Config,
    entropy: Option<Entropy>,
    tickets: Table<Entry>,
    flights: Table<Flight<Acquire>>,
    /// The latest flight of each key.
    flights_of: Ordered<Arc<str>, u64>,
    effects: Table<FlightId>,
    cache: TokenCache,
    memory: Memory,
}

impl Engine {
    /// An engine without randomness yet.
    #[must_use]
    pub fn new(config: Config) -> Self {
        let cache = TokenCache::new(config.cache_max_entries, config.cache_max_bytes);
        Self {
            config,
            entropy: None,
            tickets: Table::new(),
            flights: Table::new(),
            flights_of: Ordered::new(),
            effects: Table::new(),
            cache,
            memory: Memory::default(),
        }
    }

    /// Gives randomness: once before the first request, again in a forked child.
    pub fn reseed(&mut self, seed: Seed) {
        self.entropy = Some(Entropy::new(seed));
    }

    /// Registers a request. What is wrong with it comes from [`Self::poll`].
    pub fn begin(&mut self, request: Result<Request, Error>) -> Ticket {
        if self.tickets.len() >= MAX_TICKETS {
            return REFUSED;
        }
        let deadline = request.as_ref().ok().and_then(|request| request.deadline);
        let wanted = request.and_then(|request| Wanted::check(request, &self.config));
        let entry = Entry { wanted, deadline, refresh: false, state: State::New };
        Ticket(self.tickets.insert(entry))
    }

    /// The next step of a ticket.
    pub fn poll(&mut self, ticket: Ticket, now: Timestamp) -> Step {
        let turn = self.turn(ticket, now);
        let step = match turn {
            Turn::Ready => self.result(ticket).map(|result| match result.clone() {
                Ok(Done { token, fresh_until, refresh }) => {
                    Step::Done { token, fresh_until, refresh }
                }
                Err(error) => Step::Fail(error),
            }),
            Turn::Perform(flight) => self.pending(flight).map(|(id, effect)| Step::Perform {
                flight,
                id: *id,
                effect: effect.clone(),
            }),
            Turn::Wait(flight, until) => Some(Step::Wait { flight, until }),
            Turn::Fail(error) => Some(Step::Fail(error)),
        };
        step.unwrap_or_else(|| Step::Fail(Error::new(Code::Internal, "a step is missing")))
    }

    /// What a ticket's caller does next.
    pub(crate) fn turn(&mut self, ticket: Ticket, now: Timestamp) -> Turn {
        let Some(entry) = self.tickets.get_mut(ticket.0) else { return Turn::unknown(ticket) };
        if self.entropy.is_none() {
            return Turn::no_seed();
        }
        let timeout = self.config.timeout_ms;
        let deadline = *entry.deadline.get_or_insert_with(|| now.plus_millis(timeout));
        match &entry.state {
            State::Ready(..) => Turn::Ready,
            State::New => match entry.wanted.clone() {
                Err(error) => self.ready(ticket, Err(error), None),
                Ok(wanted) => self.first(ticket, &wanted, deadline, now),
            },
            State::Joined(flight) => {
                let flight = *flight;
                self.fly(ticket, flight, deadline, now)
            }
        }
    }

    /// The final step of a ticket that is ready.
    pub(crate) fn result(&self, ticket: Ticket) -> Option<&Final> {
        match &self.tickets.get(ticket.0)?.state {
            State::Ready(result, _) => Some(result),
            _ => None,
        }
    }

    /// The effect that is pending in a flight.
    pub(crate) fn pending(&self, flight: FlightId) -> Option<&(EffectId, Effect)> {
        self.flights.get(flight.0)?.pending.as_deref()
    }

    /// Takes what came of an effect. Returns the flight whose waiters must be woken.
    pub fn resolve(
        &mut self,
        effect: EffectId,
        outcome: Outcome,
        now: Timestamp,
    ) -> Option<FlightId> {
        let id = *self.effects.remove(effect.0)?;
        let flight = self.flights.get_mut(id.0)?;
        if flight.pending.as_ref().is_none_or(|pending| pending.0 != effect) {
            return None;
        }
        // The leader's caller gave up, not those who wait for it.
        if matches!(outcome, Outcome::Failed { failure: Failure::Cancelled, .. })
            && flight.waiting.len() > 1
            && let Some(leader) = flight.leader
        {
            flight.leave(leader);
            flight.void = None;
            self.ready(leader, Err(Error::new(Code::Cancelled, "the caller gave up")), None);
            return Some(id);
        }
        flight.answered(now);
        let deadline = flight.deadline();
        let entropy = self.entropy.as_mut()?;
        let mut cx =
            Context { config: &self.config, entropy, memory: &mut self.memory, now, deadline };
        flight.work.answer(&outcome, &mut cx);
        self.land(id, now).then_some(id)
    }

    /// Forgets a ticket. Returns the flight whose waiters must be woken because its leader left.
    pub fn end(&mut self, ticket: Ticket) -> Option<FlightId> {
        let entry = self.tickets.remove(ticket.0)?;
        if let (true, Ok(wanted)) = (entry.refresh, &entry.wanted) {
            self.cache.refresh_ends(&wanted.cache_key, ticket);
        }
        match entry.state {
            State::New => None,
            State::Ready(_, left) => left,
            State::Joined(flight) => self.leave(ticket, flight),
        }
    }

    /// Tickets, flights and effects that are open; all are zero when every ticket has been ended.
    #[must_use]
    pub fn open(&self) -> (usize, usize, usize) {
        (self.tickets.len(), self.flights.len(), self.effects.len())
    }

    fn ready(&mut self, ticket: Ticket, result: Final, left: Option<FlightId>) -> Turn {
        if let Some(entry) = self.tickets.get_mut(ticket.0) {
            entry.state = State::Ready(result, left);
        }
        Turn::Ready
    }

    /// The first look at a request: the cache, remembered refusals, then a flight.
    fn first(
        &mut self,
        ticket: Ticket,
        wanted: &Wanted,
        deadline: Timestamp,
        now: Timestamp,
    ) -> Turn {
        if !wanted.fresh_only
            && let Some(hit) = self.cache.find(&wanted.cache_key, now)
        {
            let room = self.tickets.len() < MAX_TICKETS;
            let refresh = (hit.refresh_due && room).then(|| self.begin_refresh(wanted, now));
            let token = hit.token.cached();
            let done = Done { token, fresh_until: hit.fresh_until, refresh };
            return self.ready(ticket, Ok(done), None);
        }
        // A flight that waits the pause out takes newcomers along.
        let key = &*wanted.flight_key;
        let joins = self.flights_of.contains_key(key) && self.shared(key);
        if !joins && let Some(error) = self.memory.throttled(&wanted.cache_key, now) {
            let result = self.failed(&wanted.cache_key, wanted.fresh_only, error, now);
            return self.ready(ticket, result, None);
        }
        let flight = self.join(ticket, wanted, deadline, now);
        self.fly(ticket, flight, deadline, now)
    }

    fn begin_refresh(&mut self, wanted: &Wanted, now: Timestamp) -> Ticket {
        let mut wanted = wanted.clone();
        wanted.fresh_only = true;
        let key = wanted.cache_key.clone();
        let entry = Entry { wanted: Ok(wanted), deadline: None, refresh: true, state: State::New };
        let ticket = Ticket(self.tickets.insert(entry));
        // A former refresh that nobody drove or ended has lost its lease, and now its ticket.
        if let Some(lost) = self.cache.refresh_begins(&key, ticket, now) {
            self.end(lost);
        }
        ticket
    }

    /// Puts a ticket into the flight of its key, or a new one.
    fn join(
        &mut self,
        ticket: Ticket,
        wanted: &Wanted,
        deadline: Timestamp,
        now: Timestamp,
    ) -> FlightId {
        let key = &wanted.flight_key;
        let id = match self.flights_of.get(&**key).copied() {
            Some(id) if self.shared(key) => FlightId(id),
            _ => {
                let correlation_id = self.entropy.as_mut().map(Entropy::uuid).unwrap_or_default();
                let acquire = Acquire::new(wanted.clone(), &self.config, correlation_id.into());
                let id = self.flights.insert(Flight::new(acquire, now));
                self.flights_of.insert(key.clone(), id);
                FlightId(id)
            }
        };
        if let Some(flight) = self.flights.get_mut(id.0) {
            flight.waiting.push((ticket, deadline));
            // Whoever may not be answered from the store has joined: what it holds no longer does.
            flight.work.wanted.fresh_only |= wanted.fresh_only;
        }
        if let Some(entry) = self.tickets.get_mut(ticket.0) {
            entry.state = State::Joined(id);
        }
        id
    }

    /// Whether a request joins the key's flight instead of leading its own.
    fn shared(&self, key: &str) -> bool {
        let same = || {
            self.flights.values().filter(|flight| *flight.work.wanted.flight_key == *key).count()
        };
        !self.config.per_request || same() >= MAX_PARALLEL
    }

    /// A ticket in a flight: lead, wait, or learn that time is up.
    fn fly(&mut self, ticket: Ticket, id: FlightId, deadline: Timestamp, now: Timestamp) -> Turn {
        if now >= deadline {
            // A token is at hand and only the store is slow.
            if self.flights.get_mut(id.0).is_some_and(|flight| flight.work.skip_save()) {
                return self.landed(ticket, id, now);
            }
            let left = self.leave(ticket, id);
            let error = Error::new(
                Code::DeadlineExceeded,
                "the caller's deadline passed before a token arrived; allow more time or look at the token source and network",
            );
            let wanted = self.tickets.get(ticket.0).and_then(|entry| entry.wanted.clone().ok());
            let result = match wanted {
                Some(wanted) => self.failed(&wanted.cache_key, wanted.fresh_only, error, now),
                None => Err(error),
            };
            return self.ready(ticket, result, left);
        }
        let (Some(flight), Some(entropy)) = (self.flights.get_mut(id.0), self.entropy.as_mut())
        else {
            return Turn::no_flight();
        };
        if !flight.claim(ticket, now) {
            return Turn::Wait(id, flight.lease.min(deadline));
        }
        if let Some(effect) = flight.void.take() {
            self.effects.remove(effect.0);
        }
        if flight.pending.is_some() {
            return Turn::Perform(id);
        }
        let mut cx = Context {
            config: &self.config,
            entropy,
            memory: &mut self.memory,
            now,
            // The leader performs the effect itself, so that it ends when the leader's time does.
            deadline,
        };
        match flight.work.ask(&mut cx) {
            Some(effect) => {
                flight.hand_out(EffectId(self.effects.insert(id)), effect, now);
                Turn::Perform(id)
            }
            None => self.landed(ticket, id, now),
        }
    }
}
