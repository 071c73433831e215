//! The engine: the machine that acquires tokens. It owns the token cache and decides when a flight is needed.

use super::caches::Caches;
use super::client::Client;
use super::resolved_request::ResolvedRequest;
use super::{Acquisition, Context};
use crate::cache::{CacheConfig, REFRESH_PAUSE_MS, TokenCache};
use crate::config::Config;
use crate::effect::{EffectId, Failure, Outcome};
use crate::entropy::{Entropy, Seed};
use crate::machine::{Finished, FlightId, Flights, Polled, Step, Ticket, no_seed};
use crate::request::Request;
use crate::token::AccessToken;
use crate::{Code, Error, Fault, Timestamp};
use alloc::sync::Arc;

/// Flights of the same request that exist side by side when the configuration gives each request its own.
const MAX_PARALLEL: usize = 16;

/// A token, and how long the caller may keep it.
#[derive(Clone, Debug)]
pub struct TokenResult {
    /// The token.
    pub token: AccessToken,
    /// Until this instant the token may be handed out again for the same request without asking the engine.
    pub fresh_until: Timestamp,
}

/// Acquires access tokens. It performs no I/O: callers perform the effects that it returns.
/// `docs/protocol.md` describes its use.
#[derive(Debug)]
pub struct Engine {
    /// The client of [`Self::begin`].
    sole: Option<Client>,
    cache_config: CacheConfig,
    entropy: Option<Entropy>,
    flights: Flights<Acquisition, Arc<str>, Result<ResolvedRequest, Error>, TokenResult>,
    cache: TokenCache,
    caches: Caches,
}

impl Engine {
    /// Creates an engine. It needs a seed before the first poll.
    #[must_use]
    pub fn new(config: Config) -> Self {
        let cache_config = config.cache;
        Self { sole: Some(Client::sole(config)), ..Self::shared(cache_config) }
    }

    /// Creates an engine for several clients, whose requests come with [`Self::begin_for`].
    #[must_use]
    pub fn shared(config: CacheConfig) -> Self {
        Self {
            sole: None,
            cache_config: config,
            entropy: None,
            flights: Flights::new(if config.is_per_request() { MAX_PARALLEL } else { 1 }),
            cache: TokenCache::new(config.max_entries(), config.max_bytes()),
            caches: Caches::default(),
        }
    }

    /// Sets the seed of all randomness: once before the first request, and again in a forked process.
    pub fn reseed(&mut self, seed: Seed) {
        self.entropy = Some(Entropy::new(seed));
    }

    /// Registers a request. An invalid request makes [`Self::poll`] fail.
    pub fn begin(&mut self, request: Result<Request, Error>) -> Ticket {
        match self.sole.clone() {
            Some(client) => self.begin_for(&client, request),
            None => self.flights.begin(Err(no_client()), None),
        }
    }

    /// Registers a request of a client. An invalid request makes [`Self::poll`] fail.
    pub fn begin_for(&mut self, client: &Client, request: Result<Request, Error>) -> Ticket {
        let deadline = request.as_ref().ok().and_then(|request| request.deadline);
        let request = request.and_then(|request| ResolvedRequest::new(request, client));
        self.flights.begin(request, deadline)
    }

    /// Returns the next step of a ticket.
    pub fn poll(&mut self, ticket: Ticket, now: Timestamp) -> Step<TokenResult> {
        let request = self.flights.request(ticket).and_then(|request| request.as_ref().ok());
        let timeout_ms = request.map_or(0, |request| request.client.config().timeout_ms);
        loop {
            let Some(entropy) = &mut self.entropy else { return Step::Fail(no_seed()) };
            let next_effect = |acquisition: &mut Acquisition, deadline| {
                let (client, caches) = (acquisition.request.client.clone(), &mut self.caches);
                let config = client.config();
                acquisition.next_effect(&mut Context { config, entropy, caches, now, deadline })
            };
            match self.flights.poll(ticket, timeout_ms, now, next_effect) {
                Polled::Step(step) => return step,
                Polled::Open { deadline } => self.start(ticket, deadline, now),
                Polled::Late(flight) => self.time_out(ticket, flight, now),
                Polled::Finished(finished) => self.finish(finished, now),
            }
        }
    }

    /// Takes the outcome of an effect. Returns the flight whose waiters must be woken.
    pub fn resolve(
        &mut self,
        effect: EffectId,
        outcome: Outcome,
        now: Timestamp,
    ) -> Option<FlightId> {
        let cancelled = matches!(outcome, Outcome::Failed { failure: Failure::Cancelled, .. });
        if cancelled && self.flights.has_followers(effect) {
            return self.flights.cancel_leader(effect).wake;
        }
        let entropy = self.entropy.as_mut()?;
        let finished = self.flights.resolve(effect, now, |acquisition, deadline| {
            let (client, caches) = (acquisition.request.client.clone(), &mut self.caches);
            let config = client.config();
            acquisition.resolve(&outcome, &mut Context { config, entropy, caches, now, deadline });
            acquisition.is_finished()
        })?;
        let flight = finished.flight;
        self.finish(finished, now);
        Some(flight)
    }

    /// Forgets a ticket. Returns the flight whose waiters must be woken.
    pub fn end(&mut self, ticket: Ticket) -> Option<FlightId> {
        if let Some(Ok(request)) = self.flights.request(ticket)
            && request.is_refresh
        {
            self.cache.refresh_ends(&request.cache_key, ticket);
        }
        self.flights.end(ticket).wake
    }

