//! Managed identities on each of their hosts.

mod answers;
mod app_service;
mod arc;
mod imds;
mod other_hosts;
mod refused;

use crate::Recorder;
use crate::recorder::START;
use crate::scenarios::config;
use serde_json::{Value, json};

const KIND: &str = "managed_identity";
const IDENTITY: &str = "33333333-3333-3333-3333-333333333333";
const RESOURCE_ID: &str = "/subscriptions/s/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/i";
const KEY_FILE: &str = "/var/opt/azcmagent/tokens/9f3c0a1e.key";
const THUMBPRINT: &str = "0123456789ABCDEF0123456789ABCDEF01234567";

pub(super) fn all() -> Vec<Recorder> {
    vec![
        imds::imds(),
        imds::imds_retries(),
        imds::imds_failures(),
        app_service::app_service(),
        app_service::app_service_detected(),
        other_hosts::service_fabric(),
        other_hosts::azure_ml(),
        other_hosts::cloud_shell(),
        arc::arc(),
        arc::arc_challenges(),
        arc::arc_key_files(),
        answers::answers(),
        answers::audiences(),
        answers::kept_until_expiry(),
        refused::refused_selectors(),
        refused::refused_addresses(),
        refused::refused_variables(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn on(environment: &Value, members: Value) -> Value {
    let mut source = json!({"kind": KIND});
    if let (Some(source), Value::Object(members)) = (source.as_object_mut(), members) {
        source.extend(members);
    }
    config(json!({"source": source, "environment": environment}))
}

fn app_service_variables() -> Value {
    json!({
        "IDENTITY_ENDPOINT": "http://169.254.129.2:8081/msi/token",
        "IDENTITY_HEADER": "identity-header",
        "MSI_ENDPOINT": "http://169.254.129.2:8081/msi/token",
        "MSI_SECRET": "identity-header",
    })
}

fn arc_variables() -> Value {
    json!({
        "IDENTITY_ENDPOINT": "http://localhost:40342/metadata/identity/oauth2/token",
        "IMDS_ENDPOINT": "http://localhost:40342",
    })
}

/// The request of the next effect, which must be this one.
fn asked(r: &mut Recorder, ticket: u64, url: &str) -> (u64, Value) {
    let step = r.poll(ticket, "perform");
    assert_eq!(step["effect"]["url"], url, "{step}");
    assert_eq!(step["effect"]["direct"], true, "{step}");
    (step["effect"]["id"].as_u64().expect("id"), step["effect"].clone())
}

fn answer(token: &str) -> Value {
    json!({
        "access_token": token,
        "client_id": IDENTITY,
        "expires_in": "86399",
        "expires_on": (START / 1000 + 86_400).to_string(),
        "ext_expires_in": "86399",
        "not_before": (START / 1000).to_string(),
        "resource": "api://AzureADTokenExchange",
        "token_type": "Bearer",
    })
}

fn sleep(r: &mut Recorder, ticket: u64, milliseconds: i64) {
    let step = r.poll(ticket, "perform");
    assert_eq!(step["effect"]["kind"], "sleep", "{step}");
    assert_eq!(step["effect"]["until"].as_i64().expect("until") - r.now(), milliseconds);
    r.wait(milliseconds);
    r.resolve(step["effect"]["id"].as_u64().expect("id"), "elapsed", 0, "", b"");
}

fn service_fabric_variables() -> Value {
    json!({
        "IDENTITY_ENDPOINT": "https://10.0.0.4:2377/metadata/identity/oauth2/token",
        "IDENTITY_HEADER": "identity-header",
        "IDENTITY_SERVER_THUMBPRINT": THUMBPRINT,
    })
}
