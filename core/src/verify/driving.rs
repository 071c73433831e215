//! Requests that have to wait: for keys, or for a host that computes signatures.

use super::verifier::{Entry, Final, Judged, State, Work};
use super::verifier_request::{VerifierRequest, Want};
use super::{KeysAtHand, Unproven, Verdict, VerifiedClaims, Verifier, VerifierStep};
use crate::effect::Failure;
use crate::flight::{MAX_TICKETS, REFUSED, Turn};
use crate::machine::{FlightId, Ticket};
use crate::{Code, Effect, EffectId, Error, Outcome, Timestamp};
use alloc::boxed::Box;
use alloc::sync::Arc;

impl Verifier {
    /// Registers a request. What is wrong with it comes from [`Self::poll`].
    pub fn begin(&mut self, request: Result<VerifierRequest, Error>) -> Ticket {
        if self.tickets.len() >= MAX_TICKETS {
            return REFUSED;
        }
        Ticket(self.tickets.insert(match request {
            Ok(VerifierRequest { want, deadline }) => {
                let state = State::New { fetched: false };
                Entry { want: Some(Arc::new(want)), deadline, state }
            }
            Err(error) => {
                Entry { want: None, deadline: None, state: State::Ready(Err(error), None) }
            }
        }))
    }

    /// The next step of a ticket.
    pub fn poll(&mut self, ticket: Ticket, now: Timestamp) -> VerifierStep {
        let turn = self.turn(ticket, now);
        let step = match turn {
            Turn::Ready => self.result(ticket).map(|result| match result {
                Ok((value, refresh)) => {
                    VerifierStep::Done { value: value.clone(), refresh: *refresh }
                }
                Err(error) => VerifierStep::Fail(error.clone()),
            }),
            Turn::Perform(flight) => self.pending(flight).map(|(id, effect)| {
                VerifierStep::Perform { flight, id: *id, effect: effect.clone() }
            }),
            Turn::Wait(flight, until) => Some(VerifierStep::Wait { flight, until }),
            Turn::Fail(error) => Some(VerifierStep::Fail(error)),
        };
        step.unwrap_or_else(|| VerifierStep::Fail(Error::new(Code::Internal, "a step is missing")))
    }

