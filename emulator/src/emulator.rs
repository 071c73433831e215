//! The emulator's state, and what a host can do with it in addition to passing requests.

use crate::directory::{
    CredentialError, Directory, Effective, FederatedCredential, NewCredential, managed_identity,
};
use crate::entra::Version;
use crate::entra::error::Correlation;
use crate::entra::issuer_metadata::IssuerKeys;
use crate::events::EventLog;
use crate::faults::{Fault, FaultPlan};
use crate::identifiers::{Identifiers, is_uuid};
use crate::issuers::github::{GithubIssuer, GithubJob};
use crate::issuers::kubernetes::{KubernetesIssuer, ServiceAccount};
use crate::key_ring::{KeyNaming, KeyRing};
use crate::management::Surface;
use crate::pending::PendingExchanges;
use crate::platforms::{Platform, PlatformSetup, Workbench};
use crate::settings::{Facts, KeyFactory, Keys, ManagementTokenScope, Settings};
use crate::token_requests::{TokenRequest, TokenRequests};
use std::fmt;
use std::sync::Arc;
use workload_identity_core::crypto::Signer;
use workload_identity_core::trust::Credential;
use workload_identity_core::{Code, Error, Timestamp};

/// An Entra tenant with one application, two workload issuers and a protected API, as a machine without I/O.
///
/// The host receives requests and performs the replies of [`Emulator::handle`]; see the crate's example.
pub struct Emulator {
    pub(crate) settings: Settings,
    pub(crate) github: GithubIssuer,
    pub(crate) kubernetes: KubernetesIssuer,
    pub(crate) access_token_keys: KeyRing,
    /// The keys of the platforms' issuers.
    pub(crate) platform_keys: KeyRing,
    pub(crate) directory: Directory,
    pub(crate) faults: FaultPlan,
    pub(crate) issuer_keys: IssuerKeys,
    pub(crate) pending: PendingExchanges,
    pub(crate) token_requests: TokenRequests,
    pub(crate) ids: Identifiers,
    /// What happened, for those who look on.
    pub(crate) events: Arc<EventLog>,
    next_key: KeyFactory,
}

impl fmt::Debug for Emulator {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Emulator")
            .field("base_url", &self.settings.base_url)
            .field("directory", &self.directory)
            .finish_non_exhaustive()
    }
}

/// The owner of the key to rotate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rotation {
    /// The two workload issuers.
    Workload,
    /// The issuer of access tokens.
    AccessToken,
}

impl Emulator {
    /// Creates an emulator whose application trusts the emulator's own issuers, unless the settings disable that.
    ///
    /// # Errors
    /// `key_rejected` when a signer's public key is not usable; `config_invalid` when the settings result in a
    /// credential that Entra would refuse.
    pub fn new(settings: Settings, keys: Keys) -> Result<Self, Error> {
        let workload: Arc<dyn Signer> = Arc::from(keys.workload);
        let access_token: Arc<dyn Signer> = Arc::from(keys.access_token);
        let mut ids = Identifiers::new(settings.seed);
        let request_token = settings.github_request_token.clone();
        let request_token =
            request_token.unwrap_or_else(|| format!("ghs_{}{}", ids.short(), ids.short()));
        let mut emulator = Self {
            github: GithubIssuer::new(&settings.base_url, request_token, &workload)?,
            kubernetes: KubernetesIssuer::new(&settings.base_url, &workload)?,
            access_token_keys: KeyRing::new(&access_token, KeyNaming::Entra)?,
            platform_keys: KeyRing::new(&workload, KeyNaming::Github)?,
            directory: Directory::new(&settings),
            faults: FaultPlan::default(),
            issuer_keys: IssuerKeys::new(keys.verification),
            pending: PendingExchanges::default(),
            token_requests: TokenRequests::default(),
            ids,
            events: Arc::new(EventLog::new(&settings.base_url)),
            next_key: keys.next,
            settings,
        };
        if emulator.settings.trust_own_issuers {
            for credential in emulator.own_credentials() {
                emulator
                    .trust(credential)
                    .map_err(|error| Error::new(Code::ConfigInvalid, error.to_string()))?;
            }
        }
        Ok(emulator)
    }

    fn own_credentials(&self) -> [Credential; 2] {
        let settings = &self.settings;
        let credential =
            |issuer: &str, subject: &str| Credential::exact(issuer, subject, &settings.audience);
        [
            credential(&self.github_issuer(), &settings.github_job.subject()),
            credential(&self.kubernetes_issuer(), &settings.service_account.subject()),
        ]
    }

    /// The settings.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Adds a federated identity credential to the application, effective at once. A name is derived if it has none.
    ///
    /// # Errors
    /// [`CredentialError`] names the limit of Entra that the credential exceeds.
    pub fn trust(&mut self, credential: Credential) -> Result<(), CredentialError> {
        let id = self.ids.uuid();
        let store = &mut self.directory.application.credentials;
        store.add(NewCredential::from(credential), id, Effective::AtOnce).map(drop)
    }

    /// Removes the application's credential with this issuer and subject. Returns whether it existed.
    pub fn distrust(&mut self, issuer: &str, subject: &str) -> bool {
        let named = |known: &FederatedCredential| {
            let credential = &known.credential;
            credential.issuer == issuer && credential.subject() == Some(subject)
        };
        self.directory.application.credentials.remove(named, Effective::AtOnce)
    }

    /// The application's federated identity credentials, with those that are not effective yet.
    #[must_use]
    pub fn credentials(&self) -> &[FederatedCredential] {
        self.directory.application.credentials.newest()
    }

    /// Adds a fault after those already active.
    pub fn fault(&mut self, fault: impl Into<Fault>) {
        self.faults.add(fault.into());
    }

