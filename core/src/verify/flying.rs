//! Flights of a verifier: who leads, who waits, and what becomes of them when the work is done.

use super::Verifier;
use super::verifier::{Entry, Final, State, Work};
use crate::flight::{Flight, Turn};
use crate::machine::{FlightId, Ticket};
use crate::{Code, Effect, EffectId, Error, Timestamp};
use alloc::boxed::Box;

impl Verifier {
    /// Waits for the keys of a source, or fails if they are not to be had now.
    pub(super) fn fetch(
        &mut self,
        ticket: Ticket,
        place: usize,
        error: Error,
        deadline: Timestamp,
        now: Timestamp,
    ) -> Turn {
        let begun = self.sources.get_mut(place).is_some_and(|source| source.begin(now));
        if !begun {
            return self.ready(ticket, Err(error), None);
        }
        let flight = self.join(ticket, place, deadline, now);
        self.fly(ticket, flight, deadline, now)
    }

    pub(super) fn join(
        &mut self,
        ticket: Ticket,
        place: usize,
        deadline: Timestamp,
        now: Timestamp,
    ) -> FlightId {
        let under_way = self.fetching.get(place).copied().flatten();
        let id = match under_way.filter(|id| self.flights.get(id.0).is_some()) {
            Some(id) => id,
            None => self.take_off(Work::Keys(place), now),
        };
        if let Some(known) = self.fetching.get_mut(place) {
            *known = Some(id);
        }
        if let Some(flight) = self.flights.get_mut(id.0) {
            flight.waiting.push((ticket, deadline));
            let latest = flight.deadline();
            if let Some(source) = self.sources.get_mut(place) {
                source.set_deadline(latest, now);
            }
        }
        self.set(ticket, State::Joined(id));
        id
    }

    /// A ticket in a flight: lead, wait, or learn that time is up.
    pub(super) fn fly(
        &mut self,
        ticket: Ticket,
        id: FlightId,
        deadline: Timestamp,
        now: Timestamp,
    ) -> Turn {
        if now >= deadline {
            let left = self.leave(ticket, id);
            let error = Error::new(
                Code::DeadlineExceeded,
                "the caller's deadline passed before the issuer's keys arrived; allow more time or look at the network",
            );
            return self.ready(ticket, Err(error), left);
        }
        let Some(flight) = self.flights.get_mut(id.0) else { return Turn::no_flight() };
        if !flight.claim(ticket, now) {
            return Turn::Wait(id, flight.lease.min(deadline));
        }
        if let Some(effect) = flight.void.take() {
            self.effects.remove(effect.0);
        }
        if flight.pending.is_some() {
            return Turn::Perform(id);
        }
        let Work::Keys(place) = flight.work else { return Turn::no_flight() };
        let Some(source) = self.sources.get_mut(place) else { return Turn::no_flight() };
        match source.ask(now) {
            Some(mut effect) => {
                limit(&mut effect, deadline, now);
                flight.hand_out(EffectId(self.effects.insert(id)), effect, now);
                Turn::Perform(id)
            }
            None => {
                self.land(id);
                let turn = self.turn(ticket, now);
                // `poll` cannot name a flight to wake, so that this ticket's `end` will.
                if let Some(Entry { state: State::Ready(_, left), .. }) =
                    self.tickets.get_mut(ticket.0)
                {
                    *left = Some(id);
                }
                turn
            }
        }
    }

    /// The fetch is over: everybody who waited looks again.
    pub(super) fn land(&mut self, id: FlightId) {
        let Some(flight) = self.remove(id) else { return };
        for (ticket, _) in flight.waiting {
            self.set(ticket, State::New { fetched: true });
        }
    }

    pub(super) fn leave(&mut self, ticket: Ticket, id: FlightId) -> Option<FlightId> {
        let flight = self.flights.get_mut(id.0)?;
        let wake = flight.leave(ticket);
        if let Some(effect) = flight.void.take() {
            self.effects.remove(effect.0);
        }
        if flight.waiting.is_empty() {
            if let Work::Keys(place) = flight.work
                && let Some(source) = self.sources.get_mut(place)
            {
                source.abandon();
            }
            self.remove(id);
        }
        wake.then_some(id)
    }

    pub(super) fn take_off(&mut self, work: Work, now: Timestamp) -> FlightId {
        FlightId(self.flights.insert(Flight::new(work, now)))
    }

    pub(super) fn remove(&mut self, id: FlightId) -> Option<Box<Flight<Work>>> {
        let flight = self.flights.remove(id.0)?;
        if let Some(pending) = &flight.pending {
            self.effects.remove(pending.0.0);
        }
        if let Work::Keys(place) = flight.work
            && let Some(known) = self.fetching.get_mut(place)
        {
            *known = None;
        }
        Some(flight)
    }

    pub(super) fn set(&mut self, ticket: Ticket, state: State) {
        if let Some(entry) = self.tickets.get_mut(ticket.0) {
            entry.state = state;
        }
    }

    pub(super) fn ready(&mut self, ticket: Ticket, result: Final, left: Option<FlightId>) -> Turn {
        self.set(ticket, State::Ready(result, left));
        Turn::Ready
    }
}

/// No effect outlasts the deadline of the caller that performs it.
fn limit(effect: &mut Effect, deadline: Timestamp, now: Timestamp) {
    match effect {
        Effect::Http(request) => {
            let left = u32::try_from(deadline.since(now));
            request.timeout_ms = request.timeout_ms.min(left.unwrap_or(u32::MAX));
        }
        Effect::Sleep { until } => *until = deadline.min(*until),
        _ => {}
    }
}
