//! Buildkite: the token endpoint of its agent API (Buildkite documentation, "OIDC with Buildkite"), as `buildkite-agent oidc request-token`
//! uses it.

use super::audience;
use super::endpoint::{Endpoint, MAX_RESPONSE};
use super::{
    Configured, Detection, SourceContext, SourceEffect, SourceError, SourceKind, SourceResult,
    TokenSource, members,
};
use crate::environment::Environment;
use crate::http::{AddressPolicy, HttpRequest, Method, percent_encode};
use crate::json::config::Bounded;
use crate::json::non_empty::{NonBlank, names};
use crate::secret::Secret;
use crate::{Code, Effect, Error, Failure, Outcome, Timestamp};
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub(super) const KIND: SourceKind = SourceKind {
    name: "buildkite",
    variables: &[TOKEN_VARIABLE, JOB_VARIABLE, ENDPOINT_VARIABLE],
    paths: &[],
    detect: |environment| match environment.first_set(&[TOKEN_VARIABLE, JOB_VARIABLE]) {
        Some(_) => Detection::found(
            BuildkiteJob::new(BuildkiteForm::default(), environment),
            "Buildkite: BUILDKITE_AGENT_ACCESS_TOKEN is set",
        ),
        None => Detection::not_set(TOKEN_VARIABLE),
    },
    configure,
};

const TOKEN_VARIABLE: &str = "BUILDKITE_AGENT_ACCESS_TOKEN";
const JOB_VARIABLE: &str = "BUILDKITE_JOB_ID";
const ENDPOINT_VARIABLE: &str = "BUILDKITE_AGENT_ENDPOINT";
/// The agent's default.
const DEFAULT_ENDPOINT: &str = "https://agent-edge.buildkite.com/v3";
const ENDPOINT: Endpoint = Endpoint {
    name: "Buildkite's agent API",
    refused: "the job's access token is valid only while the job runs",
    configured_by: ENDPOINT_VARIABLE,
    also_transient: &[],
};

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct BuildkiteForm {
    audience: Option<NonBlank>,
    subject_claim: Option<NonBlank>,
    lifetime: Option<Bounded<86_400>>,
    #[serde(default, deserialize_with = "names")]
    claims: Option<Vec<String>>,
}

/// The body of a request.
#[derive(Serialize)]
struct TokenRequest<'a> {
    audience: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    lifetime: Option<u32>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    claims: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    subject_claim: Option<&'a str>,
}

#[derive(Debug)]
struct BuildkiteJob {
    url: String,
    token: Secret<String>,
    audience: Option<String>,
    subject_claim: Option<String>,
    lifetime: Option<u32>,
    claims: Vec<String>,
}

fn configure(form: Map<String, Value>, environment: &Environment) -> Configured {
    Ok(Arc::new(BuildkiteJob::new(members(form)?, environment)?))
}

impl BuildkiteJob {
    fn new(form: BuildkiteForm, environment: &Environment) -> Result<Self, Error> {
        let variable = |name| {
            environment.variable(name).ok_or_else(|| {
                let message = format!(
                    "Buildkite offers no token: {name} is not set; the agent sets it in every job"
                );
                Error::new(Code::EnvironmentIncomplete, message)
            })
        };
        let (token, job) = (variable(TOKEN_VARIABLE)?, variable(JOB_VARIABLE)?);
        let endpoint = environment.variable(ENDPOINT_VARIABLE).unwrap_or(DEFAULT_ENDPOINT);
        let invalid = |message: String| Error::new(Code::ConfigInvalid, message);
        let endpoint = AddressPolicy::AUTHORITY.parse(endpoint).map_err(|refusal| {
            invalid(format!("{ENDPOINT_VARIABLE} {refusal}; the agent sets it, do not change it"))
        })?;
        if endpoint.path_and_query().contains('?') {
            return Err(invalid(format!(
                "{ENDPOINT_VARIABLE} has a query, and paths are added to it; the agent sets it, do not change it"
            )));
        }
        if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(invalid(format!(
                "{TOKEN_VARIABLE} has characters that are not allowed in a header; the agent sets it, do not change it"
            )));
        }
        let base = endpoint.as_str().trim_end_matches('/');
        Ok(Self {
            url: format!("{base}/jobs/{}/oidc/tokens", percent_encode(job)),
            token: Secret::new(token.into()),
            audience: form.audience.map(|audience| audience.0),
            subject_claim: form.subject_claim.map(|claim| claim.0),
            lifetime: form.lifetime.map(|seconds| seconds.0),
            claims: form.claims.unwrap_or_default(),
        })
    }
}

impl TokenSource for BuildkiteJob {
    fn platform(&self) -> Option<&'static str> {
        Some("Buildkite")
    }

    fn ask(&self, context: &SourceContext<'_>) -> SourceEffect {
        let audience = audience::wanted(self.audience.as_deref(), context.audience);
        let body = TokenRequest {
            audience,
            lifetime: self.lifetime,
            claims: &self.claims,
            subject_claim: self.subject_claim.as_deref(),
        };
        let mut request = HttpRequest::get(
            self.url.clone(),
            "application/json",
            context.timeout_ms,
            MAX_RESPONSE,
        );
        request.method = Method::Post;
        request.headers.push(("authorization", format!("Token {}", self.token.expose())));
        request.headers.push(("content-type", "application/json".into()));
        // Text always has a JSON form.
        request.body = serde_json::to_string(&body).unwrap_or_default();
        SourceEffect { effect: Effect::Http(request), state: audience.into() }
    }

    fn read(
        &self,
        outcome: &Outcome,
        state: &str,
        now: Timestamp,
    ) -> Result<SourceResult, SourceError> {
        let answer = ENDPOINT.accept_quoting(outcome, now, "message", self.token.expose())?;
        audience::checked(ENDPOINT.token_in(answer, "token")?, state, "Buildkite")
    }

    fn failed(&self, failure: Failure, detail: &str, _state: &str) -> SourceError {
        ENDPOINT.failed(failure, detail)
    }
}
