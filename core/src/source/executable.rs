//! A token from a program, by google-auth's contract for external accounts (google-auth documentation, "Executable-sourced credentials").
//!
//! The program prints one JSON object. It runs only if the application allows it. Otherwise a changed configuration could start any
//! program.

use super::host_call::Execute;
use super::{
    Configured, Detection, SourceContext, SourceEffect, SourceError, SourceKind, SourceResult,
    TokenSource, members,
};
use crate::environment::Environment;
use crate::json::config::Bounded;
use crate::json::non_empty::{NonBlank, names};
use crate::json::strict;
use crate::redact::{MAX_DETAIL, redact};
use crate::secret::Secret;
use crate::{Code, Effect, Error, Failure, Outcome, Timestamp};
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub(super) const KIND: SourceKind = SourceKind {
    name: "executable",
    variables: &[ALLOW_VARIABLE],
    paths: &[],
    detect: Detection::only_configured,
    configure,
};

const ALLOW_VARIABLE: &str = "GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES";
const JWT: &str = "urn:ietf:params:oauth:token-type:jwt";
const ID_TOKEN: &str = "urn:ietf:params:oauth:token-type:id_token";
/// Longest output.
const MAX_OUTPUT: u32 = 64 * 1024;
const DEFAULT_TIMEOUT_MS: u32 = 30_000;
const MIN_TIMEOUT_MS: u32 = 5_000;
/// A token of the output file that expires sooner is not used.
const SKEW_SECONDS: i64 = 60;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExecutableForm {
    #[serde(default, deserialize_with = "names")]
    command: Option<Vec<String>>,
    timeout_ms: Option<Bounded<120_000>>,
    output_file: Option<NonBlank>,
    #[serde(default)]
    allow_executables: bool,
}

/// What the program prints, and what the output file holds.
#[derive(Deserialize)]
struct Answer {
    version: i64,
    success: bool,
    token_type: Option<String>,
    id_token: Option<String>,
    expiration_time: Option<i64>,
    code: Option<String>,
    message: Option<String>,
}

/// Which of the two the outcome is of.
#[derive(Deserialize, Serialize)]
#[serde(tag = "stage", rename_all = "snake_case")]
enum Stage {
    OutputFile { audience: String },
    Program,
}

#[derive(Debug)]
struct Executable {
    command: Vec<String>,
    timeout_ms: u32,
    output_file: Option<String>,
}

fn configure(form: Map<String, Value>, environment: &Environment) -> Configured {
    let form: ExecutableForm = members(form)?;
    let invalid = |message: &str| Error::new(Code::ConfigInvalid, message);
    let command = form.command.ok_or_else(|| {
        invalid("`source.command` is missing; it is a list: the program and its arguments")
    })?;
    if !form.allow_executables && environment.variable(ALLOW_VARIABLE) != Some("1") {
        return Err(invalid(
            "a token source that runs a program must be allowed: set GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES=1 or `source.allow_executables` to true, if you know who wrote the configuration",
        ));
    }
    if command.iter().any(|word| word.contains('\0')) {
        return Err(invalid("`source.command` has a word with a NUL character"));
    }
    let timeout_ms = form.timeout_ms.map_or(DEFAULT_TIMEOUT_MS, |bounded| bounded.0);
    if timeout_ms < MIN_TIMEOUT_MS {
        return Err(invalid("`source.timeout_ms` is not an integer from 5000 to 120000"));
    }
    let output_file = form.output_file.map(|path| path.0);
    Ok(Arc::new(Executable { command, timeout_ms, output_file }))
}

impl Executable {
    fn run(&self, audience: &str) -> SourceEffect {
        let mut environment = BTreeMap::from([
            ("GOOGLE_EXTERNAL_ACCOUNT_AUDIENCE", String::from(audience)),
            ("GOOGLE_EXTERNAL_ACCOUNT_TOKEN_TYPE", String::from(JWT)),
            ("GOOGLE_EXTERNAL_ACCOUNT_INTERACTIVE", String::from("0")),
        ]);
        if let Some(path) = &self.output_file {
            environment.insert("GOOGLE_EXTERNAL_ACCOUNT_OUTPUT_FILE", path.clone());
        }
        let call = Execute { command: &self.command, environment, max_bytes: MAX_OUTPUT };
        SourceEffect {
            effect: call.effect(self.timeout_ms),
            state: serde_json::to_string(&Stage::Program).unwrap_or_default(),
        }
    }

