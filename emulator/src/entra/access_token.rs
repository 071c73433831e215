//! Access tokens (claims as in Microsoft's "access token claims reference", signed with RS256) and token responses.

use super::Version;
use super::error::{Aadsts, EntraError};
use crate::directory::Client;
use crate::identifiers::is_uuid;
use crate::key_ring::{KeyRing, UnsignedToken};
use crate::settings::Settings;
use serde::Serialize;
use serde_json::{Value, json};
use workload_identity_core::Timestamp;
use workload_identity_core::json::strict;

/// Entra sets `iat` and `nbf` five minutes back, for APIs whose clock is behind.
const BACKDATED_SECONDS: i64 = 300;

/// The claims that a request's `claims` parameter asks for (OpenID Connect Core, section 5.5).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct RequestedClaims {
    /// The authentication context of a claims challenge.
    acrs: Option<String>,
    /// Client capabilities such as `cp1`.
    capabilities: Vec<String>,
}

impl RequestedClaims {
    pub(crate) fn parse(text: Option<&str>) -> Result<Self, EntraError> {
        let Some(text) = text else { return Ok(Self::default()) };
        let document = strict::parse(text.as_bytes()).ok().filter(Value::is_object);
        let document = document.ok_or_else(|| {
            EntraError::new(
                Aadsts::ClaimsInvalid,
                "The value of the 'claims' parameter is not a JSON object.",
            )
        })?;
        let wanted = &document["access_token"];
        let capabilities = wanted["xms_cc"]["values"].as_array().into_iter().flatten();
        Ok(Self {
            acrs: wanted["acrs"]["value"].as_str().map(str::to_owned),
            capabilities: capabilities.filter_map(Value::as_str).map(str::to_owned).collect(),
        })
    }
}

/// The `aud` of a v2 token for a resource: the API's client id if the resource contains it.
fn audience(resource: &str) -> &str {
    match resource.strip_prefix("api://") {
        Some(id) if is_uuid(id) => id,
        _ => resource,
    }
}

/// A token response of either version. The members of version 1 have numbers as strings.
#[derive(Serialize)]
pub(crate) struct TokenResponse {
    token_type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_in: Option<Value>,
    ext_expires_in: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_in: Option<i64>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    version_1: Option<Version1>,
    /// Absent until the token is signed.
    #[serde(skip_serializing_if = "Option::is_none")]
    access_token: Option<String>,
}

#[derive(Serialize)]
struct Version1 {
    expires_on: String,
    not_before: String,
    resource: String,
}

impl TokenResponse {
    /// Replaces the correct `token_type`.
    pub(crate) fn set_token_type(&mut self, token_type: &str) {
        token_type.clone_into(&mut self.token_type);
    }

    /// Replaces the correct `expires_in`; `None` removes it.
    pub(crate) fn set_expires_in(&mut self, expires_in: Option<Value>) {
        self.expires_in = match (&self.version_1, expires_in) {
            (Some(_), Some(Value::Number(number))) => Some(number.to_string().into()),
            (_, value) => value,
        };
    }

    /// Adds the signed token.
    pub(crate) fn with_access_token(mut self, token: String) -> Self {
        self.access_token = Some(token);
        self
    }
}

/// Which access token is issued, and to whom.
pub(crate) struct Grant<'a> {
    pub(crate) client: &'a Client,
    pub(crate) version: Version,
    pub(crate) resource: &'a str,
    pub(crate) requested: &'a RequestedClaims,
    /// The token's own id.
    pub(crate) uti: &'a str,
}

/// Issues an access token, unsigned, and the response for it.
pub(crate) fn issue(
    settings: &Settings,
    keys: &KeyRing,
    grant: &Grant<'_>,
    now: Timestamp,
) -> (UnsignedToken, TokenResponse) {
    let Grant { client, version, resource, requested, uti } = *grant;
    let life = settings.access_token_seconds;
    let starts = now.plus_seconds(-BACKDATED_SECONDS).seconds();
    let expires = now.plus_seconds(life).seconds();
    let issuer = version.issuer(settings);
    let mut claims = json!({
        "iss": issuer,
        "iat": starts,
        "nbf": starts,
        "exp": expires,
        "idtyp": "app",
        "oid": client.principal_id,
        "sub": client.principal_id,
        "tid": settings.tenant_id,
        "uti": uti,
    });
    let own = match version {
        Version::V1 => json!({
            "aud": resource,
            "appid": client.client_id,
            "appidacr": "2",
            "idp": issuer,
            "ver": "1.0",
        }),
        Version::V2 => json!({
            "aud": audience(resource),
            "azp": client.client_id,
            "azpacr": "2",
            "ver": "2.0",
        }),
    };
    let optional = [
        ("acrs", requested.acrs.iter().cloned().collect()),
        ("roles", settings.roles.clone()),
        ("xms_cc", requested.capabilities.clone()),
    ];
    if let (Some(claims), Value::Object(own)) = (claims.as_object_mut(), own) {
        claims.extend(own);
        let optional = optional.into_iter().filter(|(_, values)| !values.is_empty());
        claims.extend(optional.map(|(name, values)| (name.to_owned(), values.into())));
        if !settings.scopes.is_empty() {
            claims.insert("scp".to_owned(), settings.scopes.join(" ").into());
            claims.remove("idtyp");
        }
        claims.extend(settings.claims.clone());
        claims.retain(|_, value| !value.is_null());
    }
    let access_token = keys.current().unsigned(Some("JWT"), &claims);
    // One second less than the token's lifetime, because the response takes time to arrive.
    let left = life - 1;
    let number = |value: i64| match version {
        Version::V1 => Value::from(value.to_string()),
        Version::V2 => Value::from(value),
    };
    let response = TokenResponse {
        token_type: "Bearer".to_owned(),
        expires_in: Some(number(left)),
        ext_expires_in: number(left),
        refresh_in: settings.refresh_in_seconds.filter(|_| version == Version::V2),
        version_1: (version == Version::V1).then(|| Version1 {
            expires_on: expires.to_string(),
            not_before: starts.to_string(),
            resource: resource.to_owned(),
        }),
        access_token: None,
    };
    (access_token, response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn audience_is_the_client_id_where_it_is_named() {
        let id = "3b1d7a52-c94e-4f08-8e67-90af5d2c6b14";
        assert_eq!(audience(&format!("api://{id}")), id);
        assert_eq!(audience("api://app"), "api://app");
        assert_eq!(audience("https://vault.azure.net"), "https://vault.azure.net");
    }

    #[test]
    fn requested_claims_are_read() {
        let text = r#"{"access_token":{"acrs":{"essential":true,"value":"c1"},"xms_cc":{"values":["cp1"]}}}"#;
        let requested = RequestedClaims::parse(Some(text)).expect("read");
        assert_eq!(requested.acrs.as_deref(), Some("c1"));
        assert_eq!(requested.capabilities, ["cp1"]);
        assert_eq!(RequestedClaims::parse(None), Ok(RequestedClaims::default()));
    }

    #[test]
    fn other_values_are_refused() {
        for text in ["", "x", "[]", "\"c1\"", r#"{"a":1,"a":1}"#] {
            let error = RequestedClaims::parse(Some(text)).expect_err(text);
            assert_eq!(error.code, Aadsts::ClaimsInvalid, "{text}");
        }
    }
}
