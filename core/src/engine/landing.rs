//! How a flight ends: its result reaches all who wait, or they leave it one by one.

use super::{Done, Engine, Final, State};
use crate::acquire::Acquire;
use crate::cache::REFRESH_PAUSE_MS;
use crate::flight::{Flight, Turn};
use crate::ticket::{FlightId, Ticket};
use crate::token::AccessToken;
use crate::{Code, Error, Fault, Timestamp};
use alloc::boxed::Box;

impl Engine {
    /// Lands a flight during a ticket's poll.
    pub(super) fn landed(&mut self, ticket: Ticket, id: FlightId, now: Timestamp) -> Turn {
        self.land(id, now);
        match self.tickets.get_mut(ticket.0).map(|entry| &mut entry.state) {
            Some(State::Ready(_, left)) => {
                // `poll` cannot name a flight to wake, so that this ticket's `end` will.
                *left = Some(id);
                Turn::Ready
            }
            _ => {
                let error = Error::new(Code::Internal, "a flight ended without a result");
                self.ready(ticket, Err(error), Some(id))
            }
        }
    }

    pub(super) fn leave(&mut self, ticket: Ticket, id: FlightId) -> Option<FlightId> {
        let flight = self.flights.get_mut(id.0)?;
        let wake = flight.leave(ticket);
        if let Some(effect) = flight.void.take() {
            self.effects.remove(effect.0);
        }
        if flight.waiting.is_empty() {
            self.remove(id);
        }
        wake.then_some(id)
    }

    pub(super) fn remove(&mut self, id: FlightId) -> Option<Box<Flight<Acquire>>> {
        let flight = self.flights.remove(id.0)?;
        if let Some(pending) = &flight.pending {
            self.effects.remove(pending.0.0);
        }
        if self.flights_of.get(&flight.work.wanted.flight_key) == Some(&id.0) {
            self.flights_of.remove(&flight.work.wanted.flight_key);
        }
        Some(flight)
    }

    /// Hands a finished flight's result to all who wait; false while it is still under way.
    pub(super) fn land(&mut self, id: FlightId, now: Timestamp) -> bool {
        let Some(result) = self.flights.get(id.0).and_then(|flight| flight.work.result().cloned())
        else {
            return false;
        };
        let Some(flight) = self.remove(id) else { return false };
        let wanted = flight.work.wanted;
        let key = &wanted.cache_key;
        // A token that was asked for later, for a claims challenge perhaps, is not replaced by an older one.
        let kept = self.cache.find_stale(key, now);
        let older =
            kept.is_some_and(|kept| kept.received_on() > flight.began) && !wanted.fresh_only;
        if let (Ok(token), false) = (&result, older) {
            self.cache.keep(key, token.clone());
        }
        for (ticket, _) in flight.waiting {
            let result = match &result {
                Ok(token) => Ok(Done {
                    fresh_until: self.remembered_until(token, now),
                    token: token.clone(),
                    refresh: None,
                }),
                // Whether an older token will do is each caller's own affair, not the first one's.
                Err(error) => {
                    let wanted = self.tickets.get(ticket.0).map(|entry| &entry.wanted);
                    let fresh_only = matches!(wanted, Some(Ok(wanted)) if wanted.fresh_only);
                    self.failed(key, fresh_only, error.clone(), now)
                }
            };
            self.ready(ticket, result, None);
        }
        true
    }

    /// Hosts remember nothing when the cache is off.
    pub(super) fn remembered_until(&self, token: &AccessToken, now: Timestamp) -> Timestamp {
        if self.config.cache_max_entries == 0 { now } else { token.fresh_until() }
    }

    /// A failure, unless a token that is still valid can bridge the trouble.
    pub(super) fn failed(
        &mut self,
        key: &str,
        fresh_only: bool,
        error: Error,
        now: Timestamp,
    ) -> Final {
        let pause = now.plus_millis(REFRESH_PAUSE_MS);
        let not_before = error.retry_at.unwrap_or(pause).max(pause);
        self.cache.refresh_failed(key, not_before);
        let passing = error.retryable() || error.code.fault() == Fault::Transport;
        match self.cache.find_stale(key, now) {
            Some(token) if passing && !fresh_only => Ok(Done {
                fresh_until: pause.min(token.expires_on()),
                token: token.cached(),
                refresh: None,
            }),
            _ => Err(error),
        }
    }
}
