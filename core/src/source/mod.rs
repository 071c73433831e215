//! Token sources: where the assertion, a workload's token from its platform, comes from.
//!
//! A source gives an effect for the host to perform and reads its outcome. It never waits and keeps nothing; assertions that
//! can be used again are in [`AssertionCache`]. Each kind of source is one file and one row of [`KINDS`].

mod assertion_cache;
mod audience;
#[cfg(feature = "source-aws")]
mod aws;
#[cfg(feature = "source-azure")]
mod azure_pipelines;
#[cfg(feature = "source-ci")]
mod bitbucket;
#[cfg(feature = "source-ci")]
mod buildkite;
mod callback;
#[cfg(feature = "source-ci")]
mod circleci;
mod endpoint;
#[cfg(feature = "source-generic")]
mod environment;
#[cfg(feature = "source-executable")]
mod executable;
mod file;
#[cfg(feature = "source-fly")]
mod fly;
mod github;
#[cfg(feature = "source-ci")]
mod gitlab;
#[cfg(feature = "source-google")]
mod google;
mod host_call;
mod kind;
#[cfg(feature = "source-kubernetes")]
mod kubernetes;
#[cfg(not(feature = "sources"))]
mod left_out;
#[cfg(feature = "source-azure")]
mod managed_identity;
#[cfg(feature = "source-probe")]
mod metadata_service;
#[cfg(feature = "source-ci")]
mod modal;
#[cfg(feature = "source-probe")]
mod probe;
mod signed;
#[cfg(feature = "source-ci")]
mod spacelift;
#[cfg(feature = "source-spiffe")]
mod spiffe;
#[cfg(feature = "source-ci")]
mod terraform;
#[cfg(feature = "source-kubernetes")]
mod text_file;
mod token_format;
#[cfg(feature = "source-generic")]
mod url;
#[cfg(any(feature = "source-ci", feature = "source-generic"))]
mod variable;
#[cfg(feature = "source-ci")]
mod vercel;

use crate::json::config::Document;
use crate::redact::{MAX_DETAIL, redact};
use crate::secret::Secret;
use crate::{Code, Effect, Error, Failure, Outcome, Timestamp};
use alloc::format;
use alloc::string::String;
use core::fmt::Debug;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

pub(crate) use assertion_cache::{Assertion, AssertionCache};
pub(crate) use file::REREAD_MS;
use kind::{Configured, Detection, SourceKind};
pub(crate) use kind::{KINDS, from_config, from_environment, report};
#[cfg(feature = "source-probe")]
pub use metadata_service::MetadataService;

/// Longest assertion accepted: the limit of a JWT.
pub(crate) const MAX_ASSERTION: u32 = 16 * 1024;

/// An assertion that expired longer ago than this is not sent. Entra allows some clock difference.
const EXPIRED_MS: i64 = 60_000;

/// A configured token source.
pub(crate) trait TokenSource: Debug + Send + Sync {
    /// Returns the effect that asks for an assertion.
    fn ask(&self, context: &SourceContext<'_>) -> SourceEffect;

    /// Reads the outcome of an effect that the host performed. `state` is what the effect came with.
    fn read(
        &self,
        outcome: &Outcome,
        state: &str,
        now: Timestamp,
    ) -> Result<SourceResult, SourceError>;

    /// The error for an effect that the host could not perform. `state` is what the effect came with.
    fn failed(&self, failure: Failure, detail: &str, state: &str) -> SourceError;

    /// The platform's name in messages about its tokens, if it is known.
    fn platform(&self) -> Option<&'static str> {
        None
    }

    /// Whether each exchange needs an assertion of its own.
    fn is_single_use(&self) -> bool {
        false
    }

    /// Whether it is asked for each exchange, since that costs nothing and the token can change at any time.
    fn is_read_each_time(&self) -> bool {
        false
    }

    /// Reads the outcome of an effect.
    fn answer(
        &self,
        outcome: &Outcome,
        state: &str,
        now: Timestamp,
    ) -> Result<SourceResult, SourceError> {
        match outcome {
            Outcome::Failed { failure: Failure::Cancelled, .. } => Err(SourceError::cancelled()),
            Outcome::Failed { failure, detail } => Err(self.failed(*failure, detail, state)),
            _ => self.read(outcome, state, now),
        }
    }
}

