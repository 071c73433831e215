//! Requests that have to wait: for keys, or for a host that computes signatures.

use super::check::examine;
use super::unproven::KeyChoice;
use super::verifier::{Entry, Judged, MAX_TICKETS, REFUSED, State, Work};
use super::verifier_request::{VerifierRequest, Want};
use super::{KeysAtHand, Unproven, Verdict, VerifiedClaims, Verifier, VerifierStep};
use crate::crypto::KeySet;
use crate::effect::Failure;
use crate::flight::Flight;
use crate::ticket::{FlightId, Ticket};
use crate::{Code, Effect, EffectId, Error, Outcome, Timestamp};
use alloc::sync::Arc;

impl Verifier {
    /// Registers a request. What is wrong with it comes from [`Self::poll`].
    pub fn begin(&mut self, request: Result<VerifierRequest, Error>) -> Ticket {
        if self.tickets.len() >= MAX_TICKETS {
            return REFUSED;
        }
        let deadline = request.as_ref().ok().and_then(|request| request.deadline);
        let state = State::New { fetched: false };
        Ticket(self.tickets.insert(Entry { request, deadline, state }))
    }

    /// The next step of a ticket.
    pub fn poll(&mut self, ticket: Ticket, now: Timestamp) -> VerifierStep {
        let timeout = self.timeout_ms;
        let Some(entry) = self.tickets.get_mut(ticket.0) else {
            return VerifierStep::Fail(match ticket {
                REFUSED => Error::new(
                    Code::TooManyRequests,
                    "100000 requests are open already; end those that are finished",
                ),
                _ => Error::new(Code::Misuse, "the ticket is unknown or has ended"),
            });
        };
        if self.entropy.is_none() {
            return VerifierStep::Fail(Error::new(
                Code::Misuse,
                "no seed: call reseed before the first request",
            ));
        }
        let deadline = *entry.deadline.get_or_insert_with(|| now.plus_millis(timeout));
        match &entry.state {
            State::Ready(step, _) => step.clone(),
            State::Joined(flight) | State::Signing { flight, .. } => {
                let flight = *flight;
                self.fly(ticket, flight, deadline, now)
            }
            State::New { fetched } => {
                let fetched = *fetched;
                match entry.request.clone() {
                    Err(error) => self.ready(ticket, VerifierStep::Fail(error), None),
                    Ok(request) => match request.want {
                        Want::Token(token) => self.token(ticket, &token, fetched, deadline, now),
                        Want::KeysOf(index) => self.keys(ticket, index, fetched, deadline, now),
                    },
                }
            }
        }
    }

    /// Takes what came of an effect. Returns the flight whose waiters must be woken.
    pub fn resolve(
        &mut self,
        effect: EffectId,
        outcome: &Outcome,
        now: Timestamp,
    ) -> Option<FlightId> {
        let id = self.effects.remove(effect.0)?;
        let flight = self.flights.get_mut(id.0)?;
        if flight.pending.as_ref().is_none_or(|(pending, _)| *pending != effect) {
            return None;
        }
        let cancelled = matches!(outcome, Outcome::Failed { failure: Failure::Cancelled, .. });
        // The leader's caller gave up, not those who wait for it.
        if cancelled
            && flight.waiting.len() > 1
            && let Some(leader) = flight.leader
        {
            flight.leave(leader);
            flight.void = None;
            let error = Error::new(Code::Cancelled, "the caller gave up");
            self.ready(leader, VerifierStep::Fail(error), None);
            return Some(id);
        }
        flight.answered(now);
        match flight.work {
            Work::Keys(place) => {
                let (Some(source), Some(entropy)) =
                    (self.sources.get_mut(place), self.entropy.as_mut())
                else {
                    return None;
                };
                source.answer(outcome, &*self.provider, now, entropy);
                if source.fetching() {
                    return None;
                }
                self.land(id);
            }
            Work::Signature => self.signed(id, outcome),
        }
        Some(id)
    }

    /// Forgets a ticket. Returns the flight whose waiters must be woken because its leader left.
    pub fn end(&mut self, ticket: Ticket) -> Option<FlightId> {
        match self.tickets.remove(ticket.0)?.state {
            State::New { .. } => None,
            State::Ready(_, left) => left,
            State::Joined(flight) | State::Signing { flight, .. } => self.leave(ticket, flight),
        }
    }

    /// A background refresh that is due, as a ticket to drive. Whoever verifies a token asks; one gets it.
    pub fn refresh(&mut self, now: Timestamp) -> Option<Ticket> {
        if self.entropy.is_none() || self.tickets.len() >= MAX_TICKETS {
            return None;
        }
        let place = self.sources.iter_mut().position(|source| source.refresh_due(now))?;
        if !self.sources.get_mut(place)?.begin(now) {
            return None;
        }
        let issuer = self.source_of.iter().position(|source| *source == place)?;
        let want = Want::KeysOf(issuer);
        let ticket = self.begin(Ok(VerifierRequest { want, deadline: None }));
        let deadline = now.plus_millis(self.timeout_ms);
        self.join(ticket, place, deadline, now);
        Some(ticket)
    }

