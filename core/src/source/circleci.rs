//! CircleCI: the tokens of a job in variables, and `circleci run oidc get` for an audience of the caller's choice (CircleCI documentation,
//! "OpenID Connect tokens in jobs").

use super::audience::is_for;
use super::host_call::Execute;
use super::variable::VariablePlatform;
use super::{
    Configured, MAX_ASSERTION, SourceContext, SourceEffect, SourceError, SourceKind, SourceResult,
    TokenSource, members,
};
use crate::environment::Environment;
use crate::json::non_empty::NonBlank;
use crate::secret::Secret;
use crate::{Code, Error, Failure, Outcome, Timestamp};
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;
use serde::Deserialize;
use serde_json::{Map, Value, json};

pub(super) const KIND: SourceKind = SourceKind {
    name: "circleci",
    variables: &[VARIABLES[0], VARIABLES[1], MARKER],
    paths: &[],
    detect: |environment| PLATFORM.detect_in_job(environment, MARKER),
    configure,
};

/// The second generation's subject names the branch, too.
const VARIABLES: &[&str; 2] = &["CIRCLE_OIDC_TOKEN_V2", "CIRCLE_OIDC_TOKEN"];
/// Set in every job.
const MARKER: &str = "CIRCLECI";

static PLATFORM: VariablePlatform = VariablePlatform {
    title: "CircleCI",
    variables: VARIABLES,
    missing: "CircleCI sets it in jobs that use a context; check that OIDC tokens are turned on for the project",
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CircleciForm {
    variable: Option<NonBlank>,
    audience: Option<NonBlank>,
    #[serde(default)]
    root_issuer: bool,
}

fn configure(form: Map<String, Value>, environment: &Environment) -> Configured {
    let form: CircleciForm = members(form)?;
    let conflict = |message: &str| Err(Error::new(Code::ConfigInvalid, message));
    match (form.audience, form.variable) {
        (Some(_), Some(_)) => conflict(
            "`source.audience` is for a token of `circleci run oidc get`, and `source.variable` for one that is there already; leave one of them out",
        ),
        (Some(audience), None) => {
            let claims = json!({"aud": audience.0}).to_string();
            let words = ["circleci", "run", "oidc", "get", "--claims", claims.as_str()];
            let mut command: Vec<String> = words.map(String::from).into();
            if form.root_issuer {
                command.push("--root-issuer".into());
            }
            Ok(Arc::new(CircleciCommand { command, audience: audience.0 }))
        }
        (None, _) if form.root_issuer => {
            conflict("`source.root_issuer` is for a token with a `source.audience` only")
        }
        (None, Some(variable)) => Ok(Arc::new(PLATFORM.named(&variable.0)?)),
        (None, None) => Ok(Arc::new(PLATFORM.first(environment)?)),
    }
}

/// A token that CircleCI's command makes.
#[derive(Debug)]
struct CircleciCommand {
    command: Vec<String>,
    audience: String,
}

impl TokenSource for CircleciCommand {
    fn platform(&self) -> Option<&'static str> {
        Some(PLATFORM.title)
    }

    fn ask(&self, context: &SourceContext<'_>) -> SourceEffect {
        let call = Execute {
            command: &self.command,
            environment: BTreeMap::new(),
            max_bytes: MAX_ASSERTION,
        };
        call.effect(context.timeout_ms).into()
    }

    fn read(
        &self,
        outcome: &Outcome,
        _state: &str,
        _now: Timestamp,
    ) -> Result<SourceResult, SourceError> {
        let Outcome::Answer(output) = outcome else { return Err(SourceError::unexpected()) };
        let text = core::str::from_utf8(output.expose()).unwrap_or_default().trim_ascii();
        if text.is_empty() || output.expose().len() > MAX_ASSERTION as usize {
            return Err(Error::new(
                Code::SourceResponseInvalid,
                "`circleci run oidc get` printed no token; run it in a step of the job and look at its output",
            )
            .into());
        }
        is_for(text, &self.audience, PLATFORM.title)?;
        Ok(SourceResult::Assertion(Secret::new(text.into())))
    }

    fn failed(&self, failure: Failure, detail: &str, _state: &str) -> SourceError {
        let (code, advice) = match failure {
            Failure::Unsupported => (
                Code::SourceUnsupported,
                "this runtime starts no processes; leave `audience` out to use CIRCLE_OIDC_TOKEN_V2",
            ),
            Failure::NotFound => (
                Code::SourceUnreachable,
                "the command `circleci` is in the machines and containers of CircleCI's jobs",
            ),
            Failure::Timeout => (Code::SourceUnreachable, "it did not end in time"),
            _ => (Code::SourceRejected, "run it in a step of the job and look at its output"),
        };
        let what = format!("`circleci run oidc get` failed; {advice}");
        SourceError::failed(code, &what, failure, detail, None)
    }
}
