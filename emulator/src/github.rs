//! The GitHub-style issuer: token request endpoint, discovery, keys.
//!
//! Shapes as in GitHub's "OpenID Connect reference" and actions/toolkit's `oidc-utils`; the issuer's path is
//! that of GitHub Enterprise Server.

use crate::discovery;
use crate::emulator::Emulator;
use crate::fault::FaultTarget;
use crate::message::{Request, Response};
use workload_identity_core::json::object;
use workload_identity_core::{Error, Timestamp};

pub(crate) const ISSUER_PATH: &str = "/_services/token";
const REQUEST_PATH: &str =
    "/actions/idtoken/5f2a9c1e-7d43-4b86-a0f5-c3e8d1b97264/a84d3b60-1c5e-4f29-8b7a-e96f0d2c5137";
const LIFE_SECONDS: i64 = 300;
const BACKDATED_SECONDS: i64 = 600;

/// The job that asks for a token.
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
    /// The job's environment, which takes the place of the ref in the subject.
    pub environment: Option<String>,
    /// What started the workflow; `pull_request` has a subject of its own.
    pub event: String,
    /// Subjects of repositories created since July 2026 carry the two numbers.
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

    fn claims(&self, issuer: &str, audience: Option<&str>, jti: &str, now: Timestamp) -> String {
        let repository = format!("{}/{}", self.owner, self.repository);
        let workflow = format!("{repository}/.github/workflows/deploy.yml@{}", self.git_ref);
        let owner_url = format!("https://github.com/{}", self.owner);
        let sha = "6c1f0a8e2b94d7533f5a9e60c8d1b27e4f3a9d05";
        let kind = if self.git_ref.starts_with("refs/tags/") { "tag" } else { "branch" };
        object(|o| {
            o.text("jti", jti)
                .text("sub", &self.subject())
                .text("aud", audience.unwrap_or(&owner_url))
                .text("ref", &self.git_ref)
                .text("sha", sha)
                .text("repository", &repository)
                .text("repository_owner", &self.owner)
                .text("repository_owner_id", &self.owner_id.to_string())
                .text("run_id", "19500000001")
                .text("run_number", "42")
                .text("run_attempt", "1")
                .text("repository_visibility", "private")
                .text("repository_id", &self.repository_id.to_string())
                .text("actor_id", "120001")
                .text("actor", "octocat")
                .text("workflow", "deploy")
                .text("head_ref", "")
                .text("base_ref", "")
                .text("event_name", &self.event)
                .text_if("environment", self.environment.as_deref())
                .text("ref_protected", "true")
                .text("ref_type", kind)
                .text("workflow_ref", &workflow)
                .text("workflow_sha", sha)
                .text("job_workflow_ref", &workflow)
                .text("job_workflow_sha", sha)
                .text("runner_environment", "github-hosted")
                .text("check_run_id", "55700000001")
                .text("iss", issuer)
                .integer("nbf", now.seconds() - BACKDATED_SECONDS)
                .integer("exp", now.seconds() + LIFE_SECONDS)
                .integer("iat", now.seconds());
        })
    }
}

impl Emulator {
    /// The GitHub-style issuer's identifier.
    #[must_use]
    pub fn github_issuer(&self) -> String {
        format!("{}{ISSUER_PATH}", self.settings.base_url)
    }

    pub(crate) fn github_request_url(&self) -> String {
        // A query is always there, so that clients learn to append to it.
        format!("{}{REQUEST_PATH}?api-version=2.0", self.settings.base_url)
    }

    /// A token of the GitHub-style issuer; the audience is the owner's URL when `None`.
    ///
    /// # Errors
    /// What the signer reports.
    pub fn github_token(
        &mut self,
        job: &GithubJob,
        audience: Option<&str>,
        now: Timestamp,
    ) -> Result<String, Error> {
        let claims = job.claims(&self.github_issuer(), audience, &self.ids.uuid(), now);
        self.github_keys.current().sign(Some("JWT"), &claims)
    }

    /// The token request endpoint. Beside `audience`, this emulator understands `ref` and `environment`, which make
    /// it vouch for another job of the same repository.
    pub(crate) fn github_request(&mut self, request: &Request, now: Timestamp) -> Response {
        let struck = self.faults.strike(FaultTarget::Github);
        let now = struck.clock(now);
        let correlation = self.correlation(None);
        if let Some(answer) = struck.answer(&correlation, now) {
            return answer;
        }
        if request.method != "GET" {
            return message(405, "The requested resource does not support this method.");
        }
        if request.bearer() != Some(self.github_request_token.as_str()) {
            return message(401, "The request token is missing or not valid.");
        }
        let mut job = self.settings.github_job.clone();
        if let Some(git_ref) = request.query("ref") {
            job.git_ref = git_ref;
        }
        if let Some(environment) = request.query("environment") {
            job.environment = Some(environment);
        }
        let audience = request.query("audience").filter(|audience| !audience.is_empty());
        match self.github_token(&job, audience.as_deref(), now) {
            Ok(token) => {
                let body = object(|o| {
                    o.integer("count", i64::try_from(token.len()).unwrap_or(0))
                        .text("value", &token);
                });
                struck.distort(Response::json(200, body))
            }
            Err(error) => message(500, &error.to_string()),
        }
    }

    pub(crate) fn github_discovery(&self) -> Response {
        let issuer = self.github_issuer();
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
        discovery::issuer_document(&issuer, &format!("{issuer}/.well-known/jwks"), &claims)
    }

    pub(crate) fn github_key_set(&self) -> Response {
        discovery::key_set(self.github_keys.document(|_| {}))
    }

    pub(crate) fn is_github_request(path: &str) -> bool {
        path == REQUEST_PATH
    }
}

fn message(status: u16, text: &str) -> Response {
    Response::json(
        status,
        object(|o| {
            o.text("message", text);
        }),
    )
}
