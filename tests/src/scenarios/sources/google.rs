//! Google Cloud's metadata server and IAM Credentials API.

use super::super::{CLIENT, TENANT, config, request};
use super::{Answer, exchange, refused};
use crate::Recorder;
use crate::recorder::START;
use serde_json::{Value, json};

const FLAVOR: &str = "metadata-flavor: Google";
const IDENTITY: &str = "http://metadata.google.internal/computeMetadata/v1/instance/service-accounts/default/identity?audience=api%3A%2F%2FAzureADTokenExchange";
const ACCOUNT: &str = "robot@project.iam.gserviceaccount.com";

pub(super) fn all() -> Vec<Recorder> {
    vec![
        metadata(),
        metadata_options(),
        metadata_refusals(),
        metadata_attempts(),
        environment(),
        service_account(),
        service_account_refusals(),
        host("foreign", "attacker.example"),
        host("link-local", "169.254.170.2"),
        host("path", "metadata.google.internal/x"),
        host("newline", "127.0.0.1\nx"),
        Recorder::refused(
            "source-google-refuses-endpoint",
            "The address of the IAM Credentials API points to a metadata service.",
            service_account_config(json!({"endpoint": "https://169.254.169.254"})),
            "config_invalid",
        ),
        Recorder::refused(
            "source-google-refuses-delegate",
            "A delegate that is not a service account's name.",
            service_account_config(json!({"delegates": ["a/b"]})),
            "config_invalid",
        ),
        Recorder::refused(
            "source-google-not-checked",
            "NO_GCE_CHECK turns detection off.",
            json!({"tenant_id": TENANT, "client_id": CLIENT, "environment": {
                "NO_GCE_CHECK": "true", "GCE_METADATA_HOST": "metadata.google.internal"
            }}),
            "source_not_found",
        ),
    ]
}

fn metadata_config(changes: Value) -> Value {
    let mut source = json!({"kind": "google_metadata"});
    if let (Some(source), Value::Object(changes)) = (source.as_object_mut(), changes) {
        source.extend(changes);
    }
    config(json!({ "source": source }))
}

fn metadata() -> Recorder {
    let mut r = Recorder::new(
        "source-google-metadata",
        "The answer of Google's metadata server is the token itself.",
        metadata_config(json!({})),
    );
    let t = r.begin(request());
    let step = r.poll(t, "perform");
    let effect = &step["effect"];
    assert_eq!(effect["url"], format!("{IDENTITY}&format=full"));
    assert_eq!(effect["headers"]["metadata-flavor"], "Google");
    assert_eq!(effect["direct"], true);
    r.resolve(effect["id"].as_u64().expect("id"), "http", 200, FLAVOR, super::jwt().as_bytes());
    exchange(&mut r, t, "token-1");
    r
}

fn metadata_options() -> Recorder {
    let mut r = Recorder::new(
        "source-google-metadata-options",
        "Another account, the short form, licenses, and an emulator on this machine.",
        config(json!({
            "source": {
                "kind": "google_metadata", "service_account": ACCOUNT, "format": "standard",
                "licenses": true, "audience": "api://other"
            },
            "environment": {"GCE_METADATA_ROOT": "127.0.0.1:988", "GCE_METADATA_TIMEOUT": "5"}
        })),
    );
    let t = r.begin(request());
    let step = r.poll(t, "perform");
    let effect = &step["effect"];
    assert_eq!(
        effect["url"],
        "http://127.0.0.1:988/computeMetadata/v1/instance/service-accounts/robot%40project.iam.gserviceaccount.com/identity?audience=api%3A%2F%2Fother&licenses=TRUE"
    );
    assert_eq!(effect["timeout_ms"], 5000);
    let token = crate::token_for("api://other", "1", START / 1000 + 3600);
    r.resolve(effect["id"].as_u64().expect("id"), "http", 200, FLAVOR, token.as_bytes());
    exchange(&mut r, t, "token-1");
    r
}

