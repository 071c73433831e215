//! The metadata services of virtual machines that are looked for where the caller asks for it.
//!
//! Their addresses are constants, so that neither a variable nor a name server chooses where the question goes.

use super::{google, managed_identity};
use crate::http::HttpRequest;
use crate::{Failure, Outcome};
use serde::{Deserialize, Serialize};

/// Both questions together take at most 1 s.
const TIMEOUT_MS: u32 = 500;

/// A metadata service that may answer on this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MetadataService {
    /// Google's metadata server.
    Google,
    /// Azure's instance metadata service (IMDS).
    Azure,
}

impl MetadataService {
    /// All of them, in the order in which they are asked.
    pub const ALL: [Self; 2] = [Self::Google, Self::Azure];

    /// The name in messages.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Google => "Google's metadata server",
            Self::Azure => "Azure's instance metadata service",
        }
    }

    /// The `kind` of the source that gets tokens from it.
    #[must_use]
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Google => "google_metadata",
            Self::Azure => "managed_identity",
        }
    }

    /// A request whose answer shows whether it is there. It waits for half a second, or for `timeout_ms` if that is less.
    #[must_use]
    pub fn availability_request(self, timeout_ms: u32) -> HttpRequest {
        let timeout_ms = timeout_ms.min(TIMEOUT_MS);
        match self {
            Self::Google => google::availability_request(timeout_ms),
            Self::Azure => managed_identity::availability_request(timeout_ms),
        }
    }

    /// Whether it has answered that request.
    #[must_use]
    pub fn is_available(self, outcome: &Outcome) -> bool {
        match self {
            Self::Google => google::is_available(outcome),
            Self::Azure => managed_identity::is_available(outcome),
        }
    }

    /// What was found in its place.
    pub(super) fn absence(outcome: &Outcome) -> &'static str {
        match outcome {
            Outcome::Http(_) => "something else answered",
            Outcome::Failed { failure: Failure::Timeout, .. } => "no answer in time",
            Outcome::Failed { failure: Failure::Unsupported, .. } => "out of this runtime's reach",
            _ => "no connection",
        }
    }
}
