//! The rules of the services that accept tokens of other issuers, as a table.

use crate::jose::Algorithm;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Serialize, Serializer};

/// A service that exchanges tokens of other issuers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Service {
    /// Microsoft Entra ID: federated identity credentials.
    Entra,
    /// AWS: IAM OIDC identity providers.
    Aws,
    /// Google Cloud: workload identity federation.
    Google,
}

/// What a service asks of an issuer.
pub(super) struct ServiceRules {
    /// The name in JSON.
    pub(super) name: &'static str,
    /// The name in sentences.
    pub(super) title: &'static str,
    /// The algorithms that it documents.
    pub(super) algorithms: &'static [Algorithm],
    /// The longest issuer, in characters.
    pub(super) max_issuer: Option<usize>,
    /// The issuer can have a port.
    pub(super) takes_port: bool,
    /// Keys need `use`; without the rule only another use than `sig` is refused.
    pub(super) needs_use: bool,
    /// The most keys of a set, all of them or of one type.
    pub(super) max_keys: Option<usize>,
    /// A key set can be uploaded in place of a public address.
    pub(super) takes_upload: bool,
}

/// Entra: "Workload identity federation" and its considerations (600 characters, 100 keys, RS256), and the SPIFFE tutorial (`use`).
const ENTRA: ServiceRules = ServiceRules {
    name: "entra",
    title: "Microsoft Entra ID",
    algorithms: &[Algorithm::Rs256],
    max_issuer: Some(600),
    takes_port: true,
    needs_use: true,
    max_keys: Some(100),
    takes_upload: false,
};

/// AWS: IAM's "Create an OpenID Connect identity provider" and the reference of `CreateOpenIDConnectProvider` (255
/// characters, no port, 100 keys of each type).
const AWS: ServiceRules = ServiceRules {
    name: "aws",
    title: "AWS",
    algorithms: &[
        Algorithm::Rs256,
        Algorithm::Rs384,
        Algorithm::Rs512,
        Algorithm::Es256,
        Algorithm::Es384,
        Algorithm::Es512,
    ],
    max_issuer: Some(255),
    takes_port: false,
    needs_use: false,
    max_keys: Some(100),
    takes_upload: false,
};

/// Google: "Configure workload identity federation with other identity providers" and `workloadIdentityPools.providers`.
const GOOGLE: ServiceRules = ServiceRules {
    name: "google",
    title: "Google Cloud",
    algorithms: &[Algorithm::Rs256, Algorithm::Es256],
    max_issuer: None,
    takes_port: true,
    needs_use: false,
    max_keys: None,
    takes_upload: true,
};

impl ServiceRules {
    /// The algorithms in a sentence.
    pub(super) fn algorithm_names(&self) -> String {
        let names: Vec<_> = self.algorithms.iter().map(|algorithm| algorithm.name()).collect();
        names.join(" or ")
    }
}

impl Service {
    /// Every service.
    pub const ALL: &'static [Self] = &[Self::Entra, Self::Aws, Self::Google];

    pub(super) const fn rules(self) -> &'static ServiceRules {
        match self {
            Self::Entra => &ENTRA,
            Self::Aws => &AWS,
            Self::Google => &GOOGLE,
        }
    }

    /// The name in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.rules().name
    }

    /// The name in sentences.
    #[must_use]
    pub const fn title(self) -> &'static str {
        self.rules().title
    }
}

impl Serialize for Service {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}
