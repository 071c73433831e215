//! What a manager returns. The wire form is in `docs/protocol.md`, section 11.

use super::changes::Plan;
use super::credential::FederatedCredential;
use super::report::Report;
use alloc::vec::Vec;
use serde::Serialize;

/// The value of a request that has succeeded.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum ManagerResult {
    /// All credentials of the identity.
    Credentials {
        /// In the order of the service.
        credentials: Vec<FederatedCredential>,
    },
    /// One credential, as it is now.
    Credential {
        /// The credential.
        credential: FederatedCredential,
    },
    /// Whether there was a credential to remove.
    Deleted {
        /// `false` if there was none.
        deleted: bool,
    },
    /// What would change.
    Plan(Plan),
    /// What has been changed, even if not all of it.
    Report(Report),
}
