//! The two services, and what a call to one of them brings.

use crate::directory::{Directory, Effective};
use crate::faults::{AppliedFaults, FaultTarget};
use crate::identifiers::Identifiers;
use crate::key_ring::KeyRing;
use crate::request::{Request, header};
use crate::settings::Settings;
use workload_identity_core::Timestamp;

/// A service that manages federated identity credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Surface {
    /// Microsoft Graph.
    Graph,
    /// Azure Resource Manager.
    Arm,
}

/// One request to a service, with what answers it.
pub(crate) struct Call<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) keys: &'a KeyRing,
    pub(crate) directory: &'a mut Directory,
    pub(crate) ids: &'a mut Identifiers,
    pub(crate) faults: &'a AppliedFaults,
    pub(crate) request: &'a Request,
    /// The path behind the service's root.
    pub(crate) path: &'a str,
    /// The service's clock.
    pub(crate) now: Timestamp,
}

impl Surface {
    /// The resource that access tokens for the service name.
    pub(crate) const fn audience(self) -> &'static str {
        match self {
            Self::Graph => "https://graph.microsoft.com",
            Self::Arm => "https://management.azure.com",
        }
    }

    /// The audiences that the service accepts.
    pub(super) const fn audiences(self) -> &'static [&'static str] {
        match self {
            Self::Graph => &[
                "https://graph.microsoft.com",
                "https://graph.microsoft.com/",
                "00000003-0000-0000-c000-000000000000",
            ],
            Self::Arm => &[
                "https://management.azure.com",
                "https://management.azure.com/",
                "https://management.core.windows.net",
                "https://management.core.windows.net/",
            ],
        }
    }

    pub(crate) const fn fault_target(self) -> FaultTarget {
        match self {
            Self::Graph => FaultTarget::Graph,
            Self::Arm => FaultTarget::Arm,
        }
    }

    /// The id by which a client finds its request again.
    pub(crate) fn requested_id(self, request: &Request) -> Option<&str> {
        match self {
            Self::Graph => header(request, "client-request-id"),
            Self::Arm => header(request, "x-ms-correlation-request-id"),
        }
    }
}

impl Call<'_> {
    /// Whether `If-Match` or `If-None-Match` allows a write. Credentials have no entity tag, so that only `*` can match.
    pub(super) fn precondition_met(&self, exists: bool) -> bool {
        let wanted = header(self.request, "if-match").map(str::trim);
        let unwanted = header(self.request, "if-none-match").map(str::trim);
        match (wanted, unwanted) {
            (Some(tag), _) => tag == "*" && exists,
            (None, Some("*")) => !exists,
            (None, _) => true,
        }
    }

    /// From when readers see what this call writes.
    pub(super) fn effective(&self) -> Effective {
        match self.faults.propagation_seconds() {
            Some(seconds) => Effective::After { now: self.now, seconds },
            None => Effective::AtOnce,
        }
    }
}
