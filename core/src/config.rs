//! The configuration of an engine. JSON form: `docs/protocol.md`, section 2.

use crate::cache::{CacheConfig, FlightForm, MaxBytes, MaxEntries};
use crate::entra::tenant::{Tenant, is_guid};
use crate::environment::Environment;
use crate::http::{AddressPolicy, PrivateAddresses, PrivateAddressesForm};
use crate::json::config::{Bounded, Document, object, word};
use crate::json::non_empty::{names, strings};
use crate::oauth::authority::Authority;
use crate::oauth::token_proxy::{self, TokenProxy};
use crate::secret::Secret;
use crate::source::{self, TokenSource};
use crate::{Code, Error};
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use serde::Deserialize;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

/// Variables of the client itself, as Azure's workload identity webhook and azure-identity set them.
const CLIENT_VARIABLES: [&str; 6] = [
    "AZURE_TENANT_ID",
    "AZURE_CLIENT_ID",
    "AZURE_AUTHORITY_HOST",
    "AZURE_ADDITIONALLY_ALLOWED_TENANTS",
    // Tasks of Azure Pipelines set these for the service connection.
    "AZURESUBSCRIPTION_TENANT_ID",
    "AZURESUBSCRIPTION_CLIENT_ID",
];

/// The names of all variables that a host passes as `environment`: those of the client and those of every token source.
#[must_use]
pub fn environment_names() -> Vec<&'static str> {
    let sources = source::KINDS.iter().flat_map(|kind| kind.variables);
    let client = CLIENT_VARIABLES.iter().chain(&token_proxy::VARIABLES);
    let mut names: Vec<_> = client.chain(sources).copied().collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// The files and sockets that a host looks for. It passes those that exist as `environment_paths`.
#[must_use]
pub fn environment_paths() -> Vec<&'static str> {
    source::KINDS.iter().flat_map(|kind| kind.paths).copied().collect()
}

/// A checked configuration of an [`Engine`](crate::Engine).
#[derive(Clone, Debug)]
pub struct Config {
    pub(crate) tenant: Option<Tenant>,
    pub(crate) client_id: Option<String>,
    pub(crate) authority: Authority,
    pub(crate) addresses: AddressPolicy,
    pub(crate) token_proxy: Option<TokenProxy>,
    pub(crate) source: Arc<dyn TokenSource>,
    /// SHA-256 in hex over what describes the source: objects with the same digest may use each other's assertions.
    pub(crate) source_digest: String,
    pub(crate) allowed_tenants: AllowedTenants,
    pub(crate) cache: CacheConfig,
    pub(crate) store: bool,
    pub(crate) timeout_ms: i64,
}

/// The tenants that a request may name beside the configured one.
#[derive(Clone, Debug, Default)]
pub(crate) struct AllowedTenants {
    tenants: Vec<Tenant>,
    any: bool,
}

/// The JSON form.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ConfigForm {
    tenant_id: Option<String>,
    client_id: Option<String>,
    authority_host: Option<String>,
    #[serde(default, deserialize_with = "object")]
    authority: Option<AuthorityForm>,
    #[serde(default, deserialize_with = "object")]
    source: Option<Map<String, Value>>,
    #[serde(default, deserialize_with = "object")]
    environment: Option<Map<String, Value>>,
    #[serde(default, deserialize_with = "strings")]
    environment_paths: Vec<String>,
    #[serde(default, deserialize_with = "names")]
    additionally_allowed_tenants: Option<Vec<String>>,
    cache_max_entries: Option<MaxEntries>,
    cache_max_bytes: Option<MaxBytes>,
    #[serde(default, deserialize_with = "word")]
    flight: Option<FlightForm>,
    store: Option<bool>,
    probe: Option<bool>,
    token_proxy: Option<bool>,
    #[serde(default, deserialize_with = "word")]
    private_addresses: Option<PrivateAddressesForm>,
    #[serde(default, deserialize_with = "names")]
    allowed_networks: Option<Vec<String>>,
    timeout_ms: Option<Bounded<3_600_000>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AuthorityForm {
    issuer: Option<String>,
    token_endpoint: Option<String>,
}