    /// What a ticket's caller does next.
    pub(crate) fn turn(&mut self, ticket: Ticket, now: Timestamp) -> Turn {
        let timeout = self.timeout_ms;
        let Some(entry) = self.tickets.get_mut(ticket.0) else { return Turn::unknown(ticket) };
        if self.entropy.is_none() {
            return Turn::no_seed();
        }
        let deadline = *entry.deadline.get_or_insert_with(|| now.plus_millis(timeout));
        let fetched = match &entry.state {
            State::Ready(..) => return Turn::Ready,
            State::Joined(flight) | State::Signing { flight, .. } => {
                let flight = *flight;
                return self.fly(ticket, flight, deadline, now);
            }
            State::New { fetched } => *fetched,
        };
        match entry.want.clone().as_deref() {
            Some(Want::Token(token)) => self.token(ticket, token, fetched, deadline, now),
            Some(Want::KeysOf(index)) => self.keys(ticket, *index, fetched, deadline, now),
            None => Turn::no_flight(),
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
        outcome: &Outcome,
        now: Timestamp,
    ) -> Option<FlightId> {
        let id = *self.effects.remove(effect.0)?;
        let flight = self.flights.get_mut(id.0)?;
        if flight.pending.as_ref().is_none_or(|pending| pending.0 != effect) {
            return None;
        }
        // The leader's caller gave up, not those who wait for it.
        if matches!(outcome, Outcome::Failed { failure: Failure::Cancelled, .. })
            && let Some(leader) = flight.leader
        {
            let woken = self.leave(leader, id);
            self.ready(leader, Err(given_up()), None);
            return woken;
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
    ) -> Turn {
        match self.judge(token.as_bytes(), fetched, now) {
            Judged::Seen(verified, _) => self.accepted(ticket, verified, now),
            Judged::Refused(error) => self.ready(ticket, Err(error), None),
            Judged::Fetch(place, error) => self.fetch(ticket, place, error, deadline, now),
            Judged::Unproven(unproven) if unproven.by_host() => {
                self.ask_host(ticket, *unproven, deadline, now)
            }
            Judged::Unproven(unproven) => match unproven.prove() {
                Ok(verified) => self.accepted(ticket, Arc::new(verified), now),
                Err(error) => self.ready(ticket, Err(error), None),
            },
        }
    }

    fn accepted(&mut self, ticket: Ticket, verified: Arc<VerifiedClaims>, now: Timestamp) -> Turn {
        self.keep(&verified);
        let refresh = self.refresh(now);
        self.ready(ticket, Ok((Verdict::Accepted(verified), refresh)), None)
    }

    /// A request for keys: those at hand, unless they may and should be fetched.
    fn keys(
        &mut self,
        ticket: Ticket,
        index: usize,
        fetched: bool,
        deadline: Timestamp,
        now: Timestamp,
    ) -> Turn {
        let place = self.source_of.get(index).copied();
        let Some((place, source)) =
            place.and_then(|place| Some((place, self.sources.get_mut(place)?)))
        else {
            let error = Error::new(Code::RequestInvalid, "`keys_of` is not the place of an issuer");
            return self.ready(ticket, Err(error), None);
        };
        let wants = !fetched && (source.held(now).is_err() || source.fetch_for(None, now));
        let held = source.held(now).map(|held| KeysAtHand {
            usable: held.set.jwks().keys().len(),
            unusable: held.set.jwks().unusable().to_vec(),
            age_ms: held.age_ms,
        });
        let result = match held {
            Err(error) if wants => return self.fetch(ticket, place, error, deadline, now),
            Ok(_) if wants => {
                let error = Error::new(Code::KeysUnavailable, "the keys could not be fetched");
                return self.fetch(ticket, place, error, deadline, now);
            }
            Err(error) => Err(error),
            Ok(keys) => Ok((Verdict::Keys(keys), None)),
        };
        self.ready(ticket, result, None)
    }

    /// A flight of one: the host computes the signature of one token.
    fn ask_host(
        &mut self,
        ticket: Ticket,
        unproven: Unproven<'_>,
        deadline: Timestamp,
        now: Timestamp,
    ) -> Turn {
        let effect = unproven.effect();
        let sealed = match unproven.seal() {
            Ok(sealed) => Box::new(sealed),
            Err(error) => return self.ready(ticket, Err(error), None),
        };
        let id = self.take_off(Work::Signature, now);
        let Some(flight) = self.flights.get_mut(id.0) else { return Turn::no_flight() };
        flight.waiting.push((ticket, deadline));
        flight.claim(ticket, now);
        let effect_id = EffectId(self.effects.insert(id));
        flight.hand_out(effect_id, effect, now);
        self.set(ticket, State::Signing { flight: id, sealed });
        Turn::Perform(id)
    }

    /// The host's verdict about a signature.
    fn signed(&mut self, id: FlightId, outcome: &Outcome) {
        let Some(flight) = self.remove(id) else { return };
        for (ticket, _) in flight.waiting {
            let Some(entry) = self.tickets.get_mut(ticket.0) else { continue };
            let former = core::mem::replace(&mut entry.state, State::New { fetched: true });
            let State::Signing { sealed, .. } = former else { continue };
            let result = host_verdict(outcome).and_then(|good| sealed.open(good));
            let result = result.map(|verified| {
                let verified = Arc::new(verified);
                self.keep(&verified);
                (Verdict::Accepted(verified), None)
            });
            self.set(ticket, State::Ready(result, None));
        }
    }
}

/// What the host says of a signature.
fn host_verdict(outcome: &Outcome) -> Result<bool, Error> {
    match outcome {
        Outcome::Verified(good) => Ok(*good),
        Outcome::Failed { failure, .. } => Err(host_crypto_failed(*failure)),
        _ => Err(host_crypto_failed(Failure::Other)),
    }
}

/// The error of a signature that the host's crypto could not verify.
pub(crate) fn host_crypto_failed(failure: Failure) -> Error {
    match failure {
        Failure::NotFound => Error::new(
            Code::AlgUnsupported,
            "the host's crypto does not offer the token's algorithm",
        ),
        Failure::Denied => Error::new(
            Code::KeyRejected,
            "the host's crypto refuses the numbers of the key that the token names",
        ),
        _ => Error::new(
            Code::ProviderError,
            "the host could not compute whether the token's signature verifies",
        ),
    }
}

fn given_up() -> Error {
    Error::new(Code::Cancelled, "the caller gave up")
}