    /// Returns the number of tickets, flights and effects that are open. All are zero when every ticket has ended.
    #[must_use]
    pub fn open(&self) -> (usize, usize, usize) {
        self.flights.open()
    }

    /// Settles a new request from the cache or a remembered refusal, or lets it join a flight.
    fn start(&mut self, ticket: Ticket, deadline: Timestamp, now: Timestamp) {
        let request = match self.flights.request(ticket) {
            Some(Ok(request)) => request.clone(),
            Some(Err(error)) => {
                let error = error.clone();
                self.flights.settle(ticket, Err(error));
                return;
            }
            None => return,
        };
        if !request.fresh_only
            && let Some(hit) = self.cache.find(&request.cache_key, now)
        {
            let refresh = hit.refresh_due && !self.flights.is_full();
            let refresh = refresh.then(|| self.begin_refresh(&request, now));
            let value = TokenResult { token: hit.token.cached(), fresh_until: hit.fresh_until };
            self.flights.settle(ticket, Ok((value, refresh)));
            return;
        }
        // A flight that waits as long as the service asked for takes further requests along.
        let joinable = self.flights.joinable(&request.flight_key);
        if joinable.is_none()
            && let Some(error) = self.caches.throttled(&request.cache_key, now)
        {
            self.fail(ticket, error, now);
            return;
        }
        let flight = match joinable {
            Some(flight) => flight,
            None => {
                let correlation_id = self.entropy.as_mut().map(Entropy::uuid).unwrap_or_default();
                let key = request.flight_key.clone();
                let acquisition = Acquisition::new(request.clone(), correlation_id.into());
                self.flights.start(Some(key), acquisition, now)
            }
        };
        self.flights.join(ticket, flight, deadline);
        if let Some(acquisition) = self.flights.job_mut(flight) {
            acquisition.join(&request);
        }
    }

    fn begin_refresh(&mut self, request: &ResolvedRequest, now: Timestamp) -> Ticket {
        let ticket = self.flights.begin(Ok(request.refresh()), None);
        // The lease of an earlier refresh has ended: no caller drives it, so its ticket ends, too.
        if let Some(lost) = self.cache.refresh_begins(&request.cache_key, ticket, now) {
            self.end(lost);
        }
        ticket
    }

    /// The deadline of a ticket has passed while it waits in a flight.
    fn time_out(&mut self, ticket: Ticket, flight: FlightId, now: Timestamp) {
        // The token has arrived and only the shared store is slow.
        if self.flights.job_mut(flight).is_some_and(Acquisition::skip_save)
            && let Some(finished) = self.flights.finish(ticket)
        {
            return self.finish(finished, now);
        }
        let error = Error::new(
            Code::DeadlineExceeded,
            "the caller's deadline passed before a token arrived; allow more time or look at the token source and network",
        );
        self.fail(ticket, error, now);
    }

    /// Settles all tickets of a flight that has finished.
    fn finish(&mut self, finished: Finished<Acquisition>, now: Timestamp) {
        let Finished { job, began, waiters, .. } = finished;
        let (request, result) = job.into_result();
        if let Ok(token) = &result {
            // A token that was requested later, for a claims challenge perhaps, is not replaced by an older one.
            let cached = self.cache.find_stale(&request.cache_key, now);
            let older = cached.is_some_and(|cached| cached.received_on() > began);
            if request.fresh_only || !older {
                self.cache.keep(&request.cache_key, token.clone());
            }
        }
        for ticket in waiters {
            match &result {
                Ok(token) => {
                    let fresh_until = self.fresh_until(token, now);
                    let value = TokenResult { token: token.clone(), fresh_until };
                    self.flights.settle(ticket, Ok((value, None)));
                }
                Err(error) => self.fail(ticket, error.clone(), now),
            }
        }
    }

    /// Until when a host may keep a token; not at all when the cache is off.
    fn fresh_until(&self, token: &AccessToken, now: Timestamp) -> Timestamp {
        if self.cache_config.max_entries() == 0 { now } else { token.fresh_until() }
    }

    /// Settles a ticket with a failure, or with a cached token that is still valid if a retry can cure the failure. Whether a
    /// cached token will do depends on the ticket's own request, not on the one that began the flight.
    fn fail(&mut self, ticket: Ticket, error: Error, now: Timestamp) {
        let Some(Ok(request)) = self.flights.request(ticket) else { return };
        let pause = now.plus_millis(REFRESH_PAUSE_MS);
        let not_before = error.retry_at.unwrap_or(pause).max(pause);
        self.cache.refresh_failed(&request.cache_key, not_before);
        let passing = error.retryable() || error.code.fault() == Fault::Transport;
        let cached = self.cache.find_stale(&request.cache_key, now);
        let result = match cached.filter(|_| passing && !request.fresh_only) {
            Some(token) => {
                let fresh_until = pause.min(token.expires_on());
                Ok((TokenResult { token: token.cached(), fresh_until }, None))
            }
            None => Err(error),
        };
        self.flights.settle(ticket, result);
    }
}

/// The error of a request to a shared engine that names no client.
fn no_client() -> Error {
    Error::new(Code::Misuse, "the engine is shared: begin a request with its client")
}