/// The exchange that an assertion is for.
pub(crate) struct SourceContext<'a> {
    pub(crate) tenant: Option<&'a str>,
    pub(crate) client_id: Option<&'a str>,
    /// The authority, with the tenant if it has one.
    pub(crate) authority: &'a str,
    pub(crate) token_endpoint: &'a str,
    pub(crate) audience: Option<&'a str>,
    /// The claims challenge of the request.
    pub(crate) claims: Option<&'a str>,
    /// Capabilities that the client announces: `cp1` or none.
    pub(crate) capabilities: &'a [&'a str],
    pub(crate) fmi_path: Option<&'a str>,
    pub(crate) context: Option<&'a str>,
    pub(crate) correlation_id: &'a str,
    pub(crate) reason: Reason,
    /// Which attempt of the acquisition this is, from 1.
    pub(crate) attempt: u32,
    /// When the answer must be there.
    pub(crate) deadline: Timestamp,
    /// A fresh `jti` for an assertion that is made here.
    pub(crate) jti: &'a str,
    pub(crate) timeout_ms: u32,
    pub(crate) now: Timestamp,
}

/// Why a source is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Reason {
    /// It has given no assertion for such a request yet.
    First,
    /// Its former assertion has expired, or could be used once only.
    Refresh,
    /// The token service has refused its former assertion.
    Rejected,
}

/// An effect, and the state that its outcome is read with.
pub(crate) struct SourceEffect {
    pub(crate) effect: Effect,
    pub(crate) state: String,
}

/// What an outcome leads to.
pub(crate) enum SourceResult {
    /// The assertion.
    Assertion(Secret<String>),
    /// One more effect.
    Ask(SourceEffect),
}

/// Why a source gave no assertion, and whether asking it again can help.
#[derive(Debug)]
pub(crate) struct SourceError {
    pub(crate) error: Error,
    /// `None`: another attempt is of no use.
    pub(crate) retry: Option<Retry>,
}

/// The pause before another attempt.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Retry {
    /// The usual back-off, not before the error's `retry_at`.
    Backoff,
    /// As `Backoff`, with as many attempts as the platform's documentation asks for.
    Attempts(u32),
    /// A short pause in milliseconds: the file may be half-written.
    After(i64),
    /// These pauses in milliseconds, one before each further attempt and not before the error's `retry_at`.
    #[cfg(feature = "source-azure")]
    Pauses(&'static [i64]),
}

impl From<Effect> for SourceEffect {
    fn from(effect: Effect) -> Self {
        Self { effect, state: String::new() }
    }
}

impl SourceEffect {
    /// An effect of a source with several steps.
    fn at(effect: Effect, step: &impl Serialize) -> Self {
        // The steps have a JSON form.
        Self { effect, state: serde_json::to_string(step).unwrap_or_default() }
    }
}

/// Reads the step that an effect came with.
fn step<T: DeserializeOwned>(state: &str) -> Result<T, SourceError> {
    serde_json::from_str(state).map_err(|_| SourceError::unexpected())
}

impl From<Error> for SourceError {
    fn from(error: Error) -> Self {
        Self { error, retry: None }
    }
}

impl SourceError {
    /// A failure that the host reported for an effect.
    fn failed(
        code: Code,
        what: &str,
        failure: Failure,
        detail: &str,
        retry: Option<Retry>,
    ) -> Self {
        let detail = redact(detail, MAX_DETAIL);
        let message = format!("{what} ({}): {detail}", failure.name());
        let mut error = Error::new(code, message);
        error.hint = failure.hint().map(Into::into);
        Self { error, retry }
    }

    /// The caller cancelled the effect.
    fn cancelled() -> Self {
        Error::new(Code::Cancelled, "the caller gave up").into()
    }

    /// The host answered an effect with the outcome of another kind.
    fn unexpected() -> Self {
        Error::new(Code::Misuse, "the host answered an effect with an outcome of another kind")
            .into()
    }
}

/// Reads the members of a source's configuration.
fn members<T: DeserializeOwned>(members: Map<String, Value>) -> Result<T, Error> {
    Document::CONFIGURATION.member("source.", Value::Object(members))
}
