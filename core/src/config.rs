//! The configuration, parsed once into types that cannot be wrong. Shape: `docs/protocol.md`, section 2.

use crate::entra::authority::Authority;
use crate::entra::tenant::{Tenant, is_guid};
use crate::environment::{Environment, incomplete};
use crate::json::{self, Json, Object};
use crate::source::Source;
use crate::{Code, Error};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

const MEMBERS: &[&str] = &[
    "tenant_id",
    "client_id",
    "authority_host",
    "authority",
    "source",
    "environment",
    "additionally_allowed_tenants",
    "cache_max_entries",
    "cache_max_bytes",
    "flight",
    "store",
    "timeout_ms",
];

/// A checked configuration of an [`Engine`](crate::Engine).
#[derive(Clone, Debug)]
pub struct Config {
    pub(crate) tenant: Option<Tenant>,
    pub(crate) client_id: Option<String>,
    pub(crate) authority: Authority,
    pub(crate) source: Source,
    pub(crate) allowed_tenants: Vec<Tenant>,
    pub(crate) any_tenant: bool,
    pub(crate) cache_max_entries: usize,
    pub(crate) cache_max_bytes: usize,
    pub(crate) per_request: bool,
    pub(crate) store: bool,
    pub(crate) timeout_ms: i64,
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
        let document =
            json::parse(bytes).map_err(|fault| invalid(format!("the configuration is {fault}")))?;
        let members = document
            .as_object()
            .ok_or_else(|| invalid("the configuration is not a JSON object".to_string()))?;
        let members = Members { members, place: "" };
        members.only(MEMBERS)?;
        let environment = Environment::new(members.object("environment")?);
        let tenant = members.text("tenant_id")?.or(environment.variable("AZURE_TENANT_ID"));
        let authority = match members.object("authority")? {
            Some(authority) => read_authority(authority)?,
            None => {
                let host = members.text("authority_host")?;
                let host = host.or(environment.variable("AZURE_AUTHORITY_HOST"));
                let host = host.unwrap_or("https://login.microsoftonline.com");
                Authority::entra(without_tenant(host, tenant))?
            }
        };
        let source = match members.object("source")? {
            Some(source) => Source::read(source)?,
            None => environment.source()?,
        };
        let client_id = members.text("client_id")?.or(environment.variable("AZURE_CLIENT_ID"));
        if authority.is_entra() {
            for (value, name) in [(tenant, "tenant_id"), (client_id, "client_id")] {
                if value.is_none() {
                    return Err(incomplete(format!(
                        "no {name}: set AZURE_{} or configure `{name}`",
                        name.to_ascii_uppercase()
                    )));
                }
            }
        }
        let store = members.bool("store")?.unwrap_or(false);
        if client_id.is_none() && (store || source.is_signed()) {
            return Err(incomplete(
                "no client_id: a shared store keeps clients apart by it, and a signed assertion names it; configure `client_id`",
            ));
        }
        let mut allowed_tenants = Vec::new();
        let mut any_tenant = false;
        let listed = members.texts("additionally_allowed_tenants")?;
        let variable = environment.variable("AZURE_ADDITIONALLY_ALLOWED_TENANTS");
        let listed =
            listed.into_iter().chain(variable.into_iter().flat_map(|text| text.split(';')));
        for text in listed.filter(|text| !text.trim().is_empty()) {
            if text.trim() == "*" {
                any_tenant = true;
            } else {
                allowed_tenants.push(Tenant::parse(text)?);
            }
        }
        Ok(Self {
            tenant: match tenant {
                Some(tenant) if authority.is_entra() => Some(Tenant::parse(tenant)?),
                _ => None,
            },
            client_id: client_id.map(|id| read_client_id(id, authority.is_entra())).transpose()?,
            authority,
            source,
            allowed_tenants,
            any_tenant,
            cache_max_entries: members.size("cache_max_entries", 10_000, 10_000_000)?,
            cache_max_bytes: members.size("cache_max_bytes", 64 << 20, 1 << 31)?,
            per_request: members.one_of("flight", &["shared", "per_request"])? == Some(1),
            store,
            timeout_ms: i64::try_from(members.size("timeout_ms", 30_000, 3_600_000)?)
                .unwrap_or(30_000),
        })
    }
}

/// MSAL's `authority` is host and tenant in one; the tenant that is configured anyway does no harm there.
fn without_tenant<'a>(host: &'a str, tenant: Option<&str>) -> &'a str {
    let text = host.trim().trim_end_matches('/');
    match (text.rsplit_once('/'), tenant) {
        (Some((start, end)), Some(tenant))
            if end.eq_ignore_ascii_case(tenant.trim()) && !start.ends_with('/') =>
        {
            start
        }
        _ => host,
    }
}

