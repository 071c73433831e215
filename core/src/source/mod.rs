//! Token sources: where the assertion, a workload's token from its platform, comes from.
//!
//! A source gives an effect for the host to perform and reads its outcome. It never waits and keeps nothing; assertions that
//! can be used again are in [`AssertionCache`]. Each kind of source is one file and one row of [`KINDS`].

mod assertion_cache;
mod callback;
mod file;
mod github;
mod signed;

use crate::environment::Environment;
use crate::json::config::Document;
use crate::redact::{MAX_DETAIL, redact};
use crate::secret::Secret;
use crate::{Code, Effect, Error, Failure, Outcome, Timestamp};
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt::Debug;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

pub(crate) use assertion_cache::{Assertion, AssertionCache};
pub(crate) use file::REREAD_MS;

/// Longest assertion accepted: the limit of a JWT.
pub(crate) const MAX_ASSERTION: u32 = 16 * 1024;

/// All kinds of sources. Without a configured source, the first that the environment offers is used.
pub(crate) const KINDS: [SourceKind; 4] = [callback::KIND, file::KIND, github::KIND, signed::KIND];

/// A source, or why its configuration is refused.
type Configured = Result<Arc<dyn TokenSource>, Error>;

/// A kind of token source.
pub(crate) struct SourceKind {
    /// `kind` in the configuration.
    pub(crate) name: &'static str,
    /// The environment variables that it reads.
    pub(crate) variables: &'static [&'static str],
    /// The source that the environment offers.
    detect: fn(&Environment) -> Option<Configured>,
    /// The source that the configuration describes, from its members without `kind`.
    configure: fn(Map<String, Value>) -> Configured,
}

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

    /// The error for an effect that the host could not perform.
    fn failed(&self, failure: Failure, detail: &str) -> SourceError;

    /// Whether each exchange needs an assertion of its own.
    fn is_single_use(&self) -> bool {
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
            Outcome::Failed { failure: Failure::Cancelled, .. } => {
                Err(Error::new(Code::Cancelled, "the caller gave up").into())
            }
            Outcome::Failed { failure, detail } => Err(self.failed(*failure, detail)),
            _ => self.read(outcome, state, now),
        }
    }
}

/// The exchange that an assertion is for.
pub(crate) struct SourceContext<'a> {
    pub(crate) tenant: Option<&'a str>,
    pub(crate) client_id: Option<&'a str>,
    pub(crate) token_endpoint: &'a str,
    pub(crate) audience: Option<&'a str>,
    pub(crate) claims: Option<&'a str>,
    pub(crate) context: Option<&'a str>,
    pub(crate) correlation_id: &'a str,
    /// A fresh `jti` for an assertion that is made here.
    pub(crate) jti: &'a str,
    pub(crate) timeout_ms: u32,
    pub(crate) now: Timestamp,
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
    /// A short pause in milliseconds: the file may be half-written.
    After(i64),
}

impl From<Effect> for SourceEffect {
    fn from(effect: Effect) -> Self {
        Self { effect, state: String::new() }
    }
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

    /// The host answered an effect with the outcome of another kind.
    fn unexpected() -> Self {
        Error::new(Code::Misuse, "the host answered an effect with an outcome of another kind")
            .into()
    }
}

/// The source that the member `source` of a configuration describes.
///
/// # Errors
/// `config_invalid`.
pub(crate) fn from_config(mut members: Map<String, Value>) -> Result<Arc<dyn TokenSource>, Error> {
    let kind = members.remove("kind");
    let name = kind.as_ref().and_then(Value::as_str).unwrap_or_default();
    if let Some(kind) = KINDS.iter().find(|kind| kind.name == name) {
        return (kind.configure)(members);
    }
    let fault = if name.trim_ascii().is_empty() {
        "missing or empty".into()
    } else {
        let names: Vec<_> = KINDS.iter().map(|kind| kind.name).collect();
        format!("not one of {}", names.join(", "))
    };
    Err(Error::new(Code::ConfigInvalid, format!("`source.kind` is {fault}")))
}

/// The source that the environment offers.
///
/// # Errors
/// `source_not_found`, or that of a source whose variables are incomplete.
pub(crate) fn from_environment(environment: &Environment) -> Result<Arc<dyn TokenSource>, Error> {
    KINDS.iter().find_map(|kind| (kind.detect)(environment)).unwrap_or_else(|| {
        Err(Error::new(
            Code::SourceNotFound,
            "no token source in the environment: neither AZURE_FEDERATED_TOKEN_FILE nor GitHub's ACTIONS_ID_TOKEN_REQUEST_URL is set; set one or configure `source`",
        ))
    })
}

/// Reads the members of a source's configuration.
fn members<T: DeserializeOwned>(members: Map<String, Value>) -> Result<T, Error> {
    Document::CONFIGURATION.member("source.", Value::Object(members))
}