    fn token(
        &mut self,
        ticket: Ticket,
        token: &str,
        fetched: bool,
        deadline: Timestamp,
        now: Timestamp,
    ) -> VerifierStep {
        match self.judge(token, fetched, now) {
            Judged::Seen(verified) => self.accepted(ticket, verified, now),
            Judged::Refused(error) => self.ready(ticket, VerifierStep::Fail(error), None),
            Judged::Fetch(place, error) => self.fetch(ticket, place, error, deadline, now),
            Judged::Unproven(unproven) if unproven.by_host() => {
                self.ask_host(ticket, *unproven, deadline, now)
            }
            Judged::Unproven(unproven) => match unproven.prove() {
                Ok(verified) => self.accepted(ticket, Arc::new(verified), now),
                Err(error) => self.ready(ticket, VerifierStep::Fail(error), None),
            },
        }
    }

    fn accepted(
        &mut self,
        ticket: Ticket,
        verified: Arc<VerifiedClaims>,
        now: Timestamp,
    ) -> VerifierStep {
        self.keep(&verified);
        let refresh = self.refresh(now);
        let step = VerifierStep::Done { value: Verdict::Accepted(verified), refresh };
        self.ready(ticket, step, None)
    }

    /// A request for keys: those at hand, unless they may and should be fetched.
    fn keys(
        &mut self,
        ticket: Ticket,
        index: usize,
        fetched: bool,
        deadline: Timestamp,
        now: Timestamp,
    ) -> VerifierStep {
        let place = self.source_of.get(index).copied();
        let Some((place, source)) =
            place.and_then(|place| Some((place, self.sources.get_mut(place)?)))
        else {
            let error = Error::new(Code::RequestInvalid, "`keys_of` is not the place of an issuer");
            return self.ready(ticket, VerifierStep::Fail(error), None);
        };
        let wants = !fetched && (source.held(now).is_err() || source.fetch_for(None, now));
        let held = source.held(now).map(|held| KeysAtHand {
            usable: held.set.jwks().keys().len(),
            unusable: held.set.jwks().unusable().to_vec(),
            age_ms: held.age_ms,
        });
        let step = match held {
            Err(error) if wants => return self.fetch(ticket, place, error, deadline, now),
            Ok(_) if wants => {
                let error = Error::new(Code::KeysUnavailable, "the keys could not be fetched");
                return self.fetch(ticket, place, error, deadline, now);
            }
            Err(error) => VerifierStep::Fail(error),
            Ok(keys) => VerifierStep::Done { value: Verdict::Keys(keys), refresh: None },
        };
        self.ready(ticket, step, None)
    }

    /// Waits for the keys of a source, or fails if they are not to be had now.
    fn fetch(
        &mut self,
        ticket: Ticket,
        place: usize,
        error: Error,
        deadline: Timestamp,
        now: Timestamp,
    ) -> VerifierStep {
        let begun = self.sources.get_mut(place).is_some_and(|source| source.begin(now));
        if !begun {
            return self.ready(ticket, VerifierStep::Fail(error), None);
        }
        let flight = self.join(ticket, place, deadline, now);
        self.fly(ticket, flight, deadline, now)
    }