fn read_client_id(text: &str, entra: bool) -> Result<String, Error> {
    let id = text.trim();
    let generic =
        !id.is_empty() && id.len() <= 256 && id.bytes().all(|byte| byte.is_ascii_graphic());
    if if entra { is_guid(id) } else { generic } {
        return Ok(id.to_string());
    }
    Err(Error::new(
        Code::ClientIdInvalid,
        "client_id is not a GUID; copy the Application (client) ID from the Entra portal",
    ))
}

fn read_authority(value: &Json) -> Result<Authority, Error> {
    let members = Members::of(value, "authority.")?;
    members.only(&["issuer", "token_endpoint"])?;
    Authority::oidc(members.text("issuer")?, members.text("token_endpoint")?)
}

pub(crate) fn invalid(message: String) -> Error {
    Error::new(Code::ConfigInvalid, message)
}

/// Typed access to the members of a configuration object, with errors that name the member.
pub(crate) struct Members<'a> {
    members: &'a Object,
    place: &'static str,
}

impl<'a> Members<'a> {
    pub(crate) fn of(value: &'a Json, place: &'static str) -> Result<Self, Error> {
        let members = value.as_object();
        let members = members.ok_or_else(|| {
            invalid(format!("`{}` is not an object", place.trim_end_matches('.')))
        })?;
        Ok(Self { members, place })
    }

    /// Refuses members that are not in the list.
    pub(crate) fn only(&self, known: &[&str]) -> Result<(), Error> {
        match self.members.keys().find(|name| !known.contains(&name.as_str())) {
            // The name is the caller's own text and may hold anything, so only a clean one is repeated.
            Some(name)
                if name.len() <= 64
                    && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') =>
            {
                Err(invalid(format!("`{}{name}` is not a member of the configuration", self.place)))
            }
            Some(_) => Err(invalid("the configuration has an unknown member".to_string())),
            None => Ok(()),
        }
    }

    fn typed<T>(
        &self,
        name: &str,
        kind: &str,
        read: impl FnOnce(&'a Json) -> Option<T>,
    ) -> Result<Option<T>, Error> {
        match self.members.get(name) {
            None | Some(Json::Null) => Ok(None),
            Some(value) => read(value)
                .map(Some)
                .ok_or_else(|| invalid(format!("`{}{name}` is not {kind}", self.place))),
        }
    }

    pub(crate) fn text(&self, name: &str) -> Result<Option<&'a str>, Error> {
        self.typed(name, "a string", Json::as_text)
    }

    pub(crate) fn required(&self, name: &str) -> Result<&'a str, Error> {
        match self.text(name)? {
            Some(text) if !text.trim().is_empty() => Ok(text),
            _ => Err(invalid(format!("`{}{name}` is missing or empty", self.place))),
        }
    }

    pub(crate) fn bool(&self, name: &str) -> Result<Option<bool>, Error> {
        self.typed(name, "true or false", Json::as_bool)
    }

    pub(crate) fn integer(&self, name: &str) -> Result<Option<i64>, Error> {
        self.typed(name, "an integer", Json::as_integer)
    }

    pub(crate) fn object(&self, name: &str) -> Result<Option<&'a Json>, Error> {
        self.typed(name, "an object", |value| value.as_object().map(|_| value))
    }

    pub(crate) fn texts(&self, name: &str) -> Result<Vec<&'a str>, Error> {
        let list = self.typed(name, "a list of strings", |value| {
            value.as_list()?.iter().map(Json::as_text).collect::<Option<Vec<_>>>()
        })?;
        Ok(list.unwrap_or_default())
    }

    /// The index of the chosen word.
    pub(crate) fn one_of(&self, name: &str, words: &[&str]) -> Result<Option<usize>, Error> {
        self.typed(name, &format!("one of {}", words.join(", ")), |value| {
            let text = value.as_text()?;
            words.iter().position(|word| *word == text)
        })
    }

    /// The items of a list.
    pub(crate) fn list(&self, name: &str) -> Result<&'a [Json], Error> {
        Ok(self.typed(name, "a list", Json::as_list)?.unwrap_or_default())
    }

    /// Whether the member is there.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.members.contains_key(name)
    }

    /// Whether the member is a string, where another type is allowed too.
    pub(crate) fn is_text(&self, name: &str) -> bool {
        self.members.get(name).is_some_and(|value| value.as_text().is_some())
    }

    pub(crate) fn size(&self, name: &str, default: usize, max: usize) -> Result<usize, Error> {
        let size = self.typed(name, &format!("an integer from 0 to {max}"), |value| {
            usize::try_from(value.as_integer()?).ok().filter(|size| *size <= max)
        })?;
        Ok(size.unwrap_or(default))
    }
}
