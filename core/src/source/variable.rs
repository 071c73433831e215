//! Platforms that put a job's token into an environment variable.
//!
//! The variable is read each time an assertion is needed, so that one that the platform has changed is seen. The environment
//! of the configuration only decides which variable it is.

use super::host_call::ReadVariable;
use super::{
    Configured, Detection, MAX_ASSERTION, SourceContext, SourceEffect, SourceError, SourceResult,
    TokenSource, members,
};
use crate::environment::Environment;
use crate::json::non_empty::NonBlank;
use crate::secret::Secret;
use crate::{Code, Error, Failure, Outcome, Timestamp};
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use serde::Deserialize;
use serde_json::{Map, Value};

/// Longest name of a variable.
const MAX_NAME: usize = 256;

/// A platform whose token is in a variable.
#[derive(Debug)]
pub(super) struct VariablePlatform {
    /// Its name: `Bitbucket Pipelines`.
    pub(super) title: &'static str,
    /// The variables that can hold the token; the first that is set is used.
    pub(super) variables: &'static [&'static str],
    /// What to do where the variable is missing: `add ...`.
    pub(super) missing: &'static str,
}

/// The members of the source of such a platform.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct VariableForm {
    variable: Option<NonBlank>,
}

/// A token in a variable.
#[derive(Debug)]
pub(super) struct TokenVariable {
    platform: &'static VariablePlatform,
    variable: String,
}

impl VariablePlatform {
    /// The source, if one of the variables is set.
    pub(super) fn detect(&'static self, environment: &Environment) -> Detection {
        match environment.first_set(self.variables) {
            Some(variable) => self.found(variable),
            None => Detection::not_set(&self.variables.join(", ")),
        }
    }

    /// The source, if one of the variables is set. Where `marker` has a value the platform is there, and a missing token is
    /// an error.
    pub(super) fn detect_in_job(
        &'static self,
        environment: &Environment,
        marker: &'static str,
    ) -> Detection {
        match (environment.first_set(self.variables), environment.variable(marker)) {
            (Some(variable), _) => self.found(variable),
            (None, Some(_)) => Detection::Broken(self.not_set(self.variables)),
            (None, None) => Detection::not_set(marker),
        }
    }

    /// The source of a configuration with the member `variable`, or of the first variable that is set.
    pub(super) fn configure(
        &'static self,
        form: Map<String, Value>,
        environment: &Environment,
    ) -> Configured {
        let form: VariableForm = members(form)?;
        let source = match form.variable {
            Some(variable) => self.named(&variable.0)?,
            None => self.first(environment)?,
        };
        Ok(Arc::new(source))
    }

    /// The token in a variable of the caller's choice.
    pub(super) fn named(&'static self, variable: &str) -> Result<TokenVariable, Error> {
        let variable = variable.trim_ascii();
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        if variable.len() > MAX_NAME || !variable.bytes().all(allowed) {
            return Err(Error::new(
                Code::ConfigInvalid,
                "`source.variable` is not the name of an environment variable: letters, digits and `_`",
            ));
        }
        Ok(self.source(variable))
    }

    /// The token in the first variable that is set.
    pub(super) fn first(&'static self, environment: &Environment) -> Result<TokenVariable, Error> {
        match environment.first_set(self.variables) {
            Some(variable) => Ok(self.source(variable)),
            None => Err(self.not_set(self.variables)),
        }
    }

    /// The token in a known variable.
    pub(super) fn source(&'static self, variable: &str) -> TokenVariable {
        TokenVariable { platform: self, variable: variable.into() }
    }

    /// The error of variables that are not set.
    pub(super) fn not_set(&self, variables: &[&str]) -> Error {
        let Self { title, missing, .. } = self;
        let which = match variables {
            [variable] => format!("{variable} is not set"),
            _ => format!("none of {} is set", variables.join(", ")),
        };
        let message = format!("{title} offers no token: {which}; {missing}");
        Error::new(Code::EnvironmentIncomplete, message)
    }

    fn found(&'static self, variable: &str) -> Detection {
        let why = format!("{}: {variable} is set", self.title);
        Detection::Found { source: Arc::new(self.source(variable)), why }
    }

    /// The effect that reads a variable.
    pub(super) fn ask(variable: &str, context: &SourceContext<'_>) -> SourceEffect {
        ReadVariable { variable }.effect(context.timeout_ms).into()
    }

    /// The token in what the host read. `variable` is for messages.
    pub(super) fn read(
        &self,
        variable: &str,
        outcome: &Outcome,
    ) -> Result<SourceResult, SourceError> {
        let Outcome::Answer(bytes) = outcome else { return Err(SourceError::unexpected()) };
        let malformed = |what: &str| {
            let message = format!("{}: {variable} {what}; a workload token is a JWT", self.title);
            Error::new(Code::AssertionMalformed, message)
        };
        let bytes = bytes.expose();
        if bytes.len() > MAX_ASSERTION as usize {
            return Err(malformed("holds more than 16 KiB").into());
        }
        let text = core::str::from_utf8(bytes)
            .map_err(|_| malformed("holds bytes that are not text"))?
            .trim_ascii();
        if text.is_empty() {
            return Err(self.not_set(&[variable]).into());
        }
        Ok(SourceResult::Assertion(Secret::new(text.into())))
    }

    /// The error of a variable that the host could not read.
    pub(super) fn failed(&self, variable: &str, failure: Failure, detail: &str) -> SourceError {
        match failure {
            Failure::NotFound => self.not_set(&[variable]).into(),
            Failure::Unsupported => Error::new(
                Code::SourceUnsupported,
                format!(
                    "{}: this runtime has no environment variables; pass them as `environment`, or give the token by a callback",
                    self.title
                ),
            )
            .into(),
            _ => {
                let what = format!("{}: reading {variable} failed", self.title);
                SourceError::failed(Code::SourceUnreachable, &what, failure, detail, None)
            }
        }
    }
}

impl TokenSource for TokenVariable {
    fn platform(&self) -> Option<&'static str> {
        Some(self.platform.title)
    }

    fn ask(&self, context: &SourceContext<'_>) -> SourceEffect {
        VariablePlatform::ask(&self.variable, context)
    }

    fn read(
        &self,
        outcome: &Outcome,
        _state: &str,
        _now: Timestamp,
    ) -> Result<SourceResult, SourceError> {
        self.platform.read(&self.variable, outcome)
    }

    fn failed(&self, failure: Failure, detail: &str, _state: &str) -> SourceError {
        self.platform.failed(&self.variable, failure, detail)
    }

    fn is_read_each_time(&self) -> bool {
        true
    }
}
