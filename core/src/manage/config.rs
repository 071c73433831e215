//! The configuration of a manager. JSON form: `docs/protocol.md`, section 11.

use super::identity::{Identity, IdentityForm};
use crate::Error;
use crate::entra::Cloud;
use crate::entra::tenant::Tenant;
use crate::http::{AddressPolicy, PrivateAddresses, PrivateAddressesForm, Url};
use crate::json::config::{Bounded, Document, object, word};
use crate::json::non_empty::{NonBlank, names};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use serde::Deserialize;

const DOCUMENT: Document = Document::CONFIGURATION;

/// Time of a request without a deadline. Writes to one identity are throttled to one in four seconds by ARM.
const TIMEOUT_MS: i64 = 120_000;

/// A checked configuration of a [`Manager`](super::Manager).
#[derive(Clone, Debug)]
pub struct ManagerConfig {
    pub(super) identity: Identity,
    /// The address of Microsoft Graph or ARM, without a slash at its end.
    pub(super) service_url: String,
    /// Which versions of the service are asked.
    pub(super) version: VersionChoice,
    pub(super) addresses: AddressPolicy,
    /// The scope of the access token.
    pub(super) scope: String,
    pub(super) tenant_id: Option<String>,
    /// The audience of a credential that names none.
    pub(super) audience: &'static str,
    pub(super) timeout_ms: i64,
}

/// Which versions of a service are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum VersionChoice {
    /// The preview where an expression needs it.
    AsNeeded,
    /// The stable version alone. It has no expressions.
    Stable,
    /// The preview alone.
    Preview,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ConfigForm {
    #[serde(default, deserialize_with = "object")]
    identity: Option<IdentityForm>,
    authority_host: Option<String>,
    graph_url: Option<String>,
    arm_url: Option<String>,
    graph_version: Option<String>,
    scope: Option<NonBlank>,
    tenant_id: Option<String>,
    #[serde(default, deserialize_with = "word")]
    private_addresses: Option<PrivateAddressesForm>,
    #[serde(default, deserialize_with = "names")]
    allowed_networks: Option<Vec<String>>,
    timeout_ms: Option<Bounded<3_600_000>>,
}

impl ManagerConfig {
    /// Parses the JSON form.
    ///
    /// # Errors
    /// `config_invalid` names the member that is wrong and what it should be.
    ///
    /// ```
    /// use workload_identity_core::manage::ManagerConfig;
    /// let config = br#"{"identity": {"app_id": "11111111-2222-3333-4444-555555555555"}}"#;
    /// assert!(ManagerConfig::parse(config).is_ok());
    /// ```
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        let form: ConfigForm = DOCUMENT.read(bytes)?;
        let identity =
            form.identity.ok_or_else(|| DOCUMENT.error("`identity` is missing or empty"))?;
        let identity = Identity::of_form(DOCUMENT, identity)?;
        let addresses = AddressPolicy {
            private: PrivateAddresses::read(form.private_addresses, form.allowed_networks)?,
            ..AddressPolicy::AUTHORITY
        };
        let cloud = match form.authority_host.as_deref() {
            None => Some(Cloud::PUBLIC),
            Some(host) => cloud_of(host, &addresses)?,
        };
        let (member, url, host) = if identity.is_managed() {
            ("arm_url", form.arm_url, cloud.and_then(|cloud| cloud.arm_host))
        } else {
            ("graph_url", form.graph_url, cloud.and_then(|cloud| cloud.graph_host))
        };
        let service_url = match (url, host) {
            (Some(url), _) => service_url(member, &url, &addresses)?,
            (None, Some(host)) => format!("https://{host}"),
            (None, None) => {
                return Err(DOCUMENT.error(format!(
                    "`authority_host` is of no cloud whose address of this service is known; configure `{member}`"
                )));
            }
        };
        let version = match form.graph_version.as_deref() {
            None => VersionChoice::AsNeeded,
            Some("v1.0") => VersionChoice::Stable,
            Some("beta") => VersionChoice::Preview,
            Some(_) => return Err(DOCUMENT.error("`graph_version` is not one of v1.0, beta")),
        };
        if identity.is_managed() && version != VersionChoice::AsNeeded {
            return Err(
                DOCUMENT.error("`graph_version` has no effect on a managed identity; leave it out")
            );
        }
        let scope = match form.scope {
            Some(NonBlank(scope)) => scope,
            None => default_scope(cloud, identity.is_managed()),
        };
        let tenant = form.tenant_id.as_deref().map(Tenant::parse).transpose()?;
        Ok(Self {
            identity,
            service_url,
            version,
            addresses,
            scope,
            tenant_id: tenant.map(|tenant| tenant.as_str().to_string()),
            audience: cloud.unwrap_or(Cloud::PUBLIC).exchange_audience,
            timeout_ms: form.timeout_ms.map_or(TIMEOUT_MS, |size| i64::from(size.0)),
        })
    }

    /// The identity whose credentials are managed.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// The service in messages.
    pub(super) fn service(&self) -> &'static str {
        if self.identity.is_managed() { "Azure Resource Manager" } else { "Microsoft Graph" }
    }

    /// The member of the configuration that names the service's address.
    pub(super) fn url_member(&self) -> &'static str {
        if self.identity.is_managed() { "arm_url" } else { "graph_url" }
    }
}

/// The scope of the cloud's own service, whatever address stands for it.
fn default_scope(cloud: Option<&'static Cloud>, managed: bool) -> String {
    let of = |cloud: &Cloud| if managed { cloud.arm_host } else { cloud.graph_host };
    let host = cloud.and_then(of).or_else(|| of(Cloud::PUBLIC)).unwrap_or_default();
    format!("https://{host}/.default")
}

/// The cloud of an authority host; `None` if it is another server's, such as an emulator's.
fn cloud_of(host: &str, addresses: &AddressPolicy) -> Result<Option<&'static Cloud>, Error> {
    let text = host.trim_ascii();
    let text = if text.contains("://") { text.to_string() } else { format!("https://{text}") };
    let url = addresses
        .parse(&text)
        .map_err(|refusal| DOCUMENT.error(format!("`authority_host` {refusal}")))?;
    Ok(Cloud::of_host(url.host()))
}

fn service_url(member: &str, text: &str, addresses: &AddressPolicy) -> Result<String, Error> {
    let url: Url = addresses
        .parse(text.trim_ascii())
        .map_err(|refusal| DOCUMENT.error(format!("`{member}` {refusal}")))?;
    let text = url.into_string();
    let text = text.trim_end_matches('/');
    if text.contains('?') {
        return Err(DOCUMENT.error(format!("`{member}` has a query")));
    }
    if text.ends_with("/v1.0") || text.ends_with("/beta") {
        return Err(DOCUMENT.error(format!(
            "`{member}` ends with a version; leave it out, since requests name the version themselves"
        )));
    }
    Ok(text.to_string())
}
