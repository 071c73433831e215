//! Changes of what the emulator trusts and how it fails.

use serde::Serialize;
use serde_json::Value;

/// A change by a control request.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum Change {
    /// A credential was added, changed or removed.
    Credential {
        action: &'static str,
        /// Of the identity that has the credential.
        client_id: String,
        #[serde(flatten)]
        credential: Value,
    },
    /// The faults that are active now.
    Faults { faults: Vec<String> },
}

impl Change {
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Credential { .. } => "credential",
            Self::Faults { .. } => "faults",
        }
    }

    pub(super) fn bytes(&self) -> usize {
        match self {
            Self::Credential { credential, .. } => credential.to_string().len() + 256,
            Self::Faults { faults } => faults.iter().map(String::len).sum::<usize>() + 256,
        }
    }
}
