//! GitLab CI/CD: a token of the job's `id_tokens` (GitLab documentation, "OpenID Connect (OIDC) Authentication Using ID Tokens").
//!
//! The pipeline chooses the variable's name. Tools of this kind derive it from the audience: upper case, `_` for other characters than
//! letters and digits, and `_ID_TOKEN` at the end.

use super::variable::VariablePlatform;
use super::{
    Detection, SourceContext, SourceEffect, SourceError, SourceKind, SourceResult, TokenSource,
    members,
};
use crate::environment::Environment;
use crate::json::non_empty::NonBlank;
use crate::{Failure, Outcome, Timestamp};
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use serde::Deserialize;

pub(super) const KIND: SourceKind = SourceKind {
    name: "gitlab",
    variables: VARIABLES,
    paths: &[],
    detect: |environment| {
        if environment.variable(MARKER).is_none() {
            return Detection::not_set(MARKER);
        }
        match GitlabJob::in_environment(environment) {
            Some(job) => {
                let why = format!("GitLab CI/CD: {} is set", job.variables.join(", "));
                Detection::Found { source: Arc::new(job), why }
            }
            None => Detection::Broken(PLATFORM.not_set(NAMES)),
        }
    },
    configure: |form, environment| {
        let form: GitlabForm = members(form)?;
        if let Some(variable) = form.variable {
            return Ok(Arc::new(PLATFORM.named(&variable.0)?));
        }
        match GitlabJob::in_environment(environment) {
            Some(job) => Ok(Arc::new(job)),
            None => Err(PLATFORM.not_set(NAMES)),
        }
    },
};

const MARKER: &str = "GITLAB_CI";

/// First those derived from the exchange audiences of Entra's clouds, then those of GitLab's documentation and of Terraform's providers.
const VARIABLES: &[&str] = &[
    "API___AZUREADTOKENEXCHANGE_ID_TOKEN",
    "API___AZUREADTOKENEXCHANGEUSGOV_ID_TOKEN",
    "API___AZUREADTOKENEXCHANGECHINA_ID_TOKEN",
    "AZURE_ID_TOKEN",
    "GITLAB_OIDC_TOKEN",
    "ARM_OIDC_TOKEN",
    MARKER,
];

const NAMES: &[&str] = &[
    "API___AZUREADTOKENEXCHANGE_ID_TOKEN",
    "AZURE_ID_TOKEN",
    "GITLAB_OIDC_TOKEN",
    "ARM_OIDC_TOKEN",
];

static PLATFORM: VariablePlatform = VariablePlatform {
    title: "GitLab CI/CD",
    variables: VARIABLES,
    missing: "add `id_tokens: {AZURE_ID_TOKEN: {aud: api://AzureADTokenExchange}}` to the job, or name its variable with the option `variable`",
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GitlabForm {
    variable: Option<NonBlank>,
}

/// A job with at least one of the variables.
#[derive(Debug)]
struct GitlabJob {
    variables: Vec<&'static str>,
}

impl GitlabJob {
    fn in_environment(environment: &Environment) -> Option<Self> {
        let is_set = |name: &&'static str| *name != MARKER && environment.variable(name).is_some();
        let variables: Vec<_> = VARIABLES.iter().copied().filter(is_set).collect();
        (!variables.is_empty()).then_some(Self { variables })
    }

    /// The variable of the audience, or else the first of those that are set.
    fn variable(&self, audience: Option<&str>) -> &'static str {
        let derived = audience.map(variable_of_audience);
        let is_derived = |name: &&&'static str| Some(**name) == derived.as_deref();
        let first = self.variables.first();
        self.variables.iter().find(is_derived).or(first).copied().unwrap_or_default()
    }
}

impl TokenSource for GitlabJob {
    fn platform(&self) -> Option<&'static str> {
        Some(PLATFORM.title)
    }

    fn ask(&self, context: &SourceContext<'_>) -> SourceEffect {
        let variable = self.variable(context.audience);
        let SourceEffect { effect, .. } = VariablePlatform::ask(variable, context);
        SourceEffect { effect, state: variable.into() }
    }

    fn read(
        &self,
        outcome: &Outcome,
        state: &str,
        _now: Timestamp,
    ) -> Result<SourceResult, SourceError> {
        PLATFORM.read(state, outcome)
    }

    fn failed(&self, failure: Failure, detail: &str, state: &str) -> SourceError {
        PLATFORM.failed(state, failure, detail)
    }

    fn is_read_each_time(&self) -> bool {
        true
    }
}

/// The name that tools derive for the variable of an audience.
fn variable_of_audience(audience: &str) -> String {
    let plain = |character: char| {
        if character.is_ascii_alphanumeric() { character.to_ascii_uppercase() } else { '_' }
    };
    let mut name: String = audience.chars().map(plain).collect();
    name.push_str("_ID_TOKEN");
    name
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entra::CLOUDS;

    #[test]
    fn each_clouds_variable_is_looked_for() {
        for cloud in CLOUDS {
            let name = variable_of_audience(cloud.exchange_audience);
            assert!(VARIABLES.contains(&name.as_str()), "{name}");
        }
    }

    #[test]
    fn the_variable_of_the_audience_comes_first() {
        let job = GitlabJob {
            variables: alloc::vec!["API___AZUREADTOKENEXCHANGE_ID_TOKEN", "AZURE_ID_TOKEN"],
        };
        assert_eq!(
            job.variable(Some("api://AzureADTokenExchange")),
            "API___AZUREADTOKENEXCHANGE_ID_TOKEN"
        );
        let job = GitlabJob {
            variables: alloc::vec![
                "API___AZUREADTOKENEXCHANGE_ID_TOKEN",
                "API___AZUREADTOKENEXCHANGEUSGOV_ID_TOKEN"
            ],
        };
        assert_eq!(
            job.variable(Some("api://AzureADTokenExchangeUSGov")),
            "API___AZUREADTOKENEXCHANGEUSGOV_ID_TOKEN"
        );
        assert_eq!(job.variable(None), "API___AZUREADTOKENEXCHANGE_ID_TOKEN");
    }
}
