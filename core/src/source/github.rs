//! GitHub Actions' token endpoint (GitHub documentation, "OpenID Connect reference"). Forgejo offers the same endpoint.

use super::{
    Retry, SourceContext, SourceEffect, SourceError, SourceKind, SourceResult, TokenSource, members,
};
use crate::environment::Environment;
use crate::http::{AddressPolicy, HttpRequest, Url};
use crate::http::{proxy, retry};
use crate::json::non_empty::NonBlank;
use crate::json::strict;
use crate::secret::Secret;
use crate::{Code, Effect, Error, Failure, Outcome, Timestamp};
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use serde::Deserialize;

pub(super) const KIND: SourceKind = SourceKind {
    name: "github",
    variables: &[URL_VARIABLE, TOKEN_VARIABLE, "GITHUB_ACTIONS"],
    detect: |environment| Some(detect(environment)?.map(|source| Arc::new(source) as _)),
    configure: |form| {
        let form: GithubForm = members(form)?;
        let source = GithubActions::new(&form.request_url.0, &form.request_token.0, form.audience)?;
        Ok(Arc::new(source))
    },
};

const URL_VARIABLE: &str = "ACTIONS_ID_TOKEN_REQUEST_URL";
const TOKEN_VARIABLE: &str = "ACTIONS_ID_TOKEN_REQUEST_TOKEN";
const ENDPOINT: &str = "GitHub's token endpoint";
const MAX_RESPONSE: u32 = 64 * 1024;

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

/// The answer of the token endpoint.
#[derive(Deserialize)]
struct TokenDocument {
    value: String,
}

fn detect(environment: &Environment) -> Option<Result<GithubActions, Error>> {
    let url = environment.variable(URL_VARIABLE);
    let token = environment.variable(TOKEN_VARIABLE);
    match (url, token) {
        (Some(url), Some(token)) => Some(GithubActions::new(url, token, None)),
        (None, None) if environment.variable("GITHUB_ACTIONS") != Some("true") => None,
        (None, None) => Some(Err(Error::new(
            Code::GithubPermissionMissing,
            "GitHub Actions offers no token endpoint; add `permissions: id-token: write` to the job or workflow (pull requests from forks never get it)",
        ))),
        _ => Some(Err(Error::new(
            Code::EnvironmentIncomplete,
            "only one of ACTIONS_ID_TOKEN_REQUEST_URL and ACTIONS_ID_TOKEN_REQUEST_TOKEN is set; GitHub sets both when the job has `permissions: id-token: write`",
        ))),
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
        let Outcome::Http(response) = outcome else { return Err(SourceError::unexpected()) };
        let status = response.status;
        if status == proxy::AUTHENTICATION_REQUIRED {
            return Err(proxy::authentication_required(ENDPOINT).into());
        }
        if retry::is_transient(status) {
            let mut error = Error::new(
                Code::SourceUnavailable,
                format!("GitHub's token endpoint answered with status {status}; try again later"),
            );
            error.retry_at = retry::after(&response.headers, now);
            return Err(SourceError { error, retry: Some(Retry::Backoff) });
        }
        if status != 200 {
            return Err(Error::new(
                Code::SourceRejected,
                format!(
                    "GitHub's token endpoint refused with status {status}; the job's request token is valid only while the job runs and needs `permissions: id-token: write`"
                ),
            )
            .into());
        }
        let token = if response.body.len() > MAX_RESPONSE as usize {
            None
        } else {
            strict::read::<TokenDocument>(&response.body).ok().map(|document| document.value)
        };
        match token {
            Some(token) if !token.is_empty() => Ok(SourceResult::Assertion(Secret::new(token))),
            _ => Err(Error::new(
                Code::SourceResponseInvalid,
                "GitHub's token endpoint answered without a token in `value`; check ACTIONS_ID_TOKEN_REQUEST_URL",
            )
            .into()),
        }
    }

    fn failed(&self, failure: Failure, detail: &str) -> SourceError {
        let (code, retry) = match failure {
            Failure::ProxyAuthentication => (Code::ProxyAuthenticationRequired, None),
            Failure::Unreadable => (Code::SourceResponseInvalid, None),
            _ => (Code::SourceUnreachable, Some(Retry::Backoff)),
        };
        SourceError::failed(code, "GitHub's token endpoint did not answer", failure, detail, retry)
    }
}