fn metadata_refusals() -> Recorder {
    let mut r = Recorder::new(
        "source-google-metadata-refusals",
        "The metadata server refuses, or something else answers in its place.",
        metadata_config(json!({})),
    );
    let other = crate::token_for("api://other", "1", START / 1000 + 3600);
    let expired = crate::workload_token("1", START / 1000 - 3600);
    let large = vec![b'a'; 64 * 1024 + 1];
    let token = super::jwt();
    let half = &token.as_bytes()[..token.len() / 2];
    let cases: [(Answer<'_>, &str); 11] = [
        (("http", 404, FLAVOR, b"not found"), "source_rejected"),
        (("http", 403, FLAVOR, b"Missing Metadata-Flavor"), "source_rejected"),
        (("http", 302, "location: https://evil.example", b""), "source_rejected"),
        (("http", 200, "", token.as_bytes()), "source_response_invalid"),
        (("http", 200, FLAVOR, b"<html>sign in</html>"), "source_response_invalid"),
        (("http", 200, FLAVOR, b""), "source_response_invalid"),
        (("http", 200, FLAVOR, b"\xff\xfe"), "source_response_invalid"),
        (("http", 200, FLAVOR, half), "source_response_invalid"),
        (("http", 200, FLAVOR, &large), "source_response_invalid"),
        (("http", 200, FLAVOR, other.as_bytes()), "source_audience_mismatch"),
        (("http", 200, FLAVOR, expired.as_bytes()), "assertion_expired"),
    ];
    for (answer, code) in cases {
        refused(&mut r, &[answer], code);
    }
    refused(&mut r, &[("failed", 0, "unsupported", b"no `direct`")], "source_unsupported");
    refused(&mut r, &[("failed", 0, "dns", b"")], "source_unreachable");
    r
}

fn metadata_attempts() -> Recorder {
    let mut r = Recorder::new(
        "source-google-metadata-attempts",
        "Five attempts, as Google's libraries make; the fifth succeeds.",
        metadata_config(json!({})),
    );
    let t = r.begin(request());
    for attempt in 1..=5 {
        let e = r.perform(t, "http");
        if attempt == 5 {
            r.resolve(e, "http", 200, FLAVOR, super::jwt().as_bytes());
            break;
        }
        r.resolve(e, "http", 503, FLAVOR, b"");
        let step = r.poll(t, "perform");
        r.wait(step["effect"]["until"].as_i64().expect("until") - r.now());
        r.resolve(step["effect"]["id"].as_u64().expect("id"), "elapsed", 0, "", b"");
    }
    exchange(&mut r, t, "token-1");
    r
}

fn environment() -> Recorder {
    let mut r = Recorder::new(
        "environment-google",
        "A variable of Google's libraries names the metadata server.",
        json!({"tenant_id": TENANT, "client_id": CLIENT, "environment": {
            "GCE_METADATA_HOST": "metadata.google.internal", "NO_GCE_CHECK": "false"
        }}),
    );
    let t = r.begin(request());
    let e = r.perform(t, "http");
    r.resolve(e, "http", 200, FLAVOR, super::jwt().as_bytes());
    exchange(&mut r, t, "token-1");
    r
}

fn service_account_config(changes: Value) -> Value {
    let mut source = json!({"kind": "google_service_account", "service_account": ACCOUNT});
    if let (Some(source), Value::Object(changes)) = (source.as_object_mut(), changes) {
        source.extend(changes);
    }
    config(json!({ "source": source }))
}

const ACCESS_TOKEN: &[u8] =
    br#"{"access_token":"ya29.access","expires_in":3599,"token_type":"Bearer"}"#;

fn service_account() -> Recorder {
    let mut r = Recorder::new(
        "source-google-service-account",
        "generateIdToken with an access token of the metadata server, by delegates, with the email address.",
        service_account_config(
            json!({"delegates": ["first@project.iam.gserviceaccount.com"], "include_email": true}),
        ),
    );
    let t = r.begin(request());
    let step = r.poll(t, "perform");
    let url = step["effect"]["url"].as_str().expect("a URL");
    assert!(url.ends_with("/service-accounts/default/token"), "{url}");
    r.resolve(step["effect"]["id"].as_u64().expect("id"), "http", 200, FLAVOR, ACCESS_TOKEN);
    let step = r.poll(t, "perform");
    let effect = &step["effect"];
    assert_eq!(
        effect["url"],
        "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/robot%40project.iam.gserviceaccount.com:generateIdToken"
    );
    assert_eq!(effect["headers"]["authorization"], "Bearer ya29.access");
    assert_eq!(
        effect["body"],
        r#"{"audience":"api://AzureADTokenExchange","includeEmail":true,"delegates":["projects/-/serviceAccounts/first@project.iam.gserviceaccount.com"]}"#
    );
    r.http(effect["id"].as_u64().expect("id"), 200, json!({"token": super::jwt()}));
    exchange(&mut r, t, "token-1");
    r
}

fn service_account_refusals() -> Recorder {
    let mut r = Recorder::new(
        "source-google-service-account-refusals",
        "Either server refuses or answers something else; a later good call works.",
        service_account_config(json!({})),
    );
    for (status, head, body, code) in [
        (404, FLAVOR, &b"no account"[..], "source_rejected"),
        (200, FLAVOR, b"ya29.access", "source_response_invalid"),
        (200, FLAVOR, br#"{"access_token":7}"#, "source_response_invalid"),
        (200, FLAVOR, br#"{"access_token":"a\nb"}"#, "source_response_invalid"),
        (200, "", ACCESS_TOKEN, "source_response_invalid"),
    ] {
        refused(&mut r, &[("http", status, head, body)], code);
    }
    for (status, body, code) in [
        (403, &br#"{"error":{"code":403,"status":"PERMISSION_DENIED"}}"#[..], "source_rejected"),
        (401, b"{}", "source_rejected"),
        (400, b"{}", "source_rejected"),
        (200, b"{}", "source_response_invalid"),
        (200, br#"{"token":["a"]}"#, "source_response_invalid"),
        (200, b"<html>", "source_response_invalid"),
    ] {
        refused(&mut r, &[("http", 200, FLAVOR, ACCESS_TOKEN), ("http", status, "", body)], code);
    }
    let t = r.begin(request());
    let e = r.perform(t, "http");
    r.resolve(e, "http", 200, FLAVOR, ACCESS_TOKEN);
    let e = r.perform(t, "http");
    r.http(e, 200, json!({"token": super::jwt()}));
    exchange(&mut r, t, "token-1");
    r
}

fn host(name: &'static str, host: &str) -> Recorder {
    let name = format!("source-google-refuses-{name}");
    Recorder::refused(
        name.leak(),
        "GCE_METADATA_HOST names another host than Google's metadata server or this machine.",
        config(json!({
            "source": {"kind": "google_metadata"},
            "environment": {"GCE_METADATA_HOST": host}
        })),
        "config_invalid",
    )
}
