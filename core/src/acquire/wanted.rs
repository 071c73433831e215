//! A request whose parts have been checked, and the keys under which its answers are kept apart.

use crate::config::Config;
use crate::entra::tenant::Tenant;
use crate::entra::{claims, scope};
use crate::request::Request;
use crate::{Code, Error};
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use core::ops::Deref;

/// Longest context accepted.
const MAX_CONTEXT: usize = 1024;

/// What a flight acquires. It is copied into tickets and flights, so all but the haste is shared.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    asked: Arc<Asked>,
    /// A cached or stored token does not do.
    pub(crate) fresh_only: bool,
}

/// The parts of a request that every copy has in common.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) tenant: Option<Arc<str>>,
    pub(crate) scopes: Arc<[String]>,
    /// As sent, capabilities merged in.
    pub(crate) claims: Option<String>,
    pub(crate) context: Option<String>,
    /// Key of the token cache.
    pub(crate) cache_key: Arc<str>,
    /// Requests with the same flight key wait for the same flight.
    pub(crate) flight_key: Arc<str>,
    /// Assertions are shared by requests of the same tenant, claims and context only.
    pub(crate) assertion_key: String,
}

impl Deref for Wanted {
    type Target = Asked;

    fn deref(&self) -> &Asked {
        &self.asked
    }
}

impl Wanted {
    pub(crate) fn check(request: Request, config: &Config) -> Result<Self, Error> {
        let entra = config.authority.is_entra();
        let scopes = scope::parse(&request.scopes, entra)?;
        let tenant = tenant(request.tenant_id.as_deref(), config)?;
        if request.context.as_ref().is_some_and(|context| context.len() > MAX_CONTEXT) {
            return Err(Error::new(Code::RequestInvalid, "`context` is longer than 1024 bytes"));
        }
        let mut cache_key = String::from(if request.enable_cae { "cae" } else { "-" });
        let tenant_text = tenant.as_ref().map_or("", Tenant::as_str);
        // Callers of different contexts may not be entitled to each other's tokens.
        let context = request.context.as_deref().unwrap_or_default();
        append(&mut cache_key, tenant_text);
        append(&mut cache_key, context);
        for scope in &scopes {
            append(&mut cache_key, scope);
        }
        let claims = claims::merge(request.claims.as_deref(), request.enable_cae)?;
        let claims_text = claims.as_deref().unwrap_or_default();
        let mut flight_key = cache_key.clone();
        append(&mut flight_key, claims_text);
        let mut assertion_key = String::new();
        append(&mut assertion_key, tenant_text);
        append(&mut assertion_key, context);
        append(&mut assertion_key, claims_text);
        let asked = Asked {
            claims,
            tenant: tenant.map(|tenant| tenant.as_str().into()),
            scopes: scopes.into(),
            context: request.context,
            cache_key: cache_key.into(),
            flight_key: flight_key.into(),
            assertion_key,
        };
        Ok(Self {
            asked: Arc::new(asked),
            // A token issued for a claims challenge replaces the one that the resource refused.
            fresh_only: request.force_refresh || request.claims.is_some(),
        })
    }
}

/// Each part carries its length, so that no two requests share a key.
fn append(key: &mut String, part: &str) {
    key.push_str(&format!("|{}:{part}", part.len()));
}

fn tenant(asked: Option<&str>, config: &Config) -> Result<Option<Tenant>, Error> {
    let Some(asked) = asked.filter(|_| config.authority.is_entra()) else {
        return Ok(config.tenant.clone());
    };
    let asked = Tenant::parse(asked)?;
    let allowed = config.any_tenant
        || config.tenant.as_ref() == Some(&asked)
        || config.allowed_tenants.contains(&asked);
    if allowed {
        return Ok(Some(asked));
    }
    Err(Error::new(
        Code::TenantNotConfigured,
        "the request's tenant_id is neither the configured one nor in additionally_allowed_tenants",
    ))
}
