//! GitHub Actions' token endpoint (GitHub documentation, "OpenID Connect reference"). Forgejo offers the same endpoint.

use super::endpoint::{Endpoint, MAX_RESPONSE};
use super::{
    Detection, SourceContext, SourceEffect, SourceError, SourceKind, SourceResult, TokenSource,
    members,
};
use crate::environment::Environment;
use crate::http::{AddressPolicy, HttpRequest, Url};
use crate::json::non_empty::NonBlank;
use crate::secret::Secret;
use crate::{Code, Effect, Error, Failure, Outcome, Timestamp};
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use serde::Deserialize;

pub(super) const KIND: SourceKind = SourceKind {
    name: "github",
    variables: &[URL_VARIABLE, TOKEN_VARIABLE, "GITHUB_ACTIONS"],
    paths: &[],
    detect,
    configure: |form, _| {
        let form: GithubForm = members(form)?;
        let source = GithubActions::new(&form.request_url.0, &form.request_token.0, form.audience)?;
        Ok(Arc::new(source))
    },
};

const URL_VARIABLE: &str = "ACTIONS_ID_TOKEN_REQUEST_URL";
const TOKEN_VARIABLE: &str = "ACTIONS_ID_TOKEN_REQUEST_TOKEN";
const ENDPOINT: Endpoint = Endpoint {
    name: "GitHub's token endpoint",
    refused: "the job's request token is valid only while the job runs and needs `permissions: id-token: write`",
    configured_by: URL_VARIABLE,
    also_transient: &[],
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GithubForm {
    request_url: NonBlank,
    request_token: NonBlank,
    audience: Option<String>,
}

#[derive(Debug)]
struct GithubActions {
    url: Url,
    token: Secret<String>,
    audience: Option<String>,
}

fn detect(environment: &Environment) -> Detection {
    let url = environment.variable(URL_VARIABLE);
    let token = environment.variable(TOKEN_VARIABLE);
    match (url, token) {
        (Some(url), Some(token)) => Detection::found(
            GithubActions::new(url, token, None),
            "ACTIONS_ID_TOKEN_REQUEST_URL and ACTIONS_ID_TOKEN_REQUEST_TOKEN are set",
        ),
        (None, None) if environment.variable("GITHUB_ACTIONS") != Some("true") => {
            Detection::not_set(URL_VARIABLE)
        }
        (None, None) => Detection::Broken(Error::new(
            Code::GithubPermissionMissing,
            "GitHub Actions offers no token endpoint; add `permissions: id-token: write` to the job or workflow (pull requests from forks never get it)",
        )),
        _ => Detection::Broken(Error::new(
            Code::EnvironmentIncomplete,
            "only one of ACTIONS_ID_TOKEN_REQUEST_URL and ACTIONS_ID_TOKEN_REQUEST_TOKEN is set; GitHub sets both when the job has `permissions: id-token: write`",
        )),
    }
}

impl GithubActions {
    fn new(url: &str, token: &str, audience: Option<String>) -> Result<Self, Error> {
        let invalid = |message: &str| Error::new(Code::ConfigInvalid, message);
        let url = AddressPolicy::AUTHORITY.parse(url.trim_ascii()).map_err(|refusal| {
            invalid(&format!(
                "ACTIONS_ID_TOKEN_REQUEST_URL {refusal}; GitHub sets it, do not change it"
            ))
        })?;
        let token = token.trim_ascii();
        if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(invalid(
                "ACTIONS_ID_TOKEN_REQUEST_TOKEN has characters that are not allowed in a header; GitHub sets it, do not change it",
            ));
        }
        Ok(Self { url, token: Secret::new(String::from(token)), audience })
    }
}

impl TokenSource for GithubActions {
    fn ask(&self, context: &SourceContext<'_>) -> SourceEffect {
        // Without an audience GitHub uses the repository owner's URL, which no credential expects.
        let audience =
            self.audience.as_deref().or(context.audience).unwrap_or("api://AzureADTokenExchange");
        let url = self.url.with_query("audience", audience);
        let mut request =
            HttpRequest::get(url, "application/json", context.timeout_ms, MAX_RESPONSE);
        request.headers.push(("authorization", format!("Bearer {}", self.token.expose())));
        Effect::Http(request).into()
    }

    fn read(
        &self,
        outcome: &Outcome,
        _state: &str,
        now: Timestamp,
    ) -> Result<SourceResult, SourceError> {
        ENDPOINT.token_in(ENDPOINT.accept(outcome, now)?, "value")
    }

    fn failed(&self, failure: Failure, detail: &str, _state: &str) -> SourceError {
        ENDPOINT.failed(failure, detail)
    }
}