impl Config {
    /// Parses the JSON form.
    ///
    /// # Errors
    /// Names the member that is wrong and what it should be.
    ///
    /// ```
    /// use workload_identity_core::Config;
    /// let config = Config::parse(br#"{
    ///     "tenant_id": "contoso.com",
    ///     "client_id": "11111111-2222-3333-4444-555555555555",
    ///     "source": {"kind": "file", "path": "/var/run/secrets/token"}
    /// }"#);
    /// assert!(config.is_ok());
    /// ```
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        Self::check(Document::CONFIGURATION.read(bytes)?)
    }

    fn check(form: ConfigForm) -> Result<Self, Error> {
        let environment =
            Environment::new(form.environment.unwrap_or_default(), form.environment_paths);
        let text = |member: Option<String>, variable| {
            member.or_else(|| environment.variable(variable).map(String::from))
        };
        let tenant = text(form.tenant_id, "AZURE_TENANT_ID");
        let tenant = text(tenant, "AZURESUBSCRIPTION_TENANT_ID");
        let client_id = text(form.client_id, "AZURE_CLIENT_ID");
        let client_id = text(client_id, "AZURESUBSCRIPTION_CLIENT_ID");
        let addresses = AddressPolicy {
            private: PrivateAddresses::read(form.private_addresses, form.allowed_networks)?,
            ..AddressPolicy::AUTHORITY
        };
        let authority = match form.authority {
            Some(form) => {
                Authority::oidc(form.issuer.as_deref(), form.token_endpoint.as_deref(), &addresses)?
            }
            None => {
                let host = text(form.authority_host, "AZURE_AUTHORITY_HOST");
                let host = host.as_deref().unwrap_or("https://login.microsoftonline.com");
                Authority::entra(without_tenant(host, tenant.as_deref()), &addresses)?
            }
        };
        let source_digest = digest(form.source.as_ref(), &environment);
        let from_pod = form.source.as_ref().is_none_or(is_file_of_pod)
            && environment.variable("AZURE_FEDERATED_TOKEN_FILE").is_some();
        let token_proxy =
            TokenProxy::choose(form.token_proxy, from_pod, &authority, &environment, &addresses)?;
        let source = match form.source {
            Some(members) => source::from_config(members, &environment)?,
            None => source::from_environment(&environment, form.probe.unwrap_or_default())?,
        };
        let store = form.store.unwrap_or_default();
        let entra = authority.is_entra();
        let tenant = if entra {
            let Some(tenant) = tenant else {
                return Err(incomplete(
                    "no tenant_id: set AZURE_TENANT_ID or configure `tenant_id`",
                ));
            };
            if client_id.is_none() {
                return Err(incomplete(
                    "no client_id: set AZURE_CLIENT_ID or configure `client_id`",
                ));
            }
            Some(Tenant::parse(&tenant)?)
        } else {
            None
        };
        let client_id = client_id.map(|id| read_client_id(&id, entra)).transpose()?;
        if client_id.is_none() && (store || source.is_single_use()) {
            return Err(incomplete(
                "no client_id: a shared store keeps clients apart by it, and a signed assertion names it; configure `client_id`",
            ));
        }
        let mut allowed_tenants = AllowedTenants::default();
        let variable = environment.variable("AZURE_ADDITIONALLY_ALLOWED_TENANTS");
        let listed = form.additionally_allowed_tenants.iter().flatten().map(String::as_str);
        for tenant in listed.chain(variable.unwrap_or_default().split(';')) {
            allowed_tenants.add(tenant)?;
        }
        Ok(Self {
            tenant,
            client_id,
            authority,
            addresses,
            token_proxy,
            source,
            source_digest,
            allowed_tenants,
            cache: CacheConfig::new(form.cache_max_entries, form.cache_max_bytes, form.flight),
            store,
            timeout_ms: form.timeout_ms.map_or(30_000, |size| i64::from(size.0)),
        })
    }

    /// Whether a request may name this tenant.
    pub(crate) fn allows(&self, tenant: &Tenant) -> bool {
        self.allowed_tenants.any
            || self.tenant.as_ref() == Some(tenant)
            || self.allowed_tenants.tenants.contains(tenant)
    }
}

impl AllowedTenants {
    /// Adds a tenant; `*` stands for any, and an empty text for none.
    fn add(&mut self, tenant: &str) -> Result<(), Error> {
        match tenant.trim_ascii() {
            "" => {}
            "*" => self.any = true,
            tenant => self.tenants.push(Tenant::parse(tenant)?),
        }
        Ok(())
    }
}

/// Digest of a source's configuration, and of the environment that it is read or detected in.
fn digest(source: Option<&Map<String, Value>>, environment: &Environment) -> String {
    let described = Secret::new(format!("{source:?} {environment:?}"));
    base16ct::lower::encode_string(&Sha256::digest(described.expose()))
}

/// Whether a configured source is the file of the environment.
fn is_file_of_pod(source: &Map<String, Value>) -> bool {
    source.get("kind").and_then(Value::as_str) == Some("file") && !source.contains_key("path")
}

fn incomplete(message: &str) -> Error {
    Error::new(Code::EnvironmentIncomplete, message)
}

