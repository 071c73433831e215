//! Entra's metadata: instance discovery, OpenID configuration (v2 and v1), key sets.

use super::error::{Aadsts, EntraError};
use super::{Version, tenant};
use crate::key_ring::KeyRing;
use crate::reply::{Response, internal_error, json, with_header};
use crate::request::{Request, query};
use crate::settings::Settings;
use http::header::CACHE_CONTROL;
use serde_json::json;

/// `/{tenant}/v2.0/.well-known/openid-configuration` and the path without `v2.0`.
pub(crate) fn openid_configuration(
    settings: &Settings,
    tenant: &str,
    version: Version,
) -> Result<Response, EntraError> {
    let issuer_tenant = if is_multi_tenant(tenant) {
        // These documents describe every tenant: their issuer is a template.
        "{tenantid}"
    } else {
        tenant::check(settings, tenant)?;
        &settings.tenant_id
    };
    let address = format!("{}/{tenant}", settings.base_url);
    let (oauth2, keys) = match version {
        Version::V2 => (format!("{address}/oauth2/v2.0"), format!("{address}/discovery/v2.0/keys")),
        Version::V1 => (format!("{address}/oauth2"), format!("{address}/discovery/keys")),
    };
    let host = host(settings);
    Ok(json(
        200,
        &json!({
            "token_endpoint": format!("{oauth2}/token"),
            "token_endpoint_auth_methods_supported":
                ["client_secret_post", "private_key_jwt", "client_secret_basic"],
            "jwks_uri": keys,
            "response_modes_supported": ["query", "fragment", "form_post"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "response_types_supported": ["code", "id_token", "code id_token"],
            "scopes_supported": ["openid", "profile", "email", "offline_access"],
            "issuer": version.issuer_of(settings, issuer_tenant),
            "request_uri_parameter_supported": false,
            "authorization_endpoint": format!("{oauth2}/authorize"),
            "device_authorization_endpoint": format!("{oauth2}/devicecode"),
            "http_logout_supported": true,
            "frontchannel_logout_supported": true,
            "end_session_endpoint": format!("{oauth2}/logout"),
            "claims_supported":
                ["sub", "iss", "aud", "exp", "iat", "nbf", "azp", "oid", "tid", "ver", "uti"],
            "tenant_region_scope": null,
            "cloud_instance_name": host,
            "cloud_graph_host_name": host,
            "msgraph_host": host,
            "rbac_url": settings.base_url,
        }),
    ))
}

/// `/{tenant}/discovery/v2.0/keys` and the path without `v2.0`. In v2 each key names its issuer.
pub(crate) fn key_set(
    settings: &Settings,
    keys: &KeyRing,
    tenant: &str,
    version: Version,
) -> Result<Response, EntraError> {
    if !is_multi_tenant(tenant) {
        tenant::check(settings, tenant)?;
    }
    let issuer = (version == Version::V2).then(|| version.issuer(settings));
    Ok(match keys.document(issuer.as_deref()) {
        Ok(document) => with_header(json(200, &document), CACHE_CONTROL, "public, max-age=3600"),
        Err(error) => internal_error(&error),
    })
}

/// `/common/discovery/instance`: the emulator's host is a cloud of its own.
pub(crate) fn instance(settings: &Settings, request: &Request) -> Result<Response, EntraError> {
    let endpoint = query(request, "authorization_endpoint").ok_or_else(|| {
        EntraError::new(
            Aadsts::ParameterMissing,
            "The request must contain the following parameter: 'authorization_endpoint'.",
        )
    })?;
    let base = &settings.base_url;
    let path = endpoint.strip_prefix(base.as_str()).and_then(|rest| rest.strip_prefix('/'));
    let path = path
        .ok_or_else(|| EntraError::new(Aadsts::InstanceUnknown, "Unknown or invalid instance."))?;
    let tenant = path.split('/').next().unwrap_or_default();
    let host = host(settings);
    Ok(json(
        200,
        &json!({
            "tenant_discovery_endpoint":
                format!("{base}/{tenant}/v2.0/.well-known/openid-configuration"),
            "api-version": "1.1",
            "metadata": [{
                "preferred_network": host,
                "preferred_cache": host,
                "aliases": [host],
            }],
        }),
    ))
}

fn host(settings: &Settings) -> &str {
    settings.base_url.split_once("://").map_or("", |(_, host)| host)
}

fn is_multi_tenant(tenant: &str) -> bool {
    matches!(tenant, "common" | "organizations")
}
