//! What the emulator plays: tenant, application, workloads, keys.

use crate::github::GithubJob;
use crate::kubernetes::ServiceAccount;
use std::fmt;
use workload_identity_core::crypto::Signer;
use workload_identity_core::json::{Members, object};
use workload_identity_core::{Error, Seed};

/// Makes the next key when one is rotated.
pub type KeyFactory = Box<dyn FnMut() -> Result<Box<dyn Signer>, Error> + Send>;

/// The emulator's keys. Private keys stay with the host's signers.
pub struct Keys {
    /// Signs the workload tokens of the GitHub-style and the Kubernetes-style issuer.
    pub workload: Box<dyn Signer>,
    /// Signs access tokens.
    pub access_token: Box<dyn Signer>,
    /// Makes the keys that rotation brings.
    pub next: KeyFactory,
}

impl fmt::Debug for Keys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Keys").finish_non_exhaustive()
    }
}

/// What the emulator plays. [`Settings::new`] fills in everything but address and seed.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Scheme, host and port it is reached at, without a trailing slash.
    pub base_url: String,
    /// The tenant's id.
    pub tenant_id: String,
    /// The tenant's domain name, which addresses it as well.
    pub tenant_domain: String,
    /// The application's id.
    pub client_id: String,
    /// Object id of the application's service principal: `oid` and `sub` of access tokens.
    pub object_id: String,
    /// App roles in access tokens.
    pub roles: Vec<String>,
    /// The audience of the credentials that it trusts from the start.
    pub audience: String,
    /// Whether the application trusts the emulator's own two issuers from the start.
    pub trust_own_issuers: bool,
    /// The job that the GitHub-style issuer vouches for.
    pub github_job: GithubJob,
    /// What a job shows to get its token; random from the seed when `None`.
    pub github_request_token: Option<String>,
    /// The service account that the Kubernetes-style issuer vouches for.
    pub service_account: ServiceAccount,
    /// Life of access tokens, in seconds.
    pub access_token_seconds: i64,
    /// `refresh_in` of token responses, in seconds; absent when `None`.
    pub refresh_in_seconds: Option<i64>,
    /// How far Entra's clock and the issuer's may differ, in seconds.
    pub clock_tolerance_seconds: i64,
    /// How long Entra does not look again for a key it does not know, in seconds. Entra itself takes minutes to see
    /// a new key; 0 spares tests the waiting.
    pub metadata_cooldown_seconds: i64,
    /// Resources the tenant knows; empty for any.
    pub resources: Vec<String>,
    /// Audiences the protected API accepts; empty for every resource of the tenant.
    pub api_audiences: Vec<String>,
    /// Whether browsers of other origins may call (Entra does not allow it for app tokens; tests in
    /// browser workers need it).
    pub cors: bool,
    /// 32 random bytes for trace ids and the like.
    pub seed: Seed,
}

impl Settings {
    /// The defaults: an app in a made-up tenant that trusts `octo-org/octo-repo` on its main branch and the service
    /// account `workload` in the namespace `default`.
    #[must_use]
    pub fn new(base_url: &str, seed: Seed) -> Self {
        Self {
            base_url: base_url.trim_end_matches('/').to_owned(),
            tenant_id: "8f2f1c6e-5d0a-4c57-9b3e-2a7d64c1e0b9".to_owned(),
            tenant_domain: "workload.example".to_owned(),
            client_id: "3b1d7a52-c94e-4f08-8e67-90af5d2c6b14".to_owned(),
            object_id: "d6c0e9b7-1f34-4a8b-a25d-7e81f3b40c92".to_owned(),
            roles: vec!["Resource.Read".to_owned()],
            audience: "api://AzureADTokenExchange".to_owned(),
            trust_own_issuers: true,
            github_job: GithubJob::default(),
            github_request_token: None,
            service_account: ServiceAccount::default(),
            access_token_seconds: 3600,
            refresh_in_seconds: None,
            clock_tolerance_seconds: 300,
            metadata_cooldown_seconds: 0,
            resources: Vec::new(),
            api_audiences: Vec::new(),
            cors: true,
            seed,
        }
    }
}

/// Where everything is, for programs that start the emulator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Scheme, host and port: the authority host.
    pub base_url: String,
    /// The tenant's authority: `{base_url}/{tenant_id}`.
    pub authority: String,
    /// The tenant.
    pub tenant_id: String,
    /// The application.
    pub client_id: String,
    /// The GitHub-style issuer.
    pub issuer: String,
    /// The audience of the trusted credentials.
    pub audience: String,
    /// `ACTIONS_ID_TOKEN_REQUEST_URL`
    pub github_request_url: String,
    /// `ACTIONS_ID_TOKEN_REQUEST_TOKEN`
    pub github_request_token: String,
    /// The protected API.
    pub api_url: String,
    /// Tells how many token requests came in.
    pub token_requests_url: String,
}

impl Facts {
    /// Writes the members.
    pub fn write(&self, o: &mut Members<'_>) {
        o.text("base_url", &self.base_url)
            .text("authority", &self.authority)
            .text("tenant_id", &self.tenant_id)
            .text("client_id", &self.client_id)
            .text("issuer", &self.issuer)
            .text("audience", &self.audience)
            .text("github_request_url", &self.github_request_url)
            .text("github_request_token", &self.github_request_token)
            .text("api_url", &self.api_url);
    }

    /// One line of JSON; `ca_file` is there with TLS only.
    #[must_use]
    pub fn to_json(&self, ca_file: Option<&str>) -> String {
        object(|o| {
            self.write(o);
            o.text_if("ca_file", ca_file).text("token_requests_url", &self.token_requests_url);
        })
    }
}
