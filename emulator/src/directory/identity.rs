//! The identities of the directory: an application and a user-assigned managed identity.

use super::managed_identity;
use super::store::CredentialStore;
use crate::settings::Settings;
use workload_identity_core::Timestamp;

/// Whom an access token is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Client {
    /// What a token request names it by.
    pub(crate) client_id: String,
    /// The object id of its service principal: `oid` and `sub` of its access tokens.
    pub(crate) principal_id: String,
}

/// An identity that workloads are trusted as.
#[derive(Clone, Debug)]
pub(crate) struct Identity {
    pub(crate) client: Client,
    pub(crate) credentials: CredentialStore,
    /// Until when a write of its credentials is under way.
    pub(crate) busy_until: Timestamp,
}

/// The identities of the tenant.
#[derive(Clone, Debug)]
pub(crate) struct Directory {
    pub(crate) application: Identity,
    pub(crate) managed_identity: Identity,
}

impl Identity {
    fn new(client_id: &str, principal_id: &str) -> Self {
        Self {
            client: Client {
                client_id: client_id.to_owned(),
                principal_id: principal_id.to_owned(),
            },
            credentials: CredentialStore::EMPTY,
            busy_until: Timestamp::from_seconds(0),
        }
    }
}

impl Directory {
    pub(crate) fn new(settings: &Settings) -> Self {
        let managed = Identity::new(managed_identity::CLIENT_ID, managed_identity::PRINCIPAL_ID);
        Self {
            application: Identity::new(&settings.client_id, &settings.object_id),
            managed_identity: managed,
        }
    }

    /// The identity that a token request names.
    pub(crate) fn of_client(&self, client_id: &str) -> Option<&Identity> {
        [&self.application, &self.managed_identity]
            .into_iter()
            .find(|identity| identity.client.client_id.eq_ignore_ascii_case(client_id))
    }

    /// The identity that a token request names, to change its credentials.
    pub(crate) fn of_client_mut(&mut self, client_id: &str) -> Option<&mut Identity> {
        [&mut self.application, &mut self.managed_identity]
            .into_iter()
            .find(|identity| identity.client.client_id.eq_ignore_ascii_case(client_id))
    }
}
