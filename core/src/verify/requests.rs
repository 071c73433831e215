//! Requests that need effects: keys to fetch, or a signature that the host verifies.

use super::job::{Job, SignatureJob, TicketRequest};
use super::verifier_request::{VerifierRequest, VerifierRequestKind};
use super::{CheckResult, KeySetInfo, VerificationResult, VerifiedToken, Verifier};
use crate::effect::Failure;
use crate::machine::{Finished, Polled, no_seed};
use crate::{Check, Code, EffectId, Error, FlightId, Outcome, Step, Ticket, Timestamp};
use alloc::boxed::Box;
use alloc::sync::Arc;

impl Verifier {
    /// Registers a request. An error in the request is reported by [`Self::poll`].
    pub fn begin(&mut self, request: Result<VerifierRequest, Error>) -> Ticket {
        let deadline = request.as_ref().ok().and_then(|request| request.deadline);
        let kind = request.map(|request| Arc::new(request.kind));
        self.flights.begin(TicketRequest { kind, fetched: false }, deadline)
    }

    /// Returns the next step of a ticket.
    pub fn poll(&mut self, ticket: Ticket, now: Timestamp) -> Step<VerificationResult> {
        loop {
            if self.entropy.is_none() {
                return Step::Fail(no_seed());
            }
            let sources = &mut self.sources;
            let next_effect = |job: &mut Job, _| match job {
                Job::FetchKeys(source) => sources.get_mut(*source)?.ask(now),
                Job::VerifySignature(job) => Some(job.effect.clone()),
            };
            match self.flights.poll(ticket, self.timeout_ms, now, next_effect) {
                Polled::Step(step) => return step,
                Polled::Open { deadline } => self.start(ticket, deadline, now),
                Polled::Late(_) => self.settle(
                    ticket,
                    Err(Error::new(
                        Code::DeadlineExceeded,
                        "the caller's deadline passed before the issuer's keys arrived; allow more time or look at the network",
                    )
                    .in_check(Check::Key)),
                ),
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
        // The leader's caller gave up, but not the callers that wait for the same keys.
        if matches!(outcome, Outcome::Failed { failure: Failure::Cancelled, .. }) {
            let left = self.flights.cancel_leader(effect);
            self.abandon(left.abandoned);
            return left.wake;
        }
        let entropy = self.entropy.as_mut()?;
        let (sources, provider) = (&mut self.sources, &*self.provider);
        let finished = self.flights.resolve(effect, now, |job, _| match job {
            Job::FetchKeys(source) => sources.get_mut(*source).is_none_or(|source| {
                source.answer(outcome, provider, now, entropy);
                !source.fetching()
            }),
            Job::VerifySignature(job) => {
                job.result = Some(host_result(outcome));
                true
            }
        })?;
        let flight = finished.flight;
        self.finish(finished);
        Some(flight)
    }

    /// Forgets a ticket. Returns the flight whose waiters must be woken.
    pub fn end(&mut self, ticket: Ticket) -> Option<FlightId> {
        let left = self.flights.end(ticket);
        self.abandon(left.abandoned);
        left.wake
    }

    /// Returns a background refresh of keys that is due, as a ticket to drive. Only one caller gets it.
    pub fn refresh(&mut self, now: Timestamp) -> Option<Ticket> {
        if self.entropy.is_none() || self.flights.is_full() {
            return None;
        }
        let source = self.sources.iter_mut().position(|source| source.refresh_due(now))?;
        let issuer = self.source_of.iter().position(|index| *index == source)?;
        if !self.sources.get_mut(source)?.begin(now) {
            return None;
        }
        let ticket = self.begin(Ok(VerifierRequest {
            kind: VerifierRequestKind::KeysOf(issuer),
            deadline: None,
        }));
        self.join_fetch(ticket, source, now.plus_millis(self.timeout_ms), now);
        Some(ticket)
    }

    /// Tickets, flights and effects that are open. All are zero when every ticket has ended.
    #[must_use]
    pub fn open(&self) -> (usize, usize, usize) {
        self.flights.open()
    }

    /// Settles a request, or lets it join a flight.
    fn start(&mut self, ticket: Ticket, deadline: Timestamp, now: Timestamp) {
        let Some(request) = self.flights.request(ticket) else { return };
        let fetched = request.fetched;
        match request.kind.clone() {
            Err(error) => self.settle(ticket, Err(error)),
            Ok(kind) => match &*kind {
                VerifierRequestKind::Token(token) => {
                    self.start_token(ticket, token, fetched, deadline, now)
                }
                VerifierRequestKind::KeysOf(issuer) => {
                    self.start_keys(ticket, *issuer, fetched, deadline, now)
                }
            },
        }
    }

    fn start_token(
        &mut self,
        ticket: Ticket,
        token: &str,
        fetched: bool,
        deadline: Timestamp,
        now: Timestamp,
    ) {
        match self.check_token(token.as_bytes(), fetched, now) {
            CheckResult::Accepted { token, .. } => self.accept(ticket, token, now),
            CheckResult::Refused(error) => self.settle(ticket, Err(error)),
            CheckResult::MissingKeys(missing) => {
                self.fetch(ticket, missing.source, missing.error, deadline, now);
            }
            CheckResult::Pending(pending) if pending.needs_host() => {
                let effect = pending.effect(token.as_bytes());
                let job = SignatureJob { pending: *pending, effect, result: None };
                let flight = self.flights.start(None, Job::VerifySignature(Box::new(job)), now);
                self.flights.join(ticket, flight, deadline);
            }
            CheckResult::Pending(pending) => match pending.verify_signature(token) {
                Ok(verified) => self.accept(ticket, Arc::new(verified), now),
                Err(error) => self.settle(ticket, Err(error)),
            },
        }
    }

    fn accept(&mut self, ticket: Ticket, token: Arc<VerifiedToken>, now: Timestamp) {
        self.cache(&token);
        let refresh = self.refresh(now);
        self.flights.settle(ticket, Ok((VerificationResult::Token(token), refresh)));
    }

    /// A request for keys: those that the source has, unless they may and should be fetched.
    fn start_keys(
        &mut self,
        ticket: Ticket,
        issuer: usize,
        fetched: bool,
        deadline: Timestamp,
        now: Timestamp,
    ) {
        let index = self.source_of.get(issuer).copied();
        let Some((index, source)) =
            index.and_then(|index| Some((index, self.sources.get_mut(index)?)))
        else {
            let message = "`keys_of` is not the place of an issuer";
            return self.settle(ticket, Err(Error::new(Code::RequestInvalid, message)));
        };
        let fetch = !fetched && (source.fetch_for_load(now) || source.held(now).is_err());
        let held = source.held(now).map(|held| KeySetInfo {
            usable: held.set.jwks().keys().len(),
            unusable: held.set.jwks().unusable().to_vec(),
            age_ms: held.age_ms,
        });
        match held {
            Err(error) if fetch => self.fetch(ticket, index, error, deadline, now),
            Ok(_) if fetch => {
                let error = Error::new(Code::KeysUnavailable, "the keys could not be fetched");
                self.fetch(ticket, index, error, deadline, now);
            }
            held => self.settle(ticket, held.map(VerificationResult::Keys)),
        }
    }

    /// Lets a ticket wait for the keys of a source. It fails with `error` if they cannot be fetched now.
    fn fetch(
        &mut self,
        ticket: Ticket,
        source: usize,
        error: Error,
        deadline: Timestamp,
        now: Timestamp,
    ) {
        if self.sources.get_mut(source).is_some_and(|source| source.begin(now)) {
            self.join_fetch(ticket, source, deadline, now);
        } else {
            self.settle(ticket, Err(error));
        }
    }

    fn join_fetch(&mut self, ticket: Ticket, source: usize, deadline: Timestamp, now: Timestamp) {
        let flight = match self.flights.joinable(&source) {
            Some(flight) => flight,
            None => self.flights.start(Some(source), Job::FetchKeys(source), now),
        };
        self.flights.join(ticket, flight, deadline);
        let latest = self.flights.latest_deadline(flight);
        if let Some(source) = self.sources.get_mut(source) {
            source.set_deadline(latest.unwrap_or(deadline), now);
        }
    }

    /// Sets the final step of a ticket.
    fn settle(&mut self, ticket: Ticket, result: Result<VerificationResult, Error>) {
        let abandoned = self.flights.settle(ticket, result.map(|value| (value, None)));
        self.abandon(abandoned);
    }

    /// Ends a fetch that no caller waits for any more.
    fn abandon(&mut self, job: Option<Job>) {
        if let Some(Job::FetchKeys(source)) = job
            && let Some(source) = self.sources.get_mut(source)
        {
            source.abandon();
        }
    }

    /// Takes the end of a flight. Tickets that waited for keys check again; the ticket of a signature is settled.
    fn finish(&mut self, finished: Finished<Job>) {
        match finished.job {
            Job::FetchKeys(_) => {
                for ticket in finished.waiters {
                    if let Some(request) = self.flights.request_mut(ticket) {
                        request.fetched = true;
                    }
                }
            }
            Job::VerifySignature(job) => {
                let SignatureJob { pending, result, .. } = *job;
                let result = result.unwrap_or_else(|| Err(host_crypto_failed(Failure::Other)));
                let verified = result
                    .map_err(|error| error.in_check(Check::Signature))
                    .and_then(|valid| pending.complete(valid))
                    .map(Arc::new);
                if let Ok(token) = &verified {
                    self.cache(token);
                }
                // One ticket waits for a signature.
                if let [ticket] = *finished.waiters {
                    self.settle(ticket, verified.map(VerificationResult::Token));
                }
            }
        }
    }
}

/// The host's result about a signature.
fn host_result(outcome: &Outcome) -> Result<bool, Error> {
    match outcome {
        Outcome::Verified(valid) => Ok(*valid),
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
