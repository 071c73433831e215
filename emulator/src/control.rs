//! Control paths below `/emulator`, by which tests in any language inspect and change the emulator.

use crate::access_token_request;
use crate::credentials_request;
use crate::emulator::{Emulator, Rotation};
use crate::faults::Fault;
use crate::reply::{Response, internal_error, json, not_found};
use crate::request::{Request, query};
use serde_json::json;
use workload_identity_core::Timestamp;

/// Method, path and meaning of the control paths, for `--help`.
pub const CONTROL_PATHS: &[(&str, &str, &str)] = &[
    ("GET", "/emulator/token-requests", "the number of token requests: {\"token_requests\":N}"),
    ("GET", "/emulator/token-requests/last", "the last requests with headers and decoded fields"),
    ("DELETE", "/emulator/token-requests", "reset the number"),
    ("POST", "/emulator/faults", "add the faults of the body, one a line"),
    ("DELETE", "/emulator/faults", "remove all faults"),
    ("POST", "/emulator/rotate", "new workload key; ?key=access_token, ?withdraw=true"),
    ("GET", "/emulator/credentials", "the application's credentials; ?client_id= of the identity"),
    (
        "POST",
        "/emulator/credentials",
        "add one: form with issuer, subject or expression, audience, name, client_id",
    ),
    ("DELETE", "/emulator/credentials", "remove one: form with name, or issuer and subject"),
    (
        "POST",
        "/emulator/access-token",
        "an access token: JSON with audience, roles, scopes, claims, version",
    ),
    (
        "PUT",
        "/emulator/access-token",
        "what later access tokens say: JSON with roles, scopes, claims",
    ),
    ("DELETE", "/emulator/metadata", "empty the cache of issuers' keys"),
    ("GET", "/emulator/facts", "the output of `wif emulator --json`"),
];

/// Answers a control request. `path` is without `/emulator/`.
pub(crate) fn answer(
    emulator: &mut Emulator,
    path: &str,
    request: &Request,
    now: Timestamp,
) -> Response {
    match (request.method().as_str(), path) {
        ("GET", "token-requests") => json(200, &emulator.token_requests.count_document()),
        ("GET", "token-requests/last") => json(200, &emulator.token_requests.document()),
        ("DELETE", "token-requests") => {
            emulator.token_requests.reset();
            done()
        }
        ("POST", "faults") => add_faults(emulator, request),
        ("DELETE", "faults") => {
            emulator.clear_faults();
            done()
        }
        ("POST", "rotate") => rotate(emulator, request),
        ("GET", "credentials") => match credentials_request::list(emulator, request) {
            Ok(credentials) => json(200, &credentials),
            Err(reason) => refused(&reason),
        },
        ("POST", "credentials") => outcome(credentials_request::add(emulator, request)),
        ("DELETE", "credentials") => outcome(credentials_request::remove(emulator, request)),
        ("POST", "access-token") => access_token_request::mint(emulator, request, now)
            .unwrap_or_else(|reason| refused(&reason)),
        ("PUT", "access-token") => outcome(access_token_request::configure(emulator, request)),
        ("DELETE", "metadata") => {
            emulator.forget_metadata();
            done()
        }
        ("GET", "facts") => json(200, &emulator.facts()),
        _ => not_found(),
    }
}

fn add_faults(emulator: &mut Emulator, request: &Request) -> Response {
    let text = String::from_utf8_lossy(request.body());
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    match lines.map(str::parse).collect::<Result<Vec<Fault>, _>>() {
        Ok(faults) => {
            for fault in faults {
                emulator.fault(fault);
            }
            done()
        }
        Err(error) => refused(&error.to_string()),
    }
}

fn rotate(emulator: &mut Emulator, request: &Request) -> Response {
    let rotation = match query(request, "key").as_deref() {
        None | Some("workload") => Rotation::Workload,
        Some("access_token") => Rotation::AccessToken,
        Some(_) => return refused("`key` is `workload` or `access_token`"),
    };
    let withdraw = query(request, "withdraw").is_some_and(|value| value == "true");
    match emulator.rotate(rotation, withdraw) {
        Ok(()) => done(),
        Err(error) => internal_error(&error),
    }
}

fn outcome(result: Result<(), String>) -> Response {
    match result {
        Ok(()) => done(),
        Err(reason) => refused(&reason),
    }
}

fn done() -> Response {
    json(200, &json!({}))
}

fn refused(reason: &str) -> Response {
    json(400, &json!({ "error": reason }))
}
