//! Control requests about workload tokens: the claims that each platform's tokens have, and a token with chosen claims.

use crate::emulator::Emulator;
use crate::entra::Version;
use crate::key_ring::KeyRing;
use crate::platforms::{PLATFORMS, Platform};
use crate::reply::{Response, internal_error, json};
use crate::request::Request;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use workload_identity_core::Timestamp;
use workload_identity_core::jose::{UnverifiedClaims, base64url_decode};
use workload_identity_core::json::strict;

/// The life of a token that names no end, in seconds.
const LIFE_SECONDS: i64 = 300;
/// What a token says of its own time. A new token has its own.
const TIMES: [&str; 4] = ["exp", "iat", "nbf", "jti"];

/// The body of a request for a token.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    /// The claims are those of this platform's tokens, with `claims` in their place.
    platform: Option<String>,
    /// `null` removes a claim.
    #[serde(default)]
    claims: Map<String, Value>,
}

/// The platforms with the claims of their tokens.
pub(crate) fn platforms(emulator: &mut Emulator, now: Timestamp) -> Value {
    let platform = |platform: &Platform| {
        json!({
            "name": platform.name,
            "about": platform.about,
            "claims": claims_of(emulator, platform, now),
        })
    };
    json!({ "platforms": PLATFORMS.iter().map(platform).collect::<Vec<_>>() })
}

/// A token with chosen claims, signed with the key of the issuer that they name.
pub(crate) fn mint(
    emulator: &mut Emulator,
    request: &Request,
    now: Timestamp,
) -> Result<Response, String> {
    let document =
        strict::parse(request.body()).map_err(|fault| format!("the body is refused: {fault}"))?;
    let form: Form = serde_json::from_value(document)
        .map_err(|error| format!("the body is refused: {error}"))?;
    let mut claims = match &form.platform {
        Some(name) => {
            let platform = Platform::named(name).ok_or("`platform` is none of the platforms")?;
            claims_of(emulator, platform, now)
        }
        None => Map::new(),
    };
    claims.extend(form.claims);
    for (name, value) in [
        ("iat", json!(now.seconds())),
        ("nbf", json!(now.seconds())),
        ("exp", json!(now.plus_seconds(LIFE_SECONDS).seconds())),
        ("jti", json!(emulator.ids.uuid())),
    ] {
        claims.entry(name).or_insert(value);
    }
    claims.retain(|_, value| !value.is_null());
    let issuer = claims.get("iss").and_then(Value::as_str).unwrap_or_default();
    let signed = keys_of(emulator, issuer).current().sign(Some("JWT"), &claims);
    Ok(match signed {
        Ok(token) => json(200, &json!({ "token": token, "claims": claims })),
        Err(error) => internal_error(&error),
    })
}

/// What the tokens of a platform say, without their times.
fn claims_of(emulator: &mut Emulator, platform: &Platform, now: Timestamp) -> Map<String, Value> {
    let credential = (platform.credential)(&emulator.workbench(now));
    let found = sample(emulator, platform, now).and_then(|token| {
        let payload = base64url_decode(token.split('.').nth(1)?)?;
        match strict::parse(&payload) {
            Ok(Value::Object(claims))
                if claims.get("sub") == Some(&json!(credential.subject())) =>
            {
                Some(claims)
            }
            _ => None,
        }
    });
    let mut claims = found.unwrap_or_default();
    claims.retain(|name, _| !TIMES.contains(&name.as_str()));
    claims.insert("sub".to_owned(), credential.subject().into());
    claims.insert("iss".to_owned(), credential.issuer.into());
    claims.insert("aud".to_owned(), credential.audience.into());
    claims
}

/// A token that a workload finds on the platform without asking for it; that of GitHub's endpoint for GitHub.
fn sample(emulator: &mut Emulator, platform: &Platform, now: Timestamp) -> Option<String> {
    if platform.name == "github" {
        let job = emulator.settings.github_job.clone();
        return emulator.github_token(&job, None, now).ok();
    }
    let setup = (platform.setup)(&mut emulator.workbench(now), "").ok()?;
    let values = setup.variables.into_iter().map(|(_, value)| value);
    let mut values = values.chain(setup.files.into_iter().map(|(_, content)| content));
    values.find(|value| UnverifiedClaims::peek(value).is_ok())
}

/// The keys of an issuer. Tokens of an unknown one are signed with the platforms' key.
fn keys_of<'e>(emulator: &'e Emulator, issuer: &str) -> &'e KeyRing {
    let is_entra =
        [Version::V1, Version::V2].iter().any(|one| one.issuer(&emulator.settings) == issuer);
    if is_entra {
        &emulator.access_token_keys
    } else if issuer == emulator.github_issuer() {
        &emulator.github.keys
    } else if issuer == emulator.kubernetes_issuer() {
        &emulator.kubernetes.keys
    } else {
        &emulator.platform_keys
    }
}
