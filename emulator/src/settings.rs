//! Settings of the emulator: tenant, application, workloads, keys.

use crate::issuers::github::GithubJob;
use crate::issuers::kubernetes::ServiceAccount;
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::fmt;
use workload_identity_core::crypto::{Provider, Signer};
use workload_identity_core::{Error, Seed};

/// Makes the next key when one is rotated.
pub type KeyFactory = Box<dyn FnMut() -> Result<Box<dyn Signer>, Error> + Send>;

/// The emulator's signers, and what verifies signatures. Private keys stay with the host.
pub struct Keys {
    /// Signs the workload tokens of the GitHub-style and the Kubernetes-style issuer.
    pub workload: Box<dyn Signer>,
    /// Signs access tokens.
    pub access_token: Box<dyn Signer>,
    /// Makes the next key when one is rotated.
    pub next: KeyFactory,
    /// Verifies the signatures of assertions.
    pub verification: Box<dyn Provider>,
}

impl fmt::Debug for Keys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Keys").finish_non_exhaustive()
    }
}

/// Settings of the emulator. [`Settings::new`] sets defaults for everything but address and seed.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Scheme, host and port of the emulator, without a trailing slash.
    pub base_url: String,
    /// The tenant's id.
    pub tenant_id: String,
    /// The tenant's domain name, accepted in place of its id.
    pub tenant_domain: String,
    /// The application's id.
    pub client_id: String,
    /// Object id of the application's service principal: `oid` and `sub` of access tokens.
    pub object_id: String,
    /// Object id of the application itself.
    pub application_object_id: String,
    /// App roles in access tokens.
    pub roles: Vec<String>,
    /// Scopes in access tokens (`scp`). A token with scopes is one of a user: it has no `idtyp`.
    pub scopes: Vec<String>,
    /// Further claims of access tokens, in place of those with the same name; `null` removes a claim.
    pub claims: Map<String, Value>,
    /// The audience of the initial credentials.
    pub audience: String,
    /// Whether the application initially trusts the emulator's own two issuers.
    pub trust_own_issuers: bool,
    /// The job that the GitHub-style issuer issues tokens for.
    pub github_job: GithubJob,
    /// The bearer token of the token request endpoint; derived from the seed when `None`.
    pub github_request_token: Option<String>,
    /// The trusted service account of the Kubernetes-style issuer.
    pub service_account: ServiceAccount,
    /// Life of access tokens, in seconds.
    pub access_token_seconds: i64,
    /// `refresh_in` of token responses, in seconds; absent when `None`.
    pub refresh_in_seconds: Option<i64>,
    /// Tolerated clock difference between Entra and the issuer, in seconds.
    pub clock_tolerance_seconds: i64,
    /// Least time between two fetches of an issuer's keys because of an unknown key id, in seconds. Entra takes
    /// minutes to see a new key; with 0 tests need not wait.
    pub metadata_cooldown_seconds: i64,
    /// Resources of the tenant; empty for any.
    pub resources: Vec<String>,
    /// Audiences the protected API accepts; empty for every resource of the tenant.
    pub api_audiences: Vec<String>,
    /// The certificate of the host's server, with TLS only.
    pub certificate: Option<ServerCertificate>,
    /// Whether responses allow calls from other origins (CORS). Entra does not allow it for app tokens; tests in
    /// browser workers need it.
    pub cors: bool,
    /// 32 random bytes, from which trace ids and other identifiers are derived.
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
            application_object_id: "7b2e4d90-6c1f-4f3a-8d57-0e9a1b2c3d4e".to_owned(),
            roles: vec!["Resource.Read".to_owned()],
            scopes: Vec::new(),
            claims: Map::new(),
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
            certificate: None,
            cors: true,
            seed,
        }
    }
}

/// The certificate with which the host serves https.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerCertificate {
    /// The certificate of its authority, PEM.
    pub authority: String,
    /// Its own SHA-1 thumbprint, in hex.
    pub sha1: String,
}

/// What the host adds to the facts.
#[derive(Clone, Debug, Default, Serialize)]
pub struct HostFacts<'a> {
    /// The file of the certificate authority, with TLS only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<&'a str>,
    /// The file of a pod's token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_file: Option<&'a str>,
    /// The variables to export.
    pub environment: BTreeMap<&'a str, &'a str>,
    /// The names of the platforms whose variables these are.
    pub platforms: &'a [&'a str],
}

/// Addresses, identifiers and credentials for programs that start the emulator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
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
    /// Returns the number of token requests.
    pub token_requests_url: String,
    /// The root of the application's management, as of Microsoft Graph; a version follows.
    pub graph_url: String,
    /// The root of the managed identity's management, as of Azure Resource Manager.
    pub arm_url: String,
    /// The inspector's page.
    pub inspector_url: String,
    /// The object id of the application.
    pub application_object_id: String,
    /// The managed identity's id in Azure Resource Manager.
    pub managed_identity_id: String,
    /// What a token request names the managed identity by.
    pub managed_identity_client_id: String,
    /// The scopes of access tokens for the two.
    pub management_token_scope: ManagementTokenScope,
}

/// The scopes of access tokens for management.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ManagementTokenScope {
    /// For Microsoft Graph.
    pub graph: String,
    /// For Azure Resource Manager.
    pub arm: String,
}

impl Facts {
    /// One line of JSON with what only the host knows.
    #[must_use]
    pub fn to_json(&self, host: &HostFacts<'_>) -> String {
        #[derive(Serialize)]
        struct Line<'f> {
            #[serde(flatten)]
            facts: &'f Facts,
            #[serde(flatten)]
            host: &'f HostFacts<'f>,
        }
        serde_json::to_string(&Line { facts: self, host }).unwrap_or_default()
    }
}
