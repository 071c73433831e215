//! The scenarios, by theme. Each plays against a machine and becomes a transcript.

mod bad_input;
mod cache;
mod callback;
mod exchange;
mod flights;
mod management;
mod shared_cache;
mod sources;
mod transport;
mod verifier;

use crate::Recorder;
use crate::recorder::START;
use serde_json::{Value, json};

const TENANT: &str = "11111111-1111-1111-1111-111111111111";
const CLIENT: &str = "22222222-2222-2222-2222-222222222222";
const SCOPE: &str = "https://vault.azure.net/.default";

/// Every scenario, played: file names and texts.
#[must_use]
pub fn all() -> Vec<(String, String)> {
    let mut files = Vec::new();
    for theme in [
        exchange::all(),
        transport::all(),
        sources::all(),
        callback::all(),
        cache::all(),
        flights::all(),
        shared_cache::all(),
        bad_input::all(),
        verifier::all(),
        management::all(),
    ] {
        files.extend(theme.iter().map(Recorder::finish));
    }
    files
}

/// The usual configuration with some members changed.
fn config(changes: Value) -> Value {
    let mut config =
        json!({"tenant_id": TENANT, "client_id": CLIENT, "source": {"kind": "callback"}});
    extend(&mut config, changes);
    config
}

fn request() -> Value {
    json!({"scopes": [SCOPE]})
}

/// A workload token that lives for an hour from the start.
fn jwt() -> String {
    crate::workload_token("system:serviceaccount:default:app", START / 1000 + 3600)
}

fn issued(token: &str, expires_in: i64) -> Value {
    json!({"token_type": "Bearer", "expires_in": expires_in, "ext_expires_in": expires_in, "access_token": token})
}

/// An Entra error answer.
fn refusal(number: u32, error: &str, text: &str) -> Value {
    json!({
        "error": error,
        "error_description": format!("AADSTS{number}: {text}\r\nTrace ID: t-1\r\nCorrelation ID: c-1\r\nTimestamp: 2026-01-01 00:00:00Z"),
        "error_codes": [number],
        "timestamp": "2026-01-01 00:00:00Z",
        "trace_id": "t-1",
        "correlation_id": "c-1"
    })
}

/// Gets through the callback source; the next effect is the token request.
fn assertion(r: &mut Recorder, ticket: u64) {
    let effect = r.perform(ticket, "ask_host");
    r.resolve(effect, "answer", 0, "", jwt().as_bytes());
}

/// Sets members of an object.
fn extend(object: &mut Value, changes: Value) {
    if let (Some(object), Value::Object(changes)) = (object.as_object_mut(), changes) {
        object.extend(changes);
    }
}
