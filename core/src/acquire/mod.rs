//! Acquiring a token, as a state machine: at most one effect is outstanding at any time.
//!
//! ```text
//! Load ──▶ Discover ──▶ Source ──▶ Exchange ──▶ Save ──▶ Finished
//!   │          ▲▼         ▲▼ │        ▲▼ │                  ▲
//!   │        Pause      Pause│      Pause│  (assertion      │
//!   │                        │           └── refused: Source once more)
//!   └── found ───────────────┴── failed ────────────────────┘
//! ```
//!
//! `Load` and `Save` happen only with a shared store, `Discover` only for a generic authority without a known endpoint.

mod exchange;
mod memory;
mod source;
mod store;
mod wanted;

use crate::config::Config;
use crate::effect::{Effect, Failure, Outcome};
use crate::entropy::Entropy;
use crate::secret::Secret;
use crate::source::Assertion;
use crate::token::AccessToken;
use crate::{Code, Error, Timestamp, retry};
use alloc::string::String;
use alloc::sync::Arc;

pub(crate) use memory::Memory;
pub(crate) use wanted::Wanted;

/// Everything outside the machine that a step may use.
pub(crate) struct Context<'a> {
    pub(crate) config: &'a Config,
    pub(crate) entropy: &'a mut Entropy,
    pub(crate) memory: &'a mut Memory,
    pub(crate) now: Timestamp,
    /// The latest deadline of all who wait.
    pub(crate) deadline: Timestamp,
}

impl Context<'_> {
    /// Time for one effect: the usual limit, or what the deadline leaves.
    fn timeout_ms(&self, limit: u32) -> u32 {
        let left = self.deadline.since(self.now).max(1);
        u32::try_from(left).unwrap_or(limit).min(limit)
    }
}

/// Where the machine stands.
#[derive(Debug)]
enum Stage {
    Load,
    Discover,
    Source,
    Exchange,
    /// Waiting before the named stage is tried again.
    Pause(Timestamp, Resume),
    Save(AccessToken),
    Finished,
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
pub(crate) struct Acquire {
    pub(crate) wanted: Wanted,
    stage: Stage,
    /// Attempts at the current stage that have failed.
    failures: u32,
    /// The source has been asked again because the service refused its assertion.
    renewed: bool,
    endpoint: String,
    assertion: Option<Arc<Assertion>>,
    source_effect: Option<Effect>,
    source_memory: Secret<String>,
    correlation_id: Arc<str>,
    result: Option<Result<AccessToken, Error>>,
}

impl Acquire {
    pub(crate) fn new(wanted: Wanted, config: &Config, correlation_id: Arc<str>) -> Self {
        let load = config.store && !wanted.fresh_only;
        Self {
            wanted,
            stage: if load { Stage::Load } else { Stage::Discover },
            failures: 0,
            renewed: false,
            endpoint: String::new(),
            assertion: None,
            source_effect: None,
            source_memory: Secret::new(String::new()),
            correlation_id,
            result: None,
        }
    }

    /// The result, once there is one.
    pub(crate) fn result(&self) -> Option<&Result<AccessToken, Error>> {
        self.result.as_ref()
    }

    /// The effect the machine needs now; `None` when it has finished. Asking twice gives the same question again,
    /// which is how a follower takes over from a leader that fell silent.
    pub(crate) fn ask(&mut self, cx: &mut Context<'_>) -> Option<Effect> {
        loop {
            match &self.stage {
                Stage::Load => return Some(store::load(self, cx)),
                Stage::Discover => match self.discover(cx) {
                    Some(effect) => return Some(effect),
                    None => self.enter(Stage::Source),
                },
                Stage::Source => match self.ask_source(cx) {
                    Some(effect) => return Some(effect),
                    None => self.enter(Stage::Exchange),
                },
                Stage::Exchange => return self.ask_exchange(cx),
                Stage::Pause(until, _) => {
                    return Some(Effect::Sleep { until: (*until).min(cx.deadline) });
                }
                Stage::Save(token) => return Some(store::save(self, token, cx)),
                Stage::Finished => return None,
            }
        }
    }

