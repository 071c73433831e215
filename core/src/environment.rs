//! The environment variables that hosts snapshot, and the source they point to.

use crate::json::{Json, Object};
use crate::source::Source;
use crate::{Code, Error};

/// What a host passes as `environment`: names as Azure's workload identity webhook, azure-identity and GitHub Actions set them.
pub const NAMES: &[&str] = &[
    "AZURE_TENANT_ID",
    "AZURE_CLIENT_ID",
    "AZURE_AUTHORITY_HOST",
    "AZURE_FEDERATED_TOKEN_FILE",
    "AZURE_ADDITIONALLY_ALLOWED_TENANTS",
    "ACTIONS_ID_TOKEN_REQUEST_URL",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
    "GITHUB_ACTIONS",
];

/// A snapshot of those variables.
#[derive(Clone, Debug, Default)]
pub(crate) struct Environment<'a>(Option<&'a Object>);

impl<'a> Environment<'a> {
    pub(crate) fn new(value: Option<&'a Json>) -> Self {
        Self(value.and_then(Json::as_object))
    }

    /// A variable that is set and not blank.
    pub(crate) fn variable(&self, name: &str) -> Option<&'a str> {
        let value = self.0?.get(name)?.as_text()?.trim_ascii();
        if value.is_empty() { None } else { Some(value) }
    }

    /// The source the environment offers.
    pub(crate) fn source(&self) -> Result<Source, Error> {
        if let Some(path) = self.variable("AZURE_FEDERATED_TOKEN_FILE") {
            return Ok(Source::file(path));
        }
        let url = self.variable("ACTIONS_ID_TOKEN_REQUEST_URL");
        let token = self.variable("ACTIONS_ID_TOKEN_REQUEST_TOKEN");
        match (url, token) {
            (Some(url), Some(token)) => Source::github(url, token, None),
            (None, None) if self.variable("GITHUB_ACTIONS") != Some("true") => Err(Error::new(
                Code::SourceNotFound,
                "no token source in the environment: neither AZURE_FEDERATED_TOKEN_FILE nor GitHub's ACTIONS_ID_TOKEN_REQUEST_URL is set; set one or configure `source`",
            )),
            (None, None) => Err(Error::new(
                Code::GithubPermissionMissing,
                "GitHub Actions offers no token endpoint; add `permissions: id-token: write` to the job or workflow (pull requests from forks never get it)",
            )),
            _ => Err(Error::new(
                Code::EnvironmentIncomplete,
                "only one of ACTIONS_ID_TOKEN_REQUEST_URL and ACTIONS_ID_TOKEN_REQUEST_TOKEN is set; GitHub sets both when the job has `permissions: id-token: write`",
            )),
        }
    }
}
