//! The two versions of Entra's endpoints and tokens.

use crate::settings::Settings;

/// The version of an endpoint, of its metadata and of the tokens that it issues.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    V1,
    V2,
}

impl Version {
    /// The `iss` of access tokens.
    pub(crate) fn issuer(self, settings: &Settings) -> String {
        self.issuer_of(settings, &settings.tenant_id)
    }

    /// The issuer of a tenant, or the template for `{tenantid}`.
    pub(super) fn issuer_of(self, settings: &Settings, tenant: &str) -> String {
        match self {
            Self::V1 => format!("{}/{tenant}/", settings.base_url),
            Self::V2 => format!("{}/{tenant}/v2.0", settings.base_url),
        }
    }
}
