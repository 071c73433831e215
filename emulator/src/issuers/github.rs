//! The GitHub-style issuer: token request endpoint, discovery document, keys.
//!
//! Formats follow GitHub's "OpenID Connect reference" and actions/toolkit's `oidc-utils`; the issuer's path is
//! that of GitHub Enterprise Server.

use super::discovery;
use crate::identifiers::Identifiers;
use crate::key_ring::{KeyNaming, KeyRing, UnsignedToken};
use crate::reply::{Reply, Response, UnsignedReply, json};
use crate::request::{Request, bearer_token, query};
use http::Method;
use serde_json::{Value, json};
use std::sync::Arc;
use workload_identity_core::crypto::Signer;
use workload_identity_core::{Error, Timestamp};

const ISSUER_PATH: &str = "/_services/token";
/// The path of the token request endpoint.
pub(crate) const REQUEST_PATH: &str =
    "/actions/idtoken/5f2a9c1e-7d43-4b86-a0f5-c3e8d1b97264/a84d3b60-1c5e-4f29-8b7a-e96f0d2c5137";
const LIFE_SECONDS: i64 = 300;
const BACKDATED_SECONDS: i64 = 600;

/// The job that requests a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GithubJob {
    /// Owner of the repository.
    pub owner: String,
    /// The owner's number.
    pub owner_id: u64,
    /// Name of the repository, without owner.
    pub repository: String,
    /// The repository's number.
    pub repository_id: u64,
    /// The ref the workflow runs on.
    pub git_ref: String,
    /// The job's environment. It replaces the ref in the subject.
    pub environment: Option<String>,
    /// The event that started the workflow; `pull_request` has a subject of its own.
    pub event: String,
    /// Whether the subject contains the two numbers, as for repositories created since July 2026.
    pub immutable_subject: bool,
}

impl Default for GithubJob {
    fn default() -> Self {
        Self {
            owner: "octo-org".to_owned(),
            owner_id: 65_001,
            repository: "octo-repo".to_owned(),
            repository_id: 740_001,
            git_ref: "refs/heads/main".to_owned(),
            environment: None,
            event: "push".to_owned(),
            immutable_subject: false,
        }
    }
}

impl GithubJob {
    /// The token's `sub`.
    ///
    /// ```
    /// use workload_identity_emulator::GithubJob;
    /// let mut job = GithubJob::default();
    /// assert_eq!(job.subject(), "repo:octo-org/octo-repo:ref:refs/heads/main");
    /// job.environment = Some("blue:green".to_owned());
    /// job.immutable_subject = true;
    /// assert_eq!(job.subject(), "repo:octo-org@65001/octo-repo@740001:environment:blue%3Agreen");
    /// ```
    #[must_use]
    pub fn subject(&self) -> String {
        let (owner, repository) = (&self.owner, &self.repository);
        let prefix = if self.immutable_subject {
            format!("repo:{owner}@{}/{repository}@{}", self.owner_id, self.repository_id)
        } else {
            format!("repo:{owner}/{repository}")
        };
        let escaped = |value: &str| value.replace(':', "%3A");
        match &self.environment {
            Some(environment) => format!("{prefix}:environment:{}", escaped(environment)),
            None if self.event == "pull_request" => format!("{prefix}:pull_request"),
            None => format!("{prefix}:ref:{}", escaped(&self.git_ref)),
        }
    }

    fn claims(&self, issuer: &str, audience: Option<&str>, jti: &str, now: Timestamp) -> Value {
        let repository = format!("{}/{}", self.owner, self.repository);
        let workflow = format!("{repository}/.github/workflows/deploy.yml@{}", self.git_ref);
        let owner_url = format!("https://github.com/{}", self.owner);
        let sha = "6c1f0a8e2b94d7533f5a9e60c8d1b27e4f3a9d05";
        let kind = if self.git_ref.starts_with("refs/tags/") { "tag" } else { "branch" };
        let mut claims = json!({
            "jti": jti,
            "sub": self.subject(),
            "aud": audience.unwrap_or(&owner_url),
            "ref": self.git_ref,
            "sha": sha,
            "repository": repository,
            "repository_owner": self.owner,
            "repository_owner_id": self.owner_id.to_string(),
            "run_id": "19500000001",
            "run_number": "42",
            "run_attempt": "1",
            "repository_visibility": "private",
            "repository_id": self.repository_id.to_string(),
            "actor_id": "120001",
            "actor": "octocat",
            "workflow": "deploy",
            "head_ref": "",
            "base_ref": "",
            "event_name": self.event,
            "ref_protected": "true",
            "ref_type": kind,
            "workflow_ref": workflow,
            "workflow_sha": sha,
            "job_workflow_ref": workflow,
            "job_workflow_sha": sha,
            "runner_environment": "github-hosted",
            "check_run_id": "55700000001",
            "iss": issuer,
            "nbf": now.seconds() - BACKDATED_SECONDS,
            "exp": now.seconds() + LIFE_SECONDS,
            "iat": now.seconds(),
        });
        if let Some(environment) = &self.environment {
            claims["environment"] = environment.as_str().into();
        }
        claims
    }
}

