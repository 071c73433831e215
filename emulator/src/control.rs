//! Control paths below `/emulator`, by which tests in any language inspect and change the emulator.

use crate::access_token_request;
use crate::credentials_request;
use crate::emulator::{Emulator, Rotation};
use crate::events::ClientEvent;
use crate::faults_request;
use crate::reply::{Response, internal_error, json, not_found, response};
use crate::request::{Request, header, query};
use crate::workload_token_request;
use serde_json::{Value, json};
use workload_identity_core::Timestamp;

/// Method, path and meaning of the control paths, for `--help`.
pub const CONTROL_PATHS: &[(&str, &str, &str)] = &[
    ("GET", "/emulator/token-requests", "the number of token requests: {\"token_requests\":N}"),
    ("GET", "/emulator/token-requests/last", "the last requests with headers and decoded fields"),
    ("DELETE", "/emulator/token-requests", "reset the number"),
    ("POST", "/emulator/faults", "add the faults of the body, one a line"),
    ("GET", "/emulator/faults", "the active faults, and all that there are"),
    ("PUT", "/emulator/faults", "replace all faults by those of the body, one a line"),
    ("DELETE", "/emulator/faults", "remove all faults"),
    ("POST", "/emulator/rotate", "new workload key; ?key=access_token, ?withdraw=true"),
    ("GET", "/emulator/credentials", "the application's credentials; ?client_id= of the identity"),
    (
        "POST",
        "/emulator/credentials",
        "add one: form with issuer, subject or expression, audience, name, client_id",
    ),
    (
        "PUT",
        "/emulator/credentials",
        "change one: form as above; its name, or former_issuer and former_subject",
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
    ("GET", "/emulator/events", "events as server-sent events; Last-Event-ID or ?after=N"),
    ("GET", "/emulator/events/N", "everything about one event"),
    ("DELETE", "/emulator/events", "forget all events"),
    (
        "POST",
        "/emulator/client-events",
        "report a cache or refresh event: JSON with event, client, scope, message, code, fresh_until",
    ),
    ("GET", "/emulator/platforms", "the platforms, with the claims of their tokens"),
    ("POST", "/emulator/workload-token", "a workload token: JSON with platform, claims"),
    ("GET", "/emulator/facts", "the output of `wif emulator --json`"),
];

/// Answers a control request. `path` is without `/emulator/`.
pub(crate) fn answer(
    emulator: &mut Emulator,
    path: &str,
    request: &Request,
    now: Timestamp,
) -> Response {
    let method = match request.method().as_str() {
        // The host sends no body of it.
        "HEAD" => "GET",
        method => method,
    };
    match (method, path) {
        ("GET", "token-requests") => json(200, &emulator.token_requests.count_document()),
        ("GET", "token-requests/last") => json(200, &emulator.token_requests.document()),
        ("DELETE", "token-requests") => {
            emulator.token_requests.reset();
            done()
        }
        ("GET", "faults") => json(200, &faults_request::list(emulator)),
        ("POST", "faults") => outcome(faults_request::add(emulator, request, now)),
        ("PUT", "faults") => outcome(faults_request::replace(emulator, request, now)),
        ("DELETE", "faults") => {
            faults_request::clear(emulator, now);
            done()
        }
        ("POST", "rotate") => rotate(emulator, request),
        ("GET", "credentials") => match credentials_request::list(emulator, request) {
            Ok(credentials) => json(200, &credentials),
            Err(reason) => refused(&reason),
        },
        ("POST", "credentials") => outcome(credentials_request::add(emulator, request, now)),
        ("PUT", "credentials") => outcome(credentials_request::change(emulator, request, now)),
        ("DELETE", "credentials") => outcome(credentials_request::remove(emulator, request, now)),
        ("POST", "access-token") => access_token_request::mint(emulator, request, now)
            .unwrap_or_else(|reason| refused(&reason)),
        ("PUT", "access-token") => outcome(access_token_request::configure(emulator, request)),
        ("DELETE", "metadata") => {
            emulator.forget_metadata();
            done()
        }
        ("GET", "facts") => json(200, &emulator.facts()),
        ("DELETE", "events") => {
            emulator.events.clear();
            done()
        }
        ("POST", "client-events") => match ClientEvent::parse(request.body()) {
            Ok(event) => {
                emulator.events.reported(event, now);
                done()
            }
            Err(reason) => refused(&reason),
        },
        ("GET", "platforms") => json(200, &workload_token_request::platforms(emulator, now)),
        ("POST", "workload-token") => workload_token_request::mint(emulator, request, now)
            .unwrap_or_else(|reason| refused(&reason)),
        ("GET", path) => match event(emulator, path) {
            Some(event) => json(200, &event),
            None => not_found(),
        },
        _ => not_found(),
    }
}

/// The head of the stream of events, and the number of the last event that the reader has.
pub(crate) fn event_stream(request: &Request) -> (Response, u64) {
    let last = header(request, "last-event-id").map(str::to_owned);
    let after = last.or_else(|| query(request, "after")).and_then(|text| text.parse().ok());
    (response(200, "text/event-stream", ""), after.unwrap_or(0))
}

/// The refusal of a request that another page sends.
pub(crate) fn forbidden(reason: &str) -> Response {
    json(403, &json!({ "error": reason }))
}

fn event(emulator: &Emulator, path: &str) -> Option<Value> {
    emulator.events.detail(path.strip_prefix("events/")?.parse().ok()?)
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
