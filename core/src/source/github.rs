//! GitHub Actions' token endpoint (GitHub documentation, "OpenID Connect reference"); Forgejo speaks the same.

use super::{Again, Purpose, Refusal};
use crate::http::{HttpRequest, Url};
use crate::json::{self, Json};
use crate::retry;
use crate::secret::Secret;
use crate::{Code, Effect, Error, Outcome, Timestamp};
use alloc::format;
use alloc::string::String;

const MAX_RESPONSE: u32 = 64 * 1024;

#[derive(Clone, Debug)]
pub(crate) struct GithubActions {
    url: Url,
    token: Secret<String>,
    audience: Option<String>,
}

impl GithubActions {
    pub(super) fn new(url: &str, token: &str, audience: Option<&str>) -> Result<Self, Error> {
        let invalid = |message: &str| Error::new(Code::ConfigInvalid, message);
        let url = Url::parse(url.trim_ascii()).map_err(|_| {
            invalid("ACTIONS_ID_TOKEN_REQUEST_URL is not an absolute https URL; GitHub sets it, do not change it")
        })?;
        let token = token.trim_ascii();
        if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(invalid(
                "ACTIONS_ID_TOKEN_REQUEST_TOKEN has characters that no header can carry; GitHub sets it, do not change it",
            ));
        }
        Ok(Self {
            url,
            token: Secret::new(String::from(token)),
            audience: audience.map(String::from),
        })
    }

    pub(super) fn ask(&self, purpose: &Purpose<'_>) -> Effect {
        // Without an audience GitHub writes the owner's URL, which no credential expects.
        let audience =
            self.audience.as_deref().or(purpose.audience).unwrap_or("api://AzureADTokenExchange");
        let url = self.url.with_query("audience", audience);
        let mut request =
            HttpRequest::get(url, "application/json", purpose.timeout_ms, MAX_RESPONSE);
        let bearer = format!("Bearer {}", self.token.expose());
        request.headers.push(("authorization", bearer));
        Effect::Http(request)
    }
}

pub(super) fn answer(outcome: &Outcome, now: Timestamp) -> Result<Secret<String>, Refusal> {
    let Outcome::Http(response) = outcome else { return Err(super::unexpected()) };
    let status = response.status;
    if retry::is_transient(status) {
        let asked = retry::after(&response.headers, now);
        let mut error = Error::new(
            Code::SourceUnavailable,
            format!("GitHub's token endpoint answered with status {status}; try again later"),
        );
        error.retry_at = asked;
        return Err(Refusal { error, again: Some(Again::Backoff) });
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
    let document = if response.body.len() > MAX_RESPONSE as usize {
        None
    } else {
        json::parse(&response.body).ok()
    };
    let token =
        document.as_ref().and_then(|document| document.member("value")).and_then(Json::as_text);
    match token {
        Some(token) if !token.is_empty() => Ok(Secret::new(String::from(token))),
        _ => Err(Error::new(
            Code::SourceResponseInvalid,
            "GitHub's token endpoint answered without a token in `value`; check ACTIONS_ID_TOKEN_REQUEST_URL",
        )
        .into()),
    }
}
