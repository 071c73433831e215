//! The acquisition of a token: an automaton with at most one pending effect.
//!
//! ```text
//! Load ──▶ Discover ──▶ Source ──▶ Exchange ──▶ Save ──▶ Finished
//!   │          ▲▼         ▲▼ │        ▲▼ │                  ▲
//!   │        Pause      Pause│      Pause│  (assertion      │
//!   │                        │           └── refused: Source once more)
//!   └── found ───────────────┴── failed ────────────────────┘
//! ```
//!
//! `Load` and `Save` exist only with a shared store, `Discover` only for an authority whose token endpoint is not configured.

mod assertion;
mod caches;
mod client;
mod engine;
mod exchange;
mod resolved_request;
mod shared_store;
mod token_proxy;
mod workload_token;

use crate::config::Config;
use crate::effect::{Effect, Failure, Outcome};
use crate::entropy::Entropy;
use crate::http::retry::{self, Pauses};
use crate::secret::Secret;
use crate::source::Assertion;
use crate::token::AccessToken;
use crate::{Code, Error, Timestamp};
use alloc::string::String;
use alloc::sync::Arc;
use caches::Caches;
use resolved_request::ResolvedRequest;

pub use client::Client;
pub use engine::{Engine, TokenResult};
pub use workload_token::WorkloadToken;

/// What an acquisition uses of its engine.
struct Context<'a> {
    config: &'a Config,
    entropy: &'a mut Entropy,
    caches: &'a mut Caches,
    now: Timestamp,
    /// For an effect, the deadline of the leader; for an outcome, the latest deadline of all waiters.
    deadline: Timestamp,
}

/// Where the automaton stands.
#[derive(Debug)]
enum Stage {
    Load,
    Discover,
    Source,
    Exchange,
    /// Waits until an instant before it tries a stage again.
    Pause(Timestamp, Resume),
    Save(AccessToken),
    Finished(Result<AccessToken, Error>),
}

/// The stages that can be tried again.
#[derive(Clone, Copy, Debug)]
enum Resume {
    Discover,
    Source,
    Exchange,
}

/// One acquisition.
#[derive(Debug)]
struct Acquisition {
    request: ResolvedRequest,
    stage: Stage,
    /// Failed attempts at the current stage.
    failures: u32,
    /// Whether the source was asked again because the service refused its assertion.
    renewed: bool,
    /// How often the source was asked and has answered, or failed.
    asked: u32,
    endpoint: String,
    assertion: Option<Arc<Assertion>>,
    /// The certificate authorities of the token proxy, if they are in a file.
    roots: Option<Arc<str>>,
    source_effect: Option<Effect>,
    source_state: Secret<String>,
    correlation_id: Arc<str>,
}

impl Acquisition {
    fn new(request: ResolvedRequest, correlation_id: Arc<str>) -> Self {
        let load = request.client.config().store && !request.fresh_only;
        Self {
            request,
            stage: if load { Stage::Load } else { Stage::Discover },
            failures: 0,
            renewed: false,
            asked: 0,
            endpoint: String::new(),
            assertion: None,
            roots: None,
            source_effect: None,
            source_state: Secret::new(String::new()),
            correlation_id,
        }
    }

    /// Takes a further request along. If that request excludes stored tokens, none is used for the others, either.
    fn join(&mut self, request: &ResolvedRequest) {
        self.request.fresh_only |= request.fresh_only;
    }

    fn is_finished(&self) -> bool {
        matches!(self.stage, Stage::Finished(_))
    }

    /// Returns the request and how it ended.
    fn into_result(self) -> (ResolvedRequest, Result<AccessToken, Error>) {
        let result = match self.stage {
            Stage::Finished(result) => result,
            _ => Err(Error::new(Code::Internal, "a flight ended without a result")),
        };
        (self.request, result)
    }

