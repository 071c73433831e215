//! A checked request, and the keys that tell requests apart.

use super::client::{Client, append};
use crate::config::Config;
use crate::entra::claims_challenge;
use crate::entra::tenant::Tenant;
use crate::oauth::scope;
use crate::request::Request;
use crate::{Code, Error};
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use core::ops::Deref;

/// Longest context accepted, in bytes.
const MAX_CONTEXT: usize = 1024;
/// Longest path of a federated managed identity accepted, in bytes.
const MAX_FMI_PATH: usize = 1024;

/// A request that has been checked and completed from the configuration. Copies share all parts but the flags.
#[derive(Clone, Debug)]
pub(super) struct ResolvedRequest {
    parts: Arc<Parts>,
    /// Whether cached and stored tokens are excluded.
    pub(super) fresh_only: bool,
    /// Whether this is a background refresh.
    pub(super) is_refresh: bool,
}

/// The parts of a request.
#[derive(Debug)]
pub(super) struct Parts {
    pub(super) client: Client,
    pub(super) tenant: Option<Arc<str>>,
    pub(super) scopes: Arc<[String]>,
    /// As sent, capabilities merged in.
    pub(super) claims: Option<String>,
    /// The claims challenge as the caller passed it.
    pub(super) challenge: Option<String>,
    pub(super) enable_cae: bool,
    pub(super) fmi_path: Option<String>,
    pub(super) context: Option<String>,
    /// Key of the token cache.
    pub(super) cache_key: Arc<str>,
    /// Requests with the same flight key wait for the same flight.
    pub(super) flight_key: Arc<str>,
    /// Requests of the same client, tenant, claims, context and FMI path share assertions.
    pub(super) assertion_key: String,
}

impl Deref for ResolvedRequest {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.parts
    }
}

impl ResolvedRequest {
    /// Checks a request against the configuration of its client.
    ///
    /// # Errors
    /// `request_invalid`, or the code of the member that is wrong.
    pub(super) fn new(request: Request, client: &Client) -> Result<Self, Error> {
        let config = client.config();
        let entra = config.authority.is_entra();
        let scopes = scope::parse(&request.scopes, entra)?;
        let tenant = tenant(request.tenant_id.as_deref(), config)?;
        if request.context.as_ref().is_some_and(|context| context.len() > MAX_CONTEXT) {
            return Err(Error::new(Code::RequestInvalid, "`context` is longer than 1024 bytes"));
        }
        if let Some(path) = &request.fmi_path {
            check_fmi_path(path, entra)?;
        }
        let mut cache_key = String::from(client.partition());
        cache_key.push_str(if request.enable_cae { "cae" } else { "-" });
        let tenant_text = tenant.as_ref().map_or("", Tenant::as_str);
        // Callers of different contexts must not get each other's tokens.
        let context = request.context.as_deref().unwrap_or_default();
        append(&mut cache_key, tenant_text);
        append(&mut cache_key, context);
        for scope in &scopes {
            append(&mut cache_key, scope);
        }
        let fmi_path = request.fmi_path.as_deref();
        append_optional(&mut cache_key, '/', fmi_path);
        let claims = claims_challenge::merge(request.claims.as_deref(), request.enable_cae)?;
        let claims_text = claims.as_deref().unwrap_or_default();
        let mut flight_key = String::from(client.flight_partition());
        flight_key.push_str(&cache_key);
        append(&mut flight_key, claims_text);
        let mut assertion_key = String::from(client.flight_partition());
        append(&mut assertion_key, tenant_text);
        append(&mut assertion_key, context);
        append(&mut assertion_key, claims_text);
        append_optional(&mut assertion_key, '/', fmi_path);
        // A token issued for a claims challenge replaces the one that the resource refused.
        let fresh_only = request.force_refresh || request.claims.is_some();
        let parts = Parts {
            client: client.clone(),
            claims,
            challenge: request.claims,
            enable_cae: request.enable_cae,
            fmi_path: request.fmi_path,
            tenant: tenant.map(|tenant| tenant.as_str().into()),
            scopes: scopes.into(),
            context: request.context,
            cache_key: cache_key.into(),
            flight_key: flight_key.into(),
            assertion_key,
        };
        Ok(Self { parts: Arc::new(parts), fresh_only, is_refresh: false })
    }

    /// Returns the background refresh of the same token.
    pub(super) fn refresh(&self) -> Self {
        Self { parts: Arc::clone(&self.parts), fresh_only: true, is_refresh: true }
    }
}

/// Checks the path of a federated managed identity.
fn check_fmi_path(path: &str, entra: bool) -> Result<(), Error> {
    let invalid = |message: &str| Err(Error::new(Code::RequestInvalid, message));
    if !entra {
        return invalid(
            "`fmi_path` is a parameter of Entra, and the configured authority is another one; leave it out",
        );
    }
    if path.trim().is_empty() {
        return invalid(
            "`fmi_path` is blank; leave it out, or name the federated managed identity",
        );
    }
    if path.len() > MAX_FMI_PATH {
        return invalid("`fmi_path` is longer than 1024 bytes");
    }
    if path.trim() != path || path.contains(char::is_control) {
        return invalid(
            "`fmi_path` has a control character, or white space around it; pass the path alone",
        );
    }
    Ok(())
}

/// Returns the tenant of a request: its own if that is allowed, else the configured one.
fn tenant(requested: Option<&str>, config: &Config) -> Result<Option<Tenant>, Error> {
    let Some(requested) = requested.filter(|_| config.authority.is_entra()) else {
        return Ok(config.tenant.clone());
    };
    let requested = Tenant::parse(requested)?;
    if config.allows(&requested) {
        return Ok(Some(requested));
    }
    Err(Error::new(
        Code::TenantNotConfigured,
        "the request's tenant_id is neither the configured one nor in additionally_allowed_tenants",
    ))
}

/// Appends a part of a key that most requests lack. The mark is one that [`append`] does not write.
fn append_optional(key: &mut String, mark: char, part: Option<&str>) {
    if let Some(part) = part {
        key.push_str(&format!("{mark}{}:{part}", part.len()));
    }
}