    /// Gives up saving; true when there was a token to save, which is the result now.
    pub(crate) fn skip_save(&mut self) -> bool {
        let Stage::Save(token) = &self.stage else { return false };
        let token = token.clone();
        self.finish(Ok(token));
        true
    }

    /// Takes what came of the effect.
    pub(crate) fn answer(&mut self, outcome: &Outcome, cx: &mut Context<'_>) {
        match &self.stage {
            Stage::Load => match store::loaded(self, outcome, cx) {
                Some(token) => self.finish(Ok(token)),
                None => self.enter(Stage::Discover),
            },
            Stage::Discover => self.discovered(outcome, cx),
            Stage::Source => self.source_answered(outcome, cx),
            Stage::Exchange => self.exchanged(outcome, cx),
            // The one who slept had less time than the pause takes.
            Stage::Pause(until, _) if *outcome == Outcome::Elapsed && *until > cx.now => {}
            Stage::Pause(_, resume) => {
                self.stage = match resume {
                    Resume::Discover => Stage::Discover,
                    Resume::Source => Stage::Source,
                    Resume::Exchange => Stage::Exchange,
                };
            }
            Stage::Save(token) => {
                // A store that cannot save is no reason to withhold the token.
                let token = token.clone();
                self.finish(Ok(token));
            }
            Stage::Finished => {}
        }
    }

    fn enter(&mut self, stage: Stage) {
        self.failures = 0;
        self.stage = stage;
    }

    fn finish(&mut self, result: Result<AccessToken, Error>) {
        self.stage = Stage::Finished;
        self.result = Some(result);
    }

    /// Tries the stage again after a pause, or gives up with the error when attempts or time run out.
    fn again(&mut self, error: Error, resume: Resume, cx: &mut Context<'_>) {
        // A signed assertion is for one request (OpenID Connect Core, section 9): a retry has its own.
        let resume = match resume {
            Resume::Exchange if cx.config.source.is_signed() => Resume::Source,
            other => other,
        };
        let until = retry::pause(self.failures, error.retry_at, cx.now, cx.entropy);
        self.again_at(error, resume, until, retry::MAX_RETRIES, cx);
    }

    fn again_at(
        &mut self,
        error: Error,
        resume: Resume,
        until: Timestamp,
        retries: u32,
        cx: &Context<'_>,
    ) {
        if self.failures >= retries || until >= cx.deadline {
            return self.finish(Err(error));
        }
        self.failures += 1;
        self.stage = Stage::Pause(until, resume);
    }
}

/// The error of a request to the token service that got no answer.
fn transport_error(failure: Failure, detail: &str) -> Error {
    let (code, what) = match failure {
        Failure::Timeout => (Code::NetworkTimeout, "did not answer in time"),
        Failure::Refused => (
            Code::NetworkRefused,
            "refused or cut the connection; check authority_host, firewall and proxy",
        ),
        Failure::Dns => (Code::NetworkDns, "could not be resolved; check authority_host and DNS"),
        Failure::Tls => (
            Code::NetworkTls,
            "failed in TLS; check the clock, the trusted certificates and any intercepting proxy",
        ),
        Failure::Cancelled => return Error::new(Code::Cancelled, "the caller gave up"),
        _ => (Code::NetworkFailed, "could not be asked"),
    };
    let detail = crate::source::detail(detail);
    let separator = if detail.is_empty() { "" } else { ": " };
    Error::new(code, alloc::format!("the token endpoint {what}{separator}{detail}"))
}

/// The host answered an effect with the outcome of another kind.
fn unexpected() -> Error {
    Error::new(Code::Misuse, "the host answered an effect with an outcome of another kind")
}
