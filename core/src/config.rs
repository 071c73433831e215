//! The configuration, parsed once into types that cannot be wrong. Shape: `docs/protocol.md`, section 2.

use crate::entra::authority::Authority;
use crate::entra::tenant::{Tenant, is_guid};
use crate::environment::Environment;
use crate::json::Json;
use crate::scan::{parts, without_slashes};
use crate::shape::{Kind, Members, Shape, document, size, word};
use crate::source::Source;
use crate::{Code, Error};
use alloc::string::String;
use alloc::vec::Vec;

const SHAPE: Shape = Shape {
    code: Code::ConfigInvalid,
    not_an_object: "the configuration is not a JSON object",
    place: "",
    members: &[
        ("tenant_id", Kind::Text),
        ("client_id", Kind::Text),
        ("authority_host", Kind::Text),
        ("authority", Kind::Object),
        ("source", Kind::Object),
        ("environment", Kind::Object),
        ("additionally_allowed_tenants", Kind::Texts),
        ("cache_max_entries", size!(10_000_000)),
        ("cache_max_bytes", size!(2_147_483_648)),
        ("flight", word!("shared", "per_request")),
        ("store", Kind::Flag),
        ("timeout_ms", size!(3_600_000)),
    ],
};

const AUTHORITY: Shape = Shape {
    code: Code::ConfigInvalid,
    not_an_object: "`authority` is not an object",
    place: "authority.",
    members: &[("issuer", Kind::Text), ("token_endpoint", Kind::Text)],
};

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
        let document = document(bytes, SHAPE.code, "configuration")?;
        let mut config = Self {
            tenant: None,
            client_id: None,
            authority: Authority::Oidc { issuer: None, token_endpoint: None },
            source: Source::Callback,
            allowed_tenants: Vec::new(),
            any_tenant: false,
            cache_max_entries: 0,
            cache_max_bytes: 0,
            per_request: false,
            store: false,
            timeout_ms: 0,
        };
        config.read(&document).map(|()| config)
    }

    fn read(&mut self, document: &Json) -> Result<(), Error> {
        SHAPE.check(document)?;
        let members = Members(document);
        let environment = Environment::new(members.object("environment"));
        let text = |name, variable| match members.text(name) {
            Some(text) => Some(text.as_str()),
            None => environment.variable(variable),
        };
        let tenant = text("tenant_id", "AZURE_TENANT_ID");
        let client_id = text("client_id", "AZURE_CLIENT_ID");
        self.authority = match members.object("authority") {
            Some(authority) => read_authority(authority)?,
            None => {
                let host = text("authority_host", "AZURE_AUTHORITY_HOST");
                let host = host.unwrap_or("https://login.microsoftonline.com");
                Authority::entra(without_tenant(host, tenant))?
            }
        };
        self.source = match members.object("source") {
            Some(source) => Source::read(source)?,
            None => environment.source()?,
        };
        self.store = members.flag("store");
        let entra = self.authority.is_entra();
        if entra {
            let Some(tenant) = tenant else {
                return incomplete("no tenant_id: set AZURE_TENANT_ID or configure `tenant_id`");
            };
            if client_id.is_none() {
                return incomplete("no client_id: set AZURE_CLIENT_ID or configure `client_id`");
            }
            self.tenant = Some(Tenant::parse(tenant)?);
        }
        match client_id {
            Some(id) => self.client_id = Some(read_client_id(id, entra)?),
            None if self.store || self.source.is_signed() => {
                return incomplete(
                    "no client_id: a shared store keeps clients apart by it, and a signed assertion names it; configure `client_id`",
                );
            }
            None => {}
        }
        for text in members.list("additionally_allowed_tenants") {
            self.allow(text.as_text().unwrap_or_default())?;
        }
        let variable = environment.variable("AZURE_ADDITIONALLY_ALLOWED_TENANTS");
        for text in parts(variable.unwrap_or_default(), b';') {
            self.allow(text)?;
        }
        self.cache_max_entries = members.size("cache_max_entries", 10_000) as usize;
        self.cache_max_bytes = members.size("cache_max_bytes", 64 << 20) as usize;
        self.per_request = members.text("flight").is_some_and(|word| word == "per_request");
        self.timeout_ms = i64::from(members.size("timeout_ms", 30_000));
        Ok(())
    }

    /// Allows requests to name another tenant, or any.
    fn allow(&mut self, tenant: &str) -> Result<(), Error> {
        match tenant.trim_ascii() {
            "" => {}
            "*" => self.any_tenant = true,
            tenant => self.allowed_tenants.push(Tenant::parse(tenant)?),
        }
        Ok(())
    }
}

fn incomplete(message: &str) -> Result<(), Error> {
    Err(Error::new(Code::EnvironmentIncomplete, message))
}

/// MSAL's `authority` is host and tenant in one; the tenant that is configured anyway does no harm there.
fn without_tenant<'a>(host: &'a str, tenant: Option<&str>) -> &'a str {
    let text = without_slashes(host.trim_ascii());
    let end = text.bytes().rposition(|byte| byte == b'/').map_or(0, |place| place + 1);
    match (text.get(..end), text.get(end..), tenant) {
        (Some(start), Some(last), Some(tenant))
            if last.eq_ignore_ascii_case(tenant.trim_ascii())
                && start.ends_with('/')
                && !start.ends_with("//") =>
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

fn read_authority(value: &Json) -> Result<Authority, Error> {
    AUTHORITY.check(value)?;
    let members = Members(value);
    let text = |name| members.text(name).map(String::as_str);
    Authority::oidc(text("issuer"), text("token_endpoint"))
}