    /// The texts of the active faults.
    #[must_use]
    pub fn faults(&self) -> Vec<String> {
        self.faults.texts()
    }

    /// The log of events, to which the host adds requests with their answers.
    #[must_use]
    pub fn events(&self) -> &Arc<EventLog> {
        &self.events
    }

    /// Removes all faults.
    pub fn clear_faults(&mut self) {
        self.faults.clear();
    }

    /// Signs with a new key from now on. The former key stays published, unless `withdraw`.
    ///
    /// # Errors
    /// The error of the key factory.
    pub fn rotate(&mut self, rotation: Rotation, withdraw: bool) -> Result<(), Error> {
        let next: Arc<dyn Signer> = Arc::from((self.next_key)()?);
        match rotation {
            Rotation::Workload => {
                self.github.keys.rotate(&next, withdraw)?;
                self.platform_keys.rotate(&next, withdraw)?;
                self.kubernetes.keys.rotate(&next, withdraw)
            }
            Rotation::AccessToken => self.access_token_keys.rotate(&next, withdraw),
        }
    }

    /// Empties the cache of issuers' keys.
    pub fn forget_metadata(&mut self) {
        self.issuer_keys.clear();
    }

    /// The number of token requests received.
    #[must_use]
    pub fn token_request_count(&self) -> u64 {
        self.token_requests.count()
    }

    /// The last token requests, oldest first.
    pub fn token_requests(&self) -> impl Iterator<Item = &TokenRequest> {
        self.token_requests.last()
    }

    /// Addresses, identifiers and credentials.
    #[must_use]
    pub fn facts(&self) -> Facts {
        let settings = &self.settings;
        let base = &settings.base_url;
        Facts {
            base_url: base.clone(),
            authority: format!("{base}/{}", settings.tenant_id),
            tenant_id: settings.tenant_id.clone(),
            client_id: settings.client_id.clone(),
            issuer: self.github_issuer(),
            audience: settings.audience.clone(),
            github_request_url: self.github.request_url(),
            github_request_token: self.github.request_token().to_owned(),
            api_url: format!("{base}/api/resource"),
            token_requests_url: format!("{base}/emulator/token-requests"),
            graph_url: format!("{base}/graph"),
            arm_url: format!("{base}/arm"),
            inspector_url: format!("{base}/"),
            application_object_id: settings.application_object_id.clone(),
            managed_identity_id: managed_identity::RESOURCE_ID.to_owned(),
            managed_identity_client_id: managed_identity::CLIENT_ID.to_owned(),
            management_token_scope: ManagementTokenScope {
                graph: format!("{}/.default", Surface::Graph.audience()),
                arm: format!("{}/.default", Surface::Arm.audience()),
            },
        }
    }

    /// The identifier of the GitHub-style issuer.
    #[must_use]
    pub fn github_issuer(&self) -> String {
        self.github.issuer()
    }

    /// The identifier of the Kubernetes-style issuer, with its trailing slash.
    #[must_use]
    pub fn kubernetes_issuer(&self) -> String {
        self.kubernetes.issuer()
    }

    /// The issuer of v2 access tokens.
    #[must_use]
    pub fn access_token_issuer(&self) -> String {
        Version::V2.issuer(&self.settings)
    }

    /// A token of the GitHub-style issuer. The audience is the owner's URL when `None`.
    ///
    /// # Errors
    /// The error of the signer.
    pub fn github_token(
        &mut self,
        job: &GithubJob,
        audience: Option<&str>,
        now: Timestamp,
    ) -> Result<String, Error> {
        self.github.token(job, audience, &mut self.ids, now)
    }

    /// A projected service account token, as kubelet writes it into a pod's file.
    ///
    /// # Errors
    /// The error of the signer.
    pub fn service_account_token(
        &mut self,
        account: &ServiceAccount,
        audiences: &[&str],
        life_seconds: i64,
        now: Timestamp,
    ) -> Result<String, Error> {
        self.kubernetes.token(account, audiences, life_seconds, &mut self.ids, now)
    }

    /// Lets the application trust the workload of a platform, if it does not yet.
    ///
    /// # Errors
    /// As for [`Self::trust`].
    pub fn trust_platform(&mut self, platform: &Platform) -> Result<(), CredentialError> {
        let credential = (platform.credential)(&self.workbench(Timestamp::from_seconds(0)));
        match self.trust(credential) {
            Err(CredentialError::Duplicate) => Ok(()),
            other => other,
        }
    }

    /// What a workload finds on a platform. `folder` is the folder of its files and sockets, whose paths variables name.
    ///
    /// # Errors
    /// The error of the signer.
    pub fn platform_setup(
        &mut self,
        platform: &Platform,
        folder: &str,
        now: Timestamp,
    ) -> Result<PlatformSetup, Error> {
        (platform.setup)(&mut self.workbench(now), folder)
    }

    pub(crate) fn workbench(&mut self, now: Timestamp) -> Workbench<'_> {
        Workbench {
            settings: &self.settings,
            keys: &self.platform_keys,
            entra_keys: &self.access_token_keys,
            github: &self.github,
            kubernetes: &self.kubernetes,
            ids: &mut self.ids,
            now,
        }
    }

    /// The ids of one response. Keeps the caller's correlation id if it is a UUID.
    pub(crate) fn correlation(&mut self, requested: Option<&str>) -> Correlation {
        let trace_id = self.ids.uuid();
        Correlation {
            base_url: self.settings.base_url.clone(),
            trace_id,
            correlation_id: match requested {
                Some(requested) if is_uuid(requested) => requested.to_owned(),
                _ => self.ids.uuid(),
            },
        }
    }
}
