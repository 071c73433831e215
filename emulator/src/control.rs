//! Control paths below `/emulator`, by which tests in any language inspect and change the emulator.

use crate::access_token_request;
use crate::emulator::{Emulator, Rotation};
use crate::entra::federated_credentials::Credential;
use crate::faults::Fault;
use crate::reply::{Response, internal_error, json, not_found};
use crate::request::{Request, form_fields, query};
use serde_json::{Value, json};
use workload_identity_core::Timestamp;

/// Method, path and meaning of the control paths, for `--help`.
pub const CONTROL_PATHS: &[(&str, &str, &str)] = &[
    ("GET", "/emulator/token-requests", "the number of token requests: {\"token_requests\":N}"),
    ("GET", "/emulator/token-requests/last", "the last requests with headers and decoded fields"),
    ("DELETE", "/emulator/token-requests", "reset the number"),
    ("POST", "/emulator/faults", "add the faults of the body, one a line"),
    ("DELETE", "/emulator/faults", "remove all faults"),
    ("POST", "/emulator/rotate", "new workload key; ?key=access_token, ?withdraw=true"),
    ("GET", "/emulator/credentials", "the trusted credentials"),
    ("POST", "/emulator/credentials", "add one: form with issuer, subject, audience"),
    ("DELETE", "/emulator/credentials", "remove one: form with issuer, subject"),
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
        ("GET", "credentials") => json(200, &credentials(emulator)),
        ("POST", "credentials") => add_credential(emulator, request),
        ("DELETE", "credentials") => remove_credential(emulator, request),
        ("POST", "access-token") => access_token_request::mint(emulator, request, now)
            .unwrap_or_else(|reason| refused(&reason)),
        ("PUT", "access-token") => match access_token_request::configure(emulator, request) {
            Ok(()) => done(),
            Err(reason) => refused(&reason),
        },
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

fn credentials(emulator: &Emulator) -> Value {
    let document = |credential: &Credential| {
        json!({
            "issuer": credential.issuer,
            "subject": credential.subject,
            "audience": credential.audience,
        })
    };
    let credentials: Vec<Value> = emulator.credentials().iter().map(document).collect();
    json!({ "credentials": credentials })
}

fn add_credential(emulator: &mut Emulator, request: &Request) -> Response {
    let field = fields(request);
    let credential = Credential {
        issuer: field("issuer").unwrap_or_default(),
        subject: field("subject").unwrap_or_default(),
        audience: field("audience").unwrap_or_else(|| emulator.settings().audience.clone()),
    };
    match emulator.trust(credential) {
        Ok(()) => done(),
        Err(error) => refused(&error.to_string()),
    }
}

fn remove_credential(emulator: &mut Emulator, request: &Request) -> Response {
    let field = fields(request);
    let (issuer, subject) = (field("issuer"), field("subject"));
    if emulator.distrust(&issuer.unwrap_or_default(), &subject.unwrap_or_default()) {
        done()
    } else {
        refused("there is no such credential")
    }
}

/// Looks up the fields of a form body.
fn fields(request: &Request) -> impl Fn(&str) -> Option<String> + use<> {
    let fields = form_fields(request);
    move |name| fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
}

fn done() -> Response {
    json(200, &json!({}))
}

fn refused(reason: &str) -> Response {
    json(400, &json!({ "error": reason }))
}
