//! The emulator: its state, and what a host can do with it beside passing requests.

use crate::credential::{Credential, CredentialError, Credentials};
use crate::entra_error::Correlation;
use crate::exchange::Waiting;
use crate::fault::Fault;
use crate::fault_plan::FaultPlan;
use crate::identifiers::{Identifiers, is_uuid};
use crate::keys::{KeyNaming, KeyRing};
use crate::metadata::MetadataCache;
use crate::settings::{Facts, KeyFactory, Keys, Settings};
use crate::token_requests::{TokenRequest, TokenRequests};
use std::fmt;
use std::sync::Arc;
use workload_identity_core::crypto::Signer;
use workload_identity_core::{Code, Error};

/// A tenant of Entra with one application, two workload issuers and a protected API, as a machine without I/O.
///
/// The host receives requests and sends what [`Emulator::handle`] replies; see the crate's example.
pub struct Emulator {
    pub(crate) settings: Settings,
    pub(crate) github_request_token: String,
    pub(crate) github_keys: KeyRing,
    pub(crate) kubernetes_keys: KeyRing,
    pub(crate) access_token_keys: KeyRing,
    pub(crate) credentials: Credentials,
    pub(crate) faults: FaultPlan,
    pub(crate) metadata: MetadataCache,
    pub(crate) waiting: Waiting,
    pub(crate) token_requests: TokenRequests,
    pub(crate) ids: Identifiers,
    next_key: KeyFactory,
}

impl fmt::Debug for Emulator {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Emulator")
            .field("base_url", &self.settings.base_url)
            .field("credentials", &self.credentials)
            .finish_non_exhaustive()
    }
}

/// Whose key is rotated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rotation {
    /// The two workload issuers'.
    Workload,
    /// The access tokens'.
    AccessToken,
}

impl Emulator {
    /// An emulator that trusts its own issuers (unless the settings say otherwise) and nobody else.
    ///
    /// # Errors
    /// `key_rejected` when a signer's public key is not usable; `config_invalid` when the settings make a
    /// credential that Entra would not take.
    pub fn new(settings: Settings, keys: Keys) -> Result<Self, Error> {
        let workload: Arc<dyn Signer> = Arc::from(keys.workload);
        let access_token: Arc<dyn Signer> = Arc::from(keys.access_token);
        let mut ids = Identifiers::new(settings.seed);
        let request_token = settings.github_request_token.clone();
        let mut emulator = Self {
            github_request_token: request_token
                .unwrap_or_else(|| format!("ghs_{}{}", ids.short(), ids.short())),
            github_keys: KeyRing::new(&workload, KeyNaming::Github)?,
            kubernetes_keys: KeyRing::new(&workload, KeyNaming::Kubernetes)?,
            access_token_keys: KeyRing::new(&access_token, KeyNaming::Entra)?,
            credentials: Credentials::default(),
            faults: FaultPlan::default(),
            metadata: MetadataCache::default(),
            waiting: Waiting::default(),
            token_requests: TokenRequests::default(),
            ids,
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
        let audience = &self.settings.audience;
        [
            Credential {
                issuer: self.github_issuer(),
                subject: self.settings.github_job.subject(),
                audience: audience.clone(),
            },
            Credential {
                issuer: self.kubernetes_issuer(),
                subject: self.settings.service_account.subject(),
                audience: audience.clone(),
            },
        ]
    }

    /// What it plays.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Adds a federated identity credential to the application.
    ///
    /// # Errors
    /// [`CredentialError`] says which of Entra's limits it breaks.
    pub fn trust(&mut self, credential: Credential) -> Result<(), CredentialError> {
        self.credentials.add(credential)
    }

    /// Removes the credential with this issuer and subject; whether there was one.
    pub fn distrust(&mut self, issuer: &str, subject: &str) -> bool {
        self.credentials.remove(issuer, subject)
    }

    /// The application's federated identity credentials.
    #[must_use]
    pub fn credentials(&self) -> &[Credential] {
        self.credentials.all()
    }

    /// Adds a fault after those already active.
    pub fn fault(&mut self, fault: impl Into<Fault>) {
        self.faults.add(fault.into());
    }

    /// Removes all faults.
    pub fn clear_faults(&mut self) {
        self.faults.clear();
    }

    /// Signs with a new key from now on. The former key stays published, unless `withdraw`.
    ///
    /// # Errors
    /// What the key factory reports.
    pub fn rotate(&mut self, rotation: Rotation, withdraw: bool) -> Result<(), Error> {
        let next: Arc<dyn Signer> = Arc::from((self.next_key)()?);
        match rotation {
            Rotation::Workload => {
                self.github_keys.rotate(&next, withdraw)?;
                self.kubernetes_keys.rotate(&next, withdraw)
            }
            Rotation::AccessToken => self.access_token_keys.rotate(&next, withdraw),
        }
    }

    /// Forgets the issuers' cached metadata.
    pub fn forget_metadata(&mut self) {
        self.metadata.clear();
    }

    /// How many token requests came in.
    #[must_use]
    pub fn token_request_count(&self) -> u64 {
        self.token_requests.count()
    }

    /// The last token requests, oldest first.
    pub fn token_requests(&self) -> impl Iterator<Item = &TokenRequest> {
        self.token_requests.last()
    }

    /// Where everything is.
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
            github_request_url: self.github_request_url(),
            github_request_token: self.github_request_token.clone(),
            api_url: format!("{base}/api/resource"),
            token_requests_url: format!("{base}/emulator/token-requests"),
        }
    }

    /// The ids of one answer; the caller's correlation id is kept if it is a UUID.
    pub(crate) fn correlation(&mut self, wanted: Option<&str>) -> Correlation {
        let trace_id = self.ids.uuid();
        Correlation {
            base_url: self.settings.base_url.clone(),
            trace_id,
            correlation_id: match wanted {
                Some(wanted) if is_uuid(wanted) => wanted.to_owned(),
                _ => self.ids.uuid(),
            },
        }
    }
}
