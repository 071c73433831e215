//! Control requests about access tokens: what they say, and a token at once without an exchange.

use crate::emulator::Emulator;
use crate::entra::Version;
use crate::entra::access_token::{self, Grant, RequestedClaims};
use crate::reply::{Response, internal_error, json};
use crate::request::Request;
use crate::settings::Settings;
use serde::Deserialize;
use serde_json::{Map, Value};
use workload_identity_core::Timestamp;
use workload_identity_core::json::strict;

/// The body of both requests. What is absent stays as in the settings.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    audience: Option<String>,
    version: Option<u8>,
    roles: Option<Vec<String>>,
    scopes: Option<Vec<String>>,
    claims: Option<Map<String, Value>>,
}

impl Form {
    fn read(request: &Request) -> Result<Self, String> {
        let document = strict::parse(request.body())
            .map_err(|fault| format!("the body is refused: {fault}"))?;
        serde_json::from_value(document).map_err(|error| format!("the body is refused: {error}"))
    }

    fn configure(self, settings: &mut Settings) {
        let Self { roles, scopes, claims, .. } = self;
        // A user's token has the roles that the request names, and not those of the application.
        match (roles, &scopes) {
            (Some(roles), _) => settings.roles = roles,
            (None, Some(scopes)) if !scopes.is_empty() => settings.roles.clear(),
            (None, _) => {}
        }
        settings.scopes = scopes.unwrap_or_else(|| settings.scopes.clone());
        settings.claims = claims.unwrap_or_else(|| settings.claims.clone());
    }
}

/// Changes what later access tokens say.
pub(crate) fn configure(emulator: &mut Emulator, request: &Request) -> Result<(), String> {
    let form = Form::read(request)?;
    if form.audience.is_some() || form.version.is_some() {
        return Err("`audience` and `version` are those of the token request".to_owned());
    }
    form.configure(&mut emulator.settings);
    Ok(())
}

/// The response with one access token for `audience`, in the form of a token response.
pub(crate) fn mint(
    emulator: &mut Emulator,
    request: &Request,
    now: Timestamp,
) -> Result<Response, String> {
    let form = Form::read(request)?;
    let audience = form.audience.clone().ok_or("`audience` is missing")?;
    let version = match form.version {
        Some(1) => Version::V1,
        Some(2) | None => Version::V2,
        Some(_) => return Err("`version` is 1 or 2".to_owned()),
    };
    let mut settings = emulator.settings.clone();
    form.configure(&mut settings);
    let grant = Grant {
        client: &emulator.directory.application.client,
        version,
        resource: &audience,
        requested: &RequestedClaims::default(),
        uti: &emulator.ids.short(),
    };
    let (token, body) = access_token::issue(&settings, &emulator.access_token_keys, &grant, now);
    Ok(match token.sign() {
        Ok(token) => json(200, &body.with_access_token(token)),
        Err(error) => internal_error(&error),
    })
}