    /// Returns the effect that the acquisition needs now, or `None` when it has finished. Until an outcome is known, it
    /// returns the same effect again, so that a follower can take over from a leader that fell silent.
    fn next_effect(&mut self, cx: &mut Context<'_>) -> Option<Effect> {
        loop {
            match &self.stage {
                Stage::Load => return Some(self.load(cx)),
                Stage::Discover => match self.discover(cx) {
                    Some(effect) => return Some(effect),
                    None => self.enter(Stage::Source),
                },
                Stage::Source => match self.ask_source(cx) {
                    Some(effect) => return Some(effect),
                    None => self.enter(Stage::Exchange),
                },
                Stage::Exchange => return self.exchange(cx),
                Stage::Pause(until, _) => return Some(Effect::Sleep { until: *until }),
                Stage::Save(token) => return Some(self.save(token, cx)),
                Stage::Finished(_) => return None,
            }
        }
    }

    /// Gives up saving. Returns whether there was a token to save, which is the result now.
    fn skip_save(&mut self) -> bool {
        let Stage::Save(token) = &self.stage else { return false };
        let token = token.clone();
        self.finish(Ok(token));
        true
    }

    /// Takes the outcome of the effect.
    fn resolve(&mut self, outcome: &Outcome, cx: &mut Context<'_>) {
        match &self.stage {
            Stage::Load => match self.loaded(outcome, cx) {
                Some(token) => self.finish(Ok(token)),
                None => self.enter(Stage::Discover),
            },
            Stage::Discover => self.discovered(outcome, cx),
            Stage::Source => self.source_answered(outcome, cx),
            Stage::Exchange => self.exchanged(outcome, cx),
            // The pause was cut to the deadline of the leader, and the next one has more time.
            Stage::Pause(until, _) if *outcome == Outcome::Elapsed && *until > cx.now => {}
            Stage::Pause(_, resume) => {
                self.stage = match resume {
                    Resume::Discover => Stage::Discover,
                    Resume::Source => Stage::Source,
                    Resume::Exchange => {
                        self.roots = None;
                        Stage::Exchange
                    }
                };
            }
            // The token is good even if the store cannot save it.
            Stage::Save(_) => {
                self.skip_save();
            }
            Stage::Finished(_) => {}
        }
    }

    fn enter(&mut self, stage: Stage) {
        self.failures = 0;
        self.stage = stage;
    }

    fn finish(&mut self, result: Result<AccessToken, Error>) {
        self.stage = Stage::Finished(result);
    }

    /// Tries the stage again after a pause, or finishes with the error when attempts or time run out.
    fn retry(&mut self, error: Error, resume: Resume, cx: &mut Context<'_>) {
        self.retry_up_to(retry::MAX_RETRIES, error, resume, cx);
    }

    fn retry_up_to(
        &mut self,
        max_retries: u32,
        error: Error,
        resume: Resume,
        cx: &mut Context<'_>,
    ) {
        // A signed assertion is used for one request (OpenID Connect Core, section 9), so a retry needs another.
        let resume = match resume {
            Resume::Exchange if cx.config.source.is_single_use() => Resume::Source,
            other => other,
        };
        let asked_ms = error.retry_at.map_or(0, |at| at.since(cx.now));
        let pause_ms = Pauses::TOKENS.next_ms(self.failures, asked_ms, cx.entropy);
        let until = cx.now.plus_millis(pause_ms);
        self.retry_at(error, resume, until, max_retries, cx);
    }

    fn retry_at(
        &mut self,
        error: Error,
        resume: Resume,
        until: Timestamp,
        max_retries: u32,
        cx: &Context<'_>,
    ) {
        if self.failures >= max_retries || until >= cx.deadline {
            return self.finish(Err(error));
        }
        self.failures += 1;
        self.stage = Stage::Pause(until, resume);
    }
}

/// Returns the error of a request to the token service that got no response.
fn transport_error(failure: Failure, detail: &str) -> Error {
    crate::transport_error::transport_error("the token endpoint", "authority_host", failure, detail)
}

/// Returns the error of an outcome whose kind does not belong to the effect.
fn unexpected() -> Error {
    Error::new(Code::Misuse, "the host answered an effect with an outcome of another kind")
}