/// Removes the configured tenant from the end of an authority host: MSAL's `authority` is host and tenant in one.
fn without_tenant<'a>(host: &'a str, tenant: Option<&str>) -> &'a str {
    let text = host.trim_ascii().trim_end_matches('/');
    match (text.rsplit_once('/'), tenant) {
        (Some((start, last)), Some(tenant))
            if last.eq_ignore_ascii_case(tenant.trim_ascii())
                && !start.is_empty()
                && !start.ends_with('/') =>
        {
            start
        }
        _ => host,
    }
}

fn read_client_id(text: &str, entra: bool) -> Result<String, Error> {
    let id = text.trim_ascii();
    let generic =
        !id.is_empty() && id.len() <= 256 && id.bytes().all(|byte| byte.is_ascii_graphic());
    if if entra { is_guid(id) } else { generic } {
        return Ok(String::from(id));
    }
    Err(Error::new(
        Code::ClientIdInvalid,
        "client_id is not a GUID; copy the Application (client) ID from the Entra portal",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;
    use serde_json::json;

    /// Every object of a configuration, with a value that is accepted for each member.
    fn configurations() -> Vec<Value> {
        let with = |source: Value| {
            json!({
                "tenant_id": "contoso.com",
                "client_id": "11111111-2222-3333-4444-555555555555",
                "authority_host": "https://login.microsoftonline.com",
                "source": source,
                "environment": {
                    "AZURE_TENANT_ID": "contoso.com",
                    "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "t",
                },
                "additionally_allowed_tenants": ["contoso.com"],
                "cache_max_entries": 1,
                "cache_max_bytes": 1,
                "flight": "shared",
                "store": false,
                "probe": false,
                "private_addresses": "deny",
                "allowed_networks": ["10.0.0.0/8"],
                "timeout_ms": 1,
            })
        };
        let mut generic = with(json!({"kind": "callback"}));
        generic["authority"] =
            json!({"issuer": "https://a.example", "token_endpoint": "https://a.example/token"});
        let jwk = json!({"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"});
        [
            generic,
            with(json!({"kind": "file", "path": "/t"})),
            with(json!({
                "kind": "github",
                "request_url": "https://a.example/",
                "request_token": "t",
                "audience": "a",
            })),
            with(json!({
                "kind": "signed",
                "key": "k",
                "algorithm": "ES256",
                "public_jwk": jwk,
            })),
        ]
        .into()
    }

    /// The places of all members, as JSON pointers.
    fn places(value: &Value, place: &str, all: &mut Vec<String>) {
        if let Value::Object(members) = value {
            for (name, value) in members {
                let place = format!("{place}/{name}");
                places(value, &place, all);
                all.push(place);
            }
        }
    }

    #[test]
    fn no_message_shows_a_value() {
        let secret = "ghs_secret, expected `ghs_secret`";
        for config in configurations() {
            assert!(Config::parse(config.to_string().as_bytes()).is_ok(), "{config}");
            let mut all = Vec::new();
            places(&config, "", &mut all);
            for place in all {
                for value in [
                    json!(secret),
                    json!([secret]),
                    json!([[secret]]),
                    json!({secret: secret}),
                    json!({"kind": secret, "member": secret}),
                ] {
                    let mut config = config.clone();
                    *config.pointer_mut(&place).unwrap() = value;
                    if let Err(error) = Config::parse(config.to_string().as_bytes()) {
                        assert!(!format!("{error:?}").contains("ghs_"), "{place}: {error:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn no_list_is_empty() {
        for (place, member) in [
            ("/additionally_allowed_tenants", "additionally_allowed_tenants"),
            ("/source/x5c", "source.x5c"),
        ] {
            let mut config = configurations().pop().unwrap();
            config["source"]["x5c"] = Value::Null;
            *config.pointer_mut(place).unwrap() = json!([]);
            let error = Config::parse(config.to_string().as_bytes()).unwrap_err();
            assert_eq!(error.code, Code::ConfigInvalid, "{place}");
            assert!(error.message.starts_with(&format!("`{member}` is an empty list")), "{error}");
        }
    }

    #[test]
    fn an_object_is_not_a_list() {
        for (member, value) in [
            ("authority", json!(["https://a.example", null])),
            ("source", json!(["callback"])),
            ("environment", json!([])),
        ] {
            let mut config = configurations().swap_remove(0);
            config[member] = value;
            let error = Config::parse(config.to_string().as_bytes()).unwrap_err();
            assert_eq!(error.message, format!("`{member}` is not an object"));
        }
    }

    #[test]
    fn the_configured_tenant_is_removed_from_the_authority_host() {
        for (host, rest) in [
            ("https://login.a.example/Contoso.com/", "https://login.a.example"),
            ("login.a.example/contoso.com", "login.a.example"),
            ("https://contoso.com", "https://contoso.com"),
            ("https://login.a.example/other.com", "https://login.a.example/other.com"),
        ] {
            assert_eq!(without_tenant(host, Some("contoso.com")), rest, "{host}");
        }
    }
}