    fn join(
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

    /// A flight of one: the host computes the signature of one token.
    fn ask_host(
        &mut self,
        ticket: Ticket,
        unproven: Unproven<'_>,
        deadline: Timestamp,
        now: Timestamp,
    ) -> VerifierStep {
        let effect = match unproven.effect() {
            Ok(effect) => effect,
            Err(error) => return self.ready(ticket, VerifierStep::Fail(error), None),
        };
        let id = self.take_off(Work::Signature, now);
        let Some(flight) = self.flights.get_mut(id.0) else { return internal() };
        flight.waiting.push((ticket, deadline));
        flight.claim(ticket, now);
        let effect_id = EffectId(self.effects.insert(id));
        flight.hand_out(effect_id, &effect, now);
        let Unproven { keys, key, now: began, .. } = unproven;
        self.set(ticket, State::Signing { flight: id, keys, key, began });
        VerifierStep::Perform { flight: id, id: effect_id, effect }
    }

    /// The host's verdict about a signature.
    fn signed(&mut self, id: FlightId, outcome: &Outcome) {
        let Some(flight) = self.remove(id) else { return };
        for (ticket, _) in flight.waiting {
            let Some(entry) = self.tickets.get_mut(ticket.0) else { continue };
            let former = core::mem::replace(&mut entry.state, State::New { fetched: true });
            let (State::Signing { keys, key, began, .. }, Ok(request)) = (former, &entry.request)
            else {
                continue;
            };
            let Want::Token(token) = request.want.clone() else { continue };
            let result = host_verdict(outcome)
                .and_then(|good| self.conclude(&token, good, &keys, key, began));
            let step = match result {
                Ok(verified) => {
                    let verified = Arc::new(verified);
                    self.keep(&verified);
                    VerifierStep::Done { value: Verdict::Accepted(verified), refresh: None }
                }
                Err(error) => VerifierStep::Fail(error),
            };
            self.set(ticket, State::Ready(step, None));
        }
    }

    /// The token was found good but for its signature at `began`; nothing about it has changed since.
    fn conclude(
        &self,
        token: &str,
        good: bool,
        keys: &KeySet,
        key: KeyChoice,
        began: Timestamp,
    ) -> Result<VerifiedClaims, Error> {
        if !good {
            return Err(crate::crypto::signature_invalid());
        }
        let mut candidate = examine(token, self.limits, &self.policies, began)?;
        candidate.digest = self.seen.is_on().then(|| self.digest(token));
        let policy = self.policies.get(candidate.policy).cloned();
        let policy = policy.ok_or_else(|| Error::new(Code::Internal, "a policy is gone"))?;
        candidate.accept(&policy, keys, key, began)
    }

    /// A ticket in a flight: lead, wait, or learn that time is up.
    fn fly(
        &mut self,
        ticket: Ticket,
        id: FlightId,
        deadline: Timestamp,
        now: Timestamp,
    ) -> VerifierStep {
        if now >= deadline {
            let left = self.leave(ticket, id);
            let error = Error::new(
                Code::DeadlineExceeded,
                "the caller's deadline passed before the issuer's keys arrived; allow more time or look at the network",
            );
            return self.ready(ticket, VerifierStep::Fail(error), left);
        }
        let Some(flight) = self.flights.get_mut(id.0) else { return internal() };
        if !flight.claim(ticket, now) {
            return VerifierStep::Wait { flight: id, until: flight.lease.min(deadline) };
        }
        if let Some(effect) = flight.void.take() {
            self.effects.remove(effect.0);
        }
        if let Some((effect_id, effect)) = &flight.pending {
            return VerifierStep::Perform { flight: id, id: *effect_id, effect: effect.clone() };
        }
        let Work::Keys(place) = flight.work else { return internal() };
        let Some(source) = self.sources.get_mut(place) else { return internal() };
        match source.ask(now) {
            Some(effect) => {
                let effect = within(effect, deadline, now);
                let effect_id = EffectId(self.effects.insert(id));
                flight.hand_out(effect_id, &effect, now);
                VerifierStep::Perform { flight: id, id: effect_id, effect }
            }
            None => {
                self.land(id);
                let step = self.poll(ticket, now);
                // `poll` cannot name a flight to wake, so that this ticket's `end` will.
                if let Some(Entry { state: State::Ready(_, left), .. }) =
                    self.tickets.get_mut(ticket.0)
                {
                    *left = Some(id);
                }
                step
            }
        }
    }

    /// The fetch is over: everybody who waited looks again.
    fn land(&mut self, id: FlightId) {
        let Some(flight) = self.remove(id) else { return };
        for (ticket, _) in flight.waiting {
            self.set(ticket, State::New { fetched: true });
        }
    }

    fn leave(&mut self, ticket: Ticket, id: FlightId) -> Option<FlightId> {
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

    fn take_off(&mut self, work: Work, now: Timestamp) -> FlightId {
        FlightId(self.flights.insert(Flight::new("".into(), work, now)))
    }

    fn remove(&mut self, id: FlightId) -> Option<Flight<Work>> {
        let flight = self.flights.remove(id.0)?;
        if let Some((effect, _)) = &flight.pending {
            self.effects.remove(effect.0);
        }
        if let Work::Keys(place) = flight.work
            && let Some(known) = self.fetching.get_mut(place)
        {
            *known = None;
        }
        Some(flight)
    }

    fn set(&mut self, ticket: Ticket, state: State) {
        if let Some(entry) = self.tickets.get_mut(ticket.0) {
            entry.state = state;
        }
    }

    fn ready(
        &mut self,
        ticket: Ticket,
        step: VerifierStep,
        left: Option<FlightId>,
    ) -> VerifierStep {
        self.set(ticket, State::Ready(step.clone(), left));
        step
    }
}

/// What the host says of a signature.
fn host_verdict(outcome: &Outcome) -> Result<bool, Error> {
    match outcome {
        Outcome::Verified(good) => Ok(*good),
        Outcome::Failed { failure: Failure::NotFound, .. } => Err(Error::new(
            Code::AlgUnsupported,
            "the host's crypto does not offer the token's algorithm",
        )),
        Outcome::Failed { failure: Failure::Cancelled, .. } => {
            Err(Error::new(Code::Cancelled, "the caller gave up"))
        }
        _ => Err(Error::new(
            Code::ProviderError,
            "the host could not compute whether the token's signature verifies",
        )),
    }
}

/// No effect outlasts the deadline of the caller that performs it.
fn within(effect: Effect, deadline: Timestamp, now: Timestamp) -> Effect {
    match effect {
        Effect::Http(mut request) => {
            let left = u32::try_from(deadline.millis().saturating_sub(now.millis()));
            request.timeout_ms = request.timeout_ms.min(left.unwrap_or(u32::MAX));
            Effect::Http(request)
        }
        Effect::Sleep { until } => Effect::Sleep { until: until.min(deadline) },
        other => other,
    }
}

fn internal() -> VerifierStep {
    VerifierStep::Fail(Error::new(Code::Internal, "a ticket waits for a flight that is gone"))
}
