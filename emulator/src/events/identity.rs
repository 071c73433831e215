//! Whose credentials an exchange is compared with.

use crate::directory::{self, managed_identity};
use workload_identity_core::Timestamp;
use workload_identity_core::trust::{self, Owner};

/// A client with the credentials that it has at an instant.
#[derive(Clone, Debug)]
pub(super) struct Identity {
    pub(super) client_id: String,
    pub(super) credentials: Vec<trust::Credential>,
}

impl Identity {
    pub(super) fn of(identity: &directory::Identity, now: Timestamp) -> Self {
        let visible = identity.credentials.visible(now).iter();
        Self {
            client_id: identity.client.client_id.clone(),
            credentials: visible.map(|known| known.credential.clone()).collect(),
        }
    }

    /// Who has the credentials, for commands.
    pub(super) fn owner(&self) -> Owner<'_> {
        match self.client_id.eq_ignore_ascii_case(managed_identity::CLIENT_ID) {
            true => Owner::ManagedIdentity(managed_identity::RESOURCE_ID),
            false => Owner::Application(&self.client_id),
        }
    }

    /// Whether the client still has these credentials.
    pub(super) fn is(&self, identity: &directory::Identity, now: Timestamp) -> bool {
        let visible = identity.credentials.visible(now).iter();
        visible.map(|known| &known.credential).eq(&self.credentials)
    }
}
