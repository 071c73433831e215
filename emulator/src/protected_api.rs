//! A protected API that accepts the emulator's access tokens (RFC 6750).

use crate::entra::access_token_check;
use crate::key_ring::KeyRing;
use crate::reply::{Response, json, with_header};
use crate::request::{Request, bearer_token, query};
use crate::settings::Settings;
use http::header::WWW_AUTHENTICATE;
use serde_json::{Map, Value, json};
use workload_identity_core::jose::base64url_encode;
use workload_identity_core::{Error, Timestamp};

/// The claims challenge of `/api/step-up` for tokens without the authentication context.
const STEP_UP: &str = r#"{"access_token":{"acrs":{"essential":true,"value":"c1"}}}"#;

/// `GET /api/resource` accepts any valid token for the tenant's resources; with `?audience=` only tokens for that
/// audience. `GET /api/step-up` also requires the authentication context `c1`, and responds with a claims challenge to
/// tokens without it.
pub(crate) fn answer(
    settings: &Settings,
    keys: &KeyRing,
    request: &Request,
    step_up: bool,
    now: Timestamp,
) -> Response {
    let Some(token) = bearer_token(request) else {
        return unauthorized(settings, &[], "token_missing");
    };
    let claims = match verify_token(settings, keys, token, query(request, "audience"), now) {
        Ok(claims) => claims,
        Err(error) => {
            let code = error.code.name();
            let challenge = [("error", "invalid_token"), ("error_description", code)];
            return unauthorized(settings, &challenge, code);
        }
    };
    if step_up && !has_context(&claims, "c1") {
        let claims = padded(&base64url_encode(STEP_UP.as_bytes()));
        let challenge = [("realm", ""), ("error", "insufficient_claims"), ("claims", &claims)];
        return unauthorized(settings, &challenge, "insufficient_claims");
    }
    let mut body = Map::new();
    body.insert("message".to_owned(), "hello".into());
    for (name, claim) in [
        ("application", claims["azp"].as_str().or_else(|| claims["appid"].as_str())),
        ("principal", claims["oid"].as_str()),
        ("tenant", claims["tid"].as_str()),
        ("audience", claims["aud"].as_str()),
    ] {
        body.extend(claim.map(|claim| (name.to_owned(), claim.into())));
    }
    let roles = claims["roles"].as_array().cloned().unwrap_or_default();
    body.insert("roles".to_owned(), roles.into());
    json(200, &body)
}

fn verify_token(
    settings: &Settings,
    keys: &KeyRing,
    token: &str,
    audience: Option<String>,
    now: Timestamp,
) -> Result<Value, Error> {
    let known = &settings.api_audiences;
    let accepts = |presented: &str| match &audience {
        Some(audience) => audience == presented,
        None => known.is_empty() || known.iter().any(|known| known == presented),
    };
    access_token_check::claims(settings, keys, token, accepts, now)
}

fn unauthorized(settings: &Settings, parameters: &[(&str, &str)], code: &str) -> Response {
    let authority = format!("{}/{}/oauth2/v2.0/authorize", settings.base_url, settings.tenant_id);
    let parameters: Vec<String> = parameters
        .iter()
        .copied()
        .chain([("authorization_uri", authority.as_str())])
        .map(|(name, value)| format!("{name}=\"{value}\""))
        .collect();
    let challenge = format!("Bearer {}", parameters.join(", "));
    with_header(json(401, &json!({ "error": code })), WWW_AUTHENTICATE, &challenge)
}

fn has_context(claims: &Value, context: &str) -> bool {
    claims["acrs"]
        .as_array()
        .is_some_and(|values| values.iter().any(|value| value.as_str() == Some(context)))
}

/// Claims challenges are base64url with padding.
fn padded(text: &str) -> String {
    let missing = (4 - text.len() % 4) % 4;
    format!("{text}{}", "=".repeat(missing))
}