    /// The token that a program printed, or that is in its output file.
    fn token(&self, bytes: &[u8], now: Timestamp) -> Result<Secret<String>, Error> {
        if bytes.len() > MAX_OUTPUT as usize {
            return Err(invalid("more than 64 KiB"));
        }
        let answer: Answer = strict::read(bytes).map_err(|_| {
            invalid("no JSON object with the members `version` and `success` of their types")
        })?;
        if answer.version != 1 {
            return Err(invalid("an answer of another version than 1"));
        }
        if !answer.success {
            let text = |text: Option<String>| redact(&text.unwrap_or_default(), MAX_DETAIL);
            let (Some(_), Some(_)) = (&answer.code, &answer.message) else {
                return Err(invalid("a failure without `code` and `message`"));
            };
            let message = format!(
                "the program of the token source refused (`{}`): {}",
                text(answer.code),
                text(answer.message)
            );
            return Err(Error::new(Code::SourceRejected, message));
        }
        if !matches!(answer.token_type.as_deref(), Some(JWT | ID_TOKEN)) {
            return Err(invalid("a token that is not a JWT; `token_type` says which it is"));
        }
        if answer.expiration_time.is_none() && self.output_file.is_some() {
            return Err(invalid("no `expiration_time`, which `source.output_file` needs"));
        }
        if answer.expiration_time.is_some_and(|until| until <= now.seconds()) {
            return Err(Error::new(
                Code::AssertionExpired,
                "the program of the token source gave a token that has expired; check it, and this machine's clock",
            ));
        }
        match answer.id_token.as_deref().map(str::trim_ascii) {
            Some(token) if !token.is_empty() => Ok(Secret::new(token.into())),
            _ => Err(invalid("no token in `id_token`")),
        }
    }

    /// The token of the output file, if it lives on.
    fn kept(&self, outcome: &Outcome, now: Timestamp) -> Option<Secret<String>> {
        let Outcome::File(content) = outcome else { return None };
        self.token(content.expose(), now.plus_seconds(SKEW_SECONDS)).ok()
    }
}

impl TokenSource for Executable {
    fn ask(&self, context: &SourceContext<'_>) -> SourceEffect {
        let audience = context.audience.unwrap_or(context.token_endpoint);
        let Some(path) = &self.output_file else { return self.run(audience) };
        let stage = Stage::OutputFile { audience: audience.into() };
        SourceEffect {
            effect: Effect::ReadFile { path: path.clone(), max_bytes: MAX_OUTPUT },
            state: serde_json::to_string(&stage).unwrap_or_default(),
        }
    }

    fn answer(
        &self,
        outcome: &Outcome,
        state: &str,
        now: Timestamp,
    ) -> Result<SourceResult, SourceError> {
        match (serde_json::from_str(state), outcome) {
            (_, Outcome::Failed { failure: Failure::Cancelled, .. }) => {
                Err(Error::new(Code::Cancelled, "the caller gave up").into())
            }
            // A file that is missing or holds an old token is the usual reason to run the program.
            (Ok(Stage::OutputFile { audience }), _) => Ok(match self.kept(outcome, now) {
                Some(token) => SourceResult::Assertion(token),
                None => SourceResult::Ask(self.run(&audience)),
            }),
            (_, Outcome::Failed { failure, detail }) => Err(self.failed(*failure, detail, state)),
            _ => self.read(outcome, state, now),
        }
    }

    fn read(
        &self,
        outcome: &Outcome,
        _state: &str,
        now: Timestamp,
    ) -> Result<SourceResult, SourceError> {
        let Outcome::Answer(output) = outcome else { return Err(SourceError::unexpected()) };
        Ok(SourceResult::Assertion(self.token(output.expose(), now)?))
    }

    fn failed(&self, failure: Failure, detail: &str, _state: &str) -> SourceError {
        let (code, advice) = match failure {
            Failure::Unsupported => (
                Code::SourceUnsupported,
                "this runtime starts no processes; give the token by a callback",
            ),
            Failure::NotFound => (Code::SourceUnreachable, "`source.command` names no program"),
            Failure::Denied => (Code::SourceUnreachable, "it may not be run by this user"),
            Failure::Timeout => (
                Code::SourceUnreachable,
                "it did not end in time; `source.timeout_ms` and the request's own limit allow more",
            ),
            _ => (Code::SourceRejected, "it prints its reason on standard error"),
        };
        let what = format!("the program of the token source failed; {advice}");
        SourceError::failed(code, &what, failure, detail, None)
    }
}

fn invalid(what: &str) -> Error {
    let message = format!("the program of the token source printed {what}; check `source.command`");
    Error::new(Code::SourceResponseInvalid, message)
}
