//! Token sources: where the external token, the assertion, comes from. One file per source.
//!
//! A source is asked for an effect and given the outcome; it never waits and keeps nothing. What a source learned
//! lives in the assertion store (`held.rs`).

mod callback;
mod file;
mod github;
mod held;
mod signed;

use crate::json::Json;
use crate::secret::Secret;
use crate::shape::{Kind, Members, Shape};
use crate::{Code, Effect, Error, Failure, Outcome, Timestamp};
use alloc::format;
use alloc::string::String;

pub(crate) use file::REREAD_MS;
pub(crate) use held::{Assertion, HeldAssertions};

/// Longest assertion accepted, as in the JWT limits.
pub(crate) const MAX_ASSERTION: u32 = 16 * 1024;

/// What the member `source` says, for each kind of source.
const SHAPES: [(&str, Shape); 4] = [
    ("callback", shape(&[("kind", Kind::Text)])),
    ("file", shape(&[("kind", Kind::Text), ("path", Kind::Required)])),
    (
        "github",
        shape(&[
            ("kind", Kind::Text),
            ("request_url", Kind::Required),
            ("request_token", Kind::Required),
            ("audience", Kind::Text),
        ]),
    ),
    ("signed", shape(signed::MEMBERS)),
];

const fn shape(members: &'static [(&'static str, Kind)]) -> Shape {
    Shape {
        code: Code::ConfigInvalid,
        not_an_object: "`source` is not an object",
        place: "source.",
        members,
    }
}

/// A configured source.
#[derive(Clone, Debug)]
pub(crate) enum Source {
    Callback,
    File(file::TokenFile),
    Github(github::GithubActions),
    Signed(signed::SignedAssertion),
}

/// What a source may want to know of the exchange it serves.
pub(crate) struct Purpose<'a> {
    pub(crate) tenant: Option<&'a str>,
    pub(crate) client_id: Option<&'a str>,
    pub(crate) token_endpoint: &'a str,
    pub(crate) audience: Option<&'a str>,
    pub(crate) claims: Option<&'a str>,
    pub(crate) context: Option<&'a str>,
    pub(crate) correlation_id: &'a str,
    pub(crate) timeout_ms: u32,
    pub(crate) now: Timestamp,
}

/// An effect, and what the source has to remember until its outcome.
pub(crate) struct Question {
    pub(crate) effect: Effect,
    pub(crate) memory: String,
}

impl From<Effect> for Question {
    fn from(effect: Effect) -> Self {
        Self { effect, memory: String::new() }
    }
}

/// What an outcome leads to.
pub(crate) enum Answer {
    /// The assertion.
    Assertion(Secret<String>),
    /// One more effect.
    Ask(Question),
}

/// Why a source gave nothing, and whether asking it once more can help.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) error: Error,
    /// Not before this instant, when another attempt makes sense.
    pub(crate) again: Option<Again>,
}

/// Which pause comes before another attempt.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Again {
    /// The usual back-off, not before the error's `retry_at`.
    Backoff,
    /// A fixed short pause, in milliseconds: somebody is writing the file right now.
    Shortly(i64),
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self { error, again: None }
    }
}

impl Source {
    pub(crate) fn file(path: &str) -> Self {
        Source::File(file::TokenFile::new(path))
    }

    pub(crate) fn github(url: &str, token: &str, audience: Option<&str>) -> Result<Self, Error> {
        github::GithubActions::new(url, token, audience).map(Source::Github)
    }

    /// Whether each exchange has an assertion of its own, made and signed for it.
    pub(crate) fn is_signed(&self) -> bool {
        matches!(self, Source::Signed(_))
    }

    /// From the `source` member of the configuration.
    pub(crate) fn read(value: &Json) -> Result<Self, Error> {
        let kind = value.member("kind").and_then(Json::as_text).unwrap_or_default();
        let Some((_, shape)) = SHAPES.iter().find(|(name, _)| *name == kind) else {
            let fault = match kind.trim_ascii() {
                "" => "`source.kind` is missing or empty",
                _ => "`source.kind` is not one of callback, file, github, signed",
            };
            return Err(Error::new(Code::ConfigInvalid, fault));
        };
        shape.check(value)?;
        let members = Members(value);
        let required = |name| members.text(name).map_or("", String::as_str);
        match kind {
            "callback" => Ok(Source::Callback),
            "file" => Ok(Self::file(required("path"))),
            "github" => Self::github(
                required("request_url"),
                required("request_token"),
                members.text("audience").map(String::as_str),
            ),
            _ => signed::SignedAssertion::read(members).map(Source::Signed),
        }
    }

    /// The effect that asks for an assertion. `jti` is a fresh identifier for an assertion made here.
    pub(crate) fn ask(&self, purpose: &Purpose<'_>, jti: &str) -> Question {
        match self {
            Source::Callback => callback::ask(purpose).into(),
            Source::File(file) => file.ask().into(),
            Source::Github(github) => github.ask(purpose).into(),
            Source::Signed(signed) => signed.ask(purpose, jti),
        }
    }

    /// What came of it.
    pub(crate) fn answer(
        &self,
        outcome: &Outcome,
        memory: &str,
        now: Timestamp,
    ) -> Result<Answer, Refusal> {
        if let Outcome::Failed { failure, detail } = outcome {
            return Err(self.failed(*failure, detail));
        }
        let token = match self {
            Source::Callback => callback::answer(outcome)?,
            Source::File(_) => file::answer(outcome)?,
            Source::Github(_) => github::answer(outcome, now)?,
            Source::Signed(signed) => return signed.answer(outcome, memory),
        };
        Ok(Answer::Assertion(token))
    }

    /// The host could not perform the effect.
    fn failed(&self, failure: Failure, text: &str) -> Refusal {
        if failure == Failure::Cancelled {
            return Error::new(Code::Cancelled, "the caller gave up").into();
        }
        let (code, what, again) = match self {
            Source::Callback => (
                Code::CallbackFailed,
                "the assertion callback failed",
                matches!(failure, Failure::Timeout | Failure::Refused).then_some(Again::Backoff),
            ),
            Source::File(_) => match file::failed(failure) {
                Some(refusal) => return refusal,
                None => (Code::TokenFileUnreadable, "reading the token file failed", None),
            },
            Source::Github(_) => (
                Code::SourceUnreachable,
                "GitHub's token endpoint did not answer",
                Some(Again::Backoff),
            ),
            Source::Signed(_) => (Code::SigningFailed, "signing the client assertion failed", None),
        };
        let message = format!("{what} ({}): {}", failure.name(), detail(text));
        Refusal { error: Error::new(code, message), again }
    }
}

/// A host's detail, cut and free of tokens.
pub(crate) fn detail(text: &str) -> String {
    crate::entra::token_response::scrub(text, 200)
}

/// The host answered an effect with the outcome of another kind.
fn unexpected() -> Refusal {
    Error::new(Code::Misuse, "the host answered an effect with an outcome of another kind").into()
}
