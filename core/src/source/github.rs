//! The token endpoint of an Actions job: GitHub's (GitHub documentation, "OpenID Connect reference"), of GitHub Enterprise Server and of
//! data residency too, and that of Forgejo, which has the same protocol (Forgejo documentation, "Security OpenID Connect").

use super::audience;
use super::endpoint::{Endpoint, MAX_RESPONSE};
use super::{
    Configured, Detection, SourceContext, SourceEffect, SourceError, SourceKind, SourceResult,
    TokenSource, members,
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
use serde_json::{Map, Value};

pub(super) const KIND: SourceKind = SourceKind {
    name: "github",
    variables: &[
        URL_VARIABLE,
        TOKEN_VARIABLE,
        "GITHUB_ACTIONS",
        "GITHUB_SERVER_URL",
        "FORGEJO_ACTIONS",
        "GITEA_ACTIONS",
    ],
    paths: &[],
    detect: |environment| {
        let actions = Actions::of(environment);
        match parts(actions, None, None, environment) {
            Ok(Some((url, token))) => Detection::found(
                ActionsJob::new(actions, &url, &token, None),
                format!("{}: {URL_VARIABLE} and {TOKEN_VARIABLE} are set", actions.title),
            ),
            Ok(None) => Detection::not_set(URL_VARIABLE),
            Err(error) => Detection::Broken(error),
        }
    },
    configure,
};

const URL_VARIABLE: &str = "ACTIONS_ID_TOKEN_REQUEST_URL";
const TOKEN_VARIABLE: &str = "ACTIONS_ID_TOKEN_REQUEST_TOKEN";

/// A product that runs Actions.
#[derive(Debug)]
struct Actions {
    title: &'static str,
    endpoint: Endpoint,
    /// What a job needs to get a token.
    permission: &'static str,
}

const GITHUB_ENDPOINT: Endpoint = Endpoint {
    name: "GitHub's token endpoint",
    refused: "the job's request token is valid only while the job runs and needs `permissions: id-token: write`",
    configured_by: URL_VARIABLE,
    also_transient: &[],
};
const GITHUB_PERMISSION: &str = "add `permissions: id-token: write` to the job or workflow (pull requests from forks never get it)";

static GITHUB: Actions =
    Actions { title: "GitHub Actions", endpoint: GITHUB_ENDPOINT, permission: GITHUB_PERMISSION };

static ENTERPRISE_SERVER: Actions = Actions {
    title: "GitHub Actions on GitHub Enterprise Server",
    endpoint: Endpoint {
        name: "the token endpoint of GitHub Enterprise Server",
        ..GITHUB_ENDPOINT
    },
    permission: GITHUB_PERMISSION,
};

static DATA_RESIDENCY: Actions = Actions {
    title: "GitHub Actions with data residency (ghe.com)",
    endpoint: GITHUB_ENDPOINT,
    permission: GITHUB_PERMISSION,
};

static FORGEJO: Actions = Actions {
    title: "Forgejo Actions",
    endpoint: Endpoint {
        name: "Forgejo's token endpoint",
        refused: "the job's request token is valid only while the job runs and needs `enable-openid-connect: true`",
        configured_by: URL_VARIABLE,
        also_transient: &[],
    },
    permission: "add `enable-openid-connect: true` to the job or workflow (Forgejo 15 or later; pull requests from forks never get it)",
};

impl Actions {
    /// The product that runs this job. A Forgejo runner sets GitHub's variables, too.
    fn of(environment: &Environment) -> &'static Self {
        let is_true = |name| environment.variable(name) == Some("true");
        if is_true("FORGEJO_ACTIONS") || is_true("GITEA_ACTIONS") {
            return &FORGEJO;
        }
        let server = environment.variable("GITHUB_SERVER_URL").unwrap_or("https://github.com");
        match Url::parse(server) {
            Ok(url) if url.host().ends_with(".ghe.com") => &DATA_RESIDENCY,
            Ok(url) if url.host() != "github.com" => &ENTERPRISE_SERVER,
            _ => &GITHUB,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ActionsForm {
    request_url: Option<NonBlank>,
    request_token: Option<NonBlank>,
    audience: Option<NonBlank>,
}

fn configure(form: Map<String, Value>, environment: &Environment) -> Configured {
    let form: ActionsForm = members(form)?;
    let actions = Actions::of(environment);
    match parts(actions, form.request_url, form.request_token, environment)? {
        Some((url, token)) => {
            let audience = form.audience.map(|audience| audience.0);
            Ok(Arc::new(ActionsJob::new(actions, &url, &token, audience)?))
        }
        None => Err(not_offered(actions)),
    }
}

/// The address and the request token: those of the configuration, or else those of the environment. `None` outside of a job.
fn parts(
    actions: &Actions,
    url: Option<NonBlank>,
    token: Option<NonBlank>,
    environment: &Environment,
) -> Result<Option<(String, String)>, Error> {
    let part = |form: Option<NonBlank>, variable| {
        form.map(|text| text.0).or_else(|| environment.variable(variable).map(String::from))
    };
    match (part(url, URL_VARIABLE), part(token, TOKEN_VARIABLE)) {
        (Some(url), Some(token)) => Ok(Some((url, token))),
        (None, None) if environment.variable("GITHUB_ACTIONS") == Some("true") => {
            Err(not_offered(actions))
        }
        (None, None) => Ok(None),
        _ => Err(Error::new(
            Code::EnvironmentIncomplete,
            format!(
                "only one of {URL_VARIABLE} and {TOKEN_VARIABLE} is set; {} sets both in a job: {}",
                actions.title, actions.permission
            ),
        )),
    }
}

fn not_offered(actions: &Actions) -> Error {
    let Actions { title, permission, .. } = actions;
    let message = format!("{title} offers no token endpoint; {permission}");
    Error::new(Code::GithubPermissionMissing, message)
}

/// A job that may have tokens.
#[derive(Debug)]
struct ActionsJob {
    actions: &'static Actions,
    url: Url,
    token: Secret<String>,
    audience: Option<String>,
}

impl ActionsJob {
    fn new(
        actions: &'static Actions,
        url: &str,
        token: &str,
        audience: Option<String>,
    ) -> Result<Self, Error> {
        let invalid = |what: String| {
            let message = format!("{what}; the runner sets it, do not change it");
            Error::new(Code::ConfigInvalid, message)
        };
        let url = AddressPolicy::AUTHORITY
            .parse(url.trim_ascii())
            .map_err(|refusal| invalid(format!("{URL_VARIABLE} {refusal}")))?;
        let token = token.trim_ascii();
        if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(invalid(format!(
                "{TOKEN_VARIABLE} has characters that are not allowed in a header"
            )));
        }
        Ok(Self { actions, url, token: Secret::new(token.into()), audience })
    }
}

impl TokenSource for ActionsJob {
    fn platform(&self) -> Option<&'static str> {
        Some(self.actions.title)
    }

    fn ask(&self, context: &SourceContext<'_>) -> SourceEffect {
        // Without an audience GitHub uses the repository owner's URL, which no credential expects.
        let audience = audience::wanted(self.audience.as_deref(), context.audience);
        let url = self.url.with_query("audience", audience);
        let mut request =
            HttpRequest::get(url, "application/json", context.timeout_ms, MAX_RESPONSE);
        request.headers.push(("authorization", format!("Bearer {}", self.token.expose())));
        SourceEffect { effect: Effect::Http(request), state: audience.into() }
    }

    fn read(
        &self,
        outcome: &Outcome,
        state: &str,
        now: Timestamp,
    ) -> Result<SourceResult, SourceError> {
        let endpoint = &self.actions.endpoint;
        let answer = endpoint.accept_quoting(outcome, now, "message", self.token.expose())?;
        audience::checked(endpoint.token_in(answer, "value")?, state, self.actions.title)
    }

    fn failed(&self, failure: Failure, detail: &str, _state: &str) -> SourceError {
        self.actions.endpoint.failed(failure, detail)
    }
}
