//! Platforms whose command or agent gives a token for an audience.

use super::ci::{detected, token_for};
use super::{exchange, request};
use crate::Recorder;
use crate::scenarios::{CLIENT, TENANT, config};
use serde_json::{Value, json};

const AUDIENCE: &str = "api://AzureADTokenExchange";

pub(super) fn all() -> Vec<Recorder> {
    vec![
        circleci_command(),
        circleci_failures(),
        buildkite(),
        buildkite_failures(),
        fly(),
        fly_failures(),
    ]
}

fn circleci_command() -> Recorder {
    let mut r = Recorder::new(
        "source-circleci-command",
        "A token with an audience of the caller's choice comes from CircleCI's command.",
        config(json!({"source": {"kind": "circleci", "audience": AUDIENCE, "root_issuer": true}})),
    );
    let t = r.begin(request());
    let step = r.poll(t, "perform");
    assert_eq!(
        step["effect"]["payload"]["command"],
        json!([
            "circleci",
            "run",
            "oidc",
            "get",
            "--claims",
            r#"{"aud":"api://AzureADTokenExchange"}"#,
            "--root-issuer"
        ])
    );
    let e = step["effect"]["id"].as_u64().expect("id");
    r.resolve(e, "answer", 0, "", format!("{}\n", token_for(AUDIENCE)).as_bytes());
    exchange(&mut r, t, "token-1");
    r
}

fn circleci_failures() -> Recorder {
    let mut r = Recorder::new(
        "source-circleci-failures",
        "CircleCI's command is missing, fails, hangs, prints nothing, or a token for another audience.",
        config(json!({"source": {"kind": "circleci", "audience": AUDIENCE}})),
    );
    let other = token_for("other");
    let cases: [(&str, &str, &[u8], &str); 7] = [
        ("failed", "not_found", b"", "source_unreachable"),
        ("failed", "unsupported", b"", "source_unsupported"),
        ("failed", "timeout", b"", "source_unreachable"),
        ("failed", "other", b"exit status 1", "source_rejected"),
        ("answer", "", b"\n", "source_response_invalid"),
        ("answer", "", b"\xff", "source_response_invalid"),
        ("answer", "", other.as_bytes(), "source_audience_mismatch"),
    ];
    for (kind, head, body, code) in cases {
        let t = r.begin(request());
        let e = r.perform(t, "ask_host");
        r.resolve(e, kind, 0, head, body);
        r.fail(t, code);
        r.end(t);
    }
    r
}

fn buildkite_environment() -> Value {
    json!({
        "BUILDKITE_AGENT_ACCESS_TOKEN": "agent-token",
        "BUILDKITE_JOB_ID": "0190046e-e199-453b-a302-a21a4d649d31",
        "BUILDKITE_AGENT_ENDPOINT": "https://agent.example/v3/"
    })
}

fn buildkite() -> Recorder {
    let mut r = Recorder::new(
        "source-buildkite",
        "Buildkite's agent API is asked for a token with a stable subject; a 503 is retried.",
        json!({
            "tenant_id": TENANT,
            "client_id": CLIENT,
            "environment": buildkite_environment(),
            "source": {"kind": "buildkite", "subject_claim": "pipeline_id", "lifetime": 600, "claims": ["organization_id"]}
        }),
    );
    let t = r.begin(request());
    let step = r.poll(t, "perform");
    let effect = &step["effect"];
    assert_eq!(
        effect["url"],
        "https://agent.example/v3/jobs/0190046e-e199-453b-a302-a21a4d649d31/oidc/tokens"
    );
    assert_eq!(effect["headers"]["authorization"], "Token agent-token");
    assert_eq!(
        effect["body"],
        r#"{"audience":"api://AzureADTokenExchange","lifetime":600,"claims":["organization_id"],"subject_claim":"pipeline_id"}"#
    );
    r.http(effect["id"].as_u64().expect("id"), 503, json!({}));
    super::pause(&mut r, t);
    let e = r.perform(t, "http");
    r.http(e, 200, json!({"token": token_for(AUDIENCE)}));
    exchange(&mut r, t, "token-1");
    r
}

fn buildkite_failures() -> Recorder {
    let mut r = Recorder::new(
        "source-buildkite-failures",
        "Buildkite refuses, answers without a token or with one for another audience.",
        detected(buildkite_environment()),
    );
    let refusal = json!({"message": "Invalid access token"}).to_string();
    let other = json!({"token": token_for("https://buildkite.com/acme")}).to_string();
    for (status, body, code) in [
        (401, refusal.as_str(), "source_rejected"),
        (404, "{}", "source_rejected"),
        (307, "", "source_rejected"),
        (200, r#"{"token":7}"#, "source_response_invalid"),
        (200, r#"{"value":"a"}"#, "source_response_invalid"),
        (200, "<html>", "source_response_invalid"),
        (200, &other, "source_audience_mismatch"),
    ] {
        let t = r.begin(request());
        let e = r.perform(t, "http");
        r.resolve(e, "http", status, "", body.as_bytes());
        r.fail(t, code);
        r.end(t);
    }
    r
}

fn fly() -> Recorder {
    let mut r = Recorder::new(
        "source-fly",
        "A machine of Fly.io gets its token over a Unix socket.",
        json!({"tenant_id": TENANT, "client_id": CLIENT, "environment_paths": ["/.fly/api"]}),
    );
    let t = r.begin(request());
    let step = r.poll(t, "perform");
    let effect = &step["effect"];
    assert_eq!(effect["unix_socket"], "/.fly/api");
    assert_eq!(effect["direct"], true);
    assert_eq!(effect["body"], r#"{"aud":"api://AzureADTokenExchange"}"#);
    let e = effect["id"].as_u64().expect("id");
    r.resolve(e, "http", 200, "", token_for(AUDIENCE).as_bytes());
    exchange(&mut r, t, "token-1");
    r
}

fn fly_failures() -> Recorder {
    let mut r = Recorder::new(
        "source-fly-failures",
        "Fly.io's socket is beyond the runtime, refuses, or answers something else.",
        config(json!({"source": {"kind": "fly", "audience": "other"}})),
    );
    let large = "a".repeat(16 * 1024 + 1);
    for (kind, status, head, body, code) in [
        ("failed", 0, "unsupported", "no Unix sockets here", "source_unsupported"),
        ("http", 403, "", "denied", "source_rejected"),
        ("http", 200, "", "", "source_response_invalid"),
        ("http", 200, "", large.as_str(), "source_response_invalid"),
        ("http", 200, "", "<html>", "assertion_malformed"),
        ("http", 200, "", &token_for(AUDIENCE), "source_audience_mismatch"),
    ] {
        let t = r.begin(request());
        let e = r.perform(t, "http");
        r.resolve(e, kind, status, head, body.as_bytes());
        r.fail(t, code);
        r.end(t);
    }
    r
}
