//! Scenarios of the manager (`docs/protocol.md`, section 11).

mod applying;
mod in_doubt;
mod reading;
mod refusals;
mod requests;
mod writing;

use crate::Recorder;
use serde_json::{Value, json};

const APP: &str = "33333333-3333-3333-3333-333333333333";
const GRAPH: &str = "https://graph.microsoft.com/v1.0/applications(appId='33333333-3333-3333-3333-333333333333')/federatedIdentityCredentials";
const BETA: &str = "https://graph.microsoft.com/beta/applications(appId='33333333-3333-3333-3333-333333333333')/federatedIdentityCredentials";
const IDENTITY: &str = "/subscriptions/44444444-4444-4444-4444-444444444444/resourceGroups/group/providers/Microsoft.ManagedIdentity/userAssignedIdentities/mine";
const ISSUER: &str = "https://token.actions.githubusercontent.com";
const AUDIENCE: &str = "api://AzureADTokenExchange";

pub(super) fn all() -> Vec<Recorder> {
    [
        reading::all(),
        writing::all(),
        in_doubt::all(),
        applying::all(),
        refusals::all(),
        requests::all(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The application at the public cloud.
fn app() -> Value {
    json!({"identity": {"app_id": APP}})
}

/// The managed identity at the public cloud.
fn managed() -> Value {
    json!({"identity": {"managed_identity": IDENTITY}})
}

fn arm(item: &str, version: &str) -> String {
    format!(
        "https://management.azure.com{IDENTITY}/federatedIdentityCredentials{item}?api-version={version}"
    )
}

/// A credential in a request.
fn credential(name: &str, subject: &str) -> Value {
    json!({"name": name, "issuer": ISSUER, "subject": subject})
}

/// The same as Microsoft Graph stores it.
fn stored(name: &str, subject: &str) -> Value {
    json!({"id": format!("id-{name}"), "name": name, "issuer": ISSUER, "subject": subject, "description": null, "audiences": [AUDIENCE]})
}

/// The same as ARM stores it.
fn stored_at_arm(name: &str, subject: &str) -> Value {
    json!({
        "id": format!("{IDENTITY}/federatedIdentityCredentials/{name}"),
        "name": name,
        "type": "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials",
        "properties": {"issuer": ISSUER, "subject": subject, "audiences": [AUDIENCE]}
    })
}

fn page(credentials: &[Value]) -> Value {
    json!({"value": credentials})
}

impl Recorder {
    /// Gives the access token.
    fn authorized(&mut self, ticket: u64) -> &mut Self {
        let effect = self.perform(ticket, "ask_host");
        self.resolve(effect, "answer", 0, "", b"the-access-token");
        self
    }

    /// `poll`, which must hand out this request; returns the effect and its body.
    fn sends(&mut self, ticket: u64, method: &str, url: &str) -> (u64, Value) {
        let step = self.poll(ticket, "perform");
        let effect = &step["effect"];
        assert_eq!(effect["method"], method, "{}: {step}", self.name());
        assert_eq!(effect["url"], url, "{}: {step}", self.name());
        assert_eq!(effect["headers"]["authorization"], "Bearer the-access-token");
        let body = effect["body"].as_str().expect("text");
        let body = if body.is_empty() { Value::Null } else { crate::player::value(body) };
        (effect["id"].as_u64().expect("an id"), body)
    }

    /// Answers the next request, which must be the list.
    fn lists(&mut self, ticket: u64, url: &str, credentials: &[Value]) -> &mut Self {
        let (effect, _) = self.sends(ticket, "GET", url);
        self.http(effect, 200, page(credentials));
        self
    }

    /// Lets a pause end.
    fn pauses(&mut self, ticket: u64) -> &mut Self {
        let step = self.poll(ticket, "perform");
        let until = step["effect"]["until"].as_i64().expect("a pause");
        let effect = step["effect"]["id"].as_u64().expect("an id");
        self.wait(until - self.now());
        self.resolve(effect, "elapsed", 0, "", b"");
        self
    }

    /// `poll`, which must be done with the value.
    fn gives(&mut self, ticket: u64, value: Value) {
        let step = self.poll(ticket, "done");
        assert_eq!(step["value"], value, "{}: {step}", self.name());
        self.end(ticket);
    }

    /// `poll`, which must fail with the code, and `end`.
    fn refuses(&mut self, ticket: u64, code: &str) -> Value {
        let step = self.fail(ticket, code);
        self.end(ticket);
        step["error"].clone()
    }
}

/// A credential of an answer.
fn shown(name: &str, subject: &str) -> Value {
    json!({"name": name, "issuer": ISSUER, "subject": subject, "audience": AUDIENCE, "id": format!("id-{name}")})
}