/// The issuer: its address, the credential of jobs, its keys.
pub(crate) struct GithubIssuer {
    base_url: String,
    request_token: String,
    pub(crate) keys: KeyRing,
}

impl GithubIssuer {
    pub(crate) fn new(
        base_url: &str,
        request_token: String,
        signer: &Arc<dyn Signer>,
    ) -> Result<Self, Error> {
        let keys = KeyRing::new(signer, KeyNaming::Github)?;
        Ok(Self { base_url: base_url.to_owned(), request_token, keys })
    }

    /// The issuer's identifier.
    pub(crate) fn issuer(&self) -> String {
        format!("{}{ISSUER_PATH}", self.base_url)
    }

    /// The value of `ACTIONS_ID_TOKEN_REQUEST_URL`. It always has a query, as on GitHub, so that clients must append to it.
    pub(crate) fn request_url(&self) -> String {
        format!("{}{REQUEST_PATH}?api-version=2.0", self.base_url)
    }

    /// The value of `ACTIONS_ID_TOKEN_REQUEST_TOKEN`.
    pub(crate) fn request_token(&self) -> &str {
        &self.request_token
    }

    /// A token for a job; the audience is the owner's URL when `None`.
    pub(crate) fn token(
        &self,
        job: &GithubJob,
        audience: Option<&str>,
        ids: &mut Identifiers,
        now: Timestamp,
    ) -> Result<String, Error> {
        self.unsigned(job, audience, ids, now).sign()
    }

    fn unsigned(
        &self,
        job: &GithubJob,
        audience: Option<&str>,
        ids: &mut Identifiers,
        now: Timestamp,
    ) -> UnsignedToken {
        let claims = job.claims(&self.issuer(), audience, &ids.uuid(), now);
        self.keys.current().unsigned(Some("JWT"), &claims)
    }

    /// The token request endpoint. In addition to `audience` it accepts `ref` and `environment`, which request a token
    /// for another job of the same repository.
    pub(crate) fn answer(
        &self,
        request: &Request,
        job: &GithubJob,
        ids: &mut Identifiers,
        now: Timestamp,
    ) -> Reply {
        if request.method() != Method::GET {
            return message(405, "The requested resource does not support this method.").into();
        }
        if bearer_token(request) != Some(self.request_token.as_str()) {
            return message(401, "The request token is missing or not valid.").into();
        }
        let mut job = job.clone();
        if let Some(git_ref) = query(request, "ref") {
            job.git_ref = git_ref;
        }
        if let Some(environment) = query(request, "environment") {
            job.environment = Some(environment);
        }
        let audience = query(request, "audience").filter(|audience| !audience.is_empty());
        let token = self.unsigned(&job, audience.as_deref(), ids, now);
        Reply::Sign(UnsignedReply::new(token, |signed| match signed {
            Ok(token) => json(200, &json!({ "count": token.len(), "value": token })).into(),
            Err(error) => message(500, &error.to_string()).into(),
        }))
    }

    pub(crate) fn discovery_document(&self) -> Response {
        let claims = [
            "sub",
            "aud",
            "exp",
            "iat",
            "iss",
            "jti",
            "nbf",
            "ref",
            "sha",
            "repository",
            "repository_id",
            "repository_owner",
            "repository_owner_id",
            "run_id",
            "run_number",
            "run_attempt",
            "actor",
            "actor_id",
            "workflow",
            "workflow_ref",
            "workflow_sha",
            "head_ref",
            "base_ref",
            "event_name",
            "ref_type",
            "ref_protected",
            "environment",
            "job_workflow_ref",
            "job_workflow_sha",
            "repository_visibility",
            "runner_environment",
            "check_run_id",
        ];
        let issuer = self.issuer();
        discovery::document(&issuer, &format!("{issuer}/.well-known/jwks"), &claims)
    }

    pub(crate) fn key_set(&self) -> Response {
        discovery::key_set(&self.keys)
    }
}

fn message(status: u16, text: &str) -> Response {
    json(status, &json!({ "message": text }))
}
