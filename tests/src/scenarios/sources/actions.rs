//! The token endpoint of an Actions job.

use super::ci::{detected, token_for};
use super::{exchange, jwt, request};
use crate::Recorder;
use crate::scenarios::{CLIENT, SCOPE, TENANT, config};
use serde_json::{Value, json};

const AUDIENCE: &str = "api://AzureADTokenExchange";

pub(super) fn all() -> Vec<Recorder> {
    vec![
        github(),
        github_failures(),
        environment_github(),
        github_quotes(),
        github_other_audience(),
        forgejo(),
    ]
}

fn github_environment(changes: Value) -> Value {
    let mut environment = json!({
        "GITHUB_ACTIONS": "true",
        "ACTIONS_ID_TOKEN_REQUEST_URL": "https://pipelines.example/token?api-version=2.0",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "request-token"
    });
    if let (Some(environment), Value::Object(changes)) = (environment.as_object_mut(), changes) {
        environment.extend(changes);
    }
    environment
}

fn github_quotes() -> Recorder {
    let mut r = Recorder::new(
        "source-github-quotes",
        "What GitHub says of a refusal is shown, without tokens; a message with the request token is not. 404 says what to check.",
        detected(github_environment(json!({"GITHUB_SERVER_URL": "https://github.com"}))),
    );
    for (status, said) in [
        (401, "Token eyJhbGciOiJSUzI1NiJ9.e30.c2ln has expired"),
        (403, "the token request-token is not known"),
        (404, "Not Found"),
        (400, ""),
    ] {
        let t = r.begin(request());
        let e = r.perform(t, "http");
        r.http(e, status, json!({"message": said}));
        let step = r.fail(t, "source_rejected");
        let message = step["error"]["message"].as_str().expect("a message");
        assert!(!message.contains("eyJ") && !message.contains("request-token"), "{message}");
        r.end(t);
    }
    r
}

fn github_other_audience() -> Recorder {
    let mut r = Recorder::new(
        "source-github-other-audience",
        "GitHub Enterprise Server gives a token for another audience than the one asked for.",
        detected(github_environment(json!({"GITHUB_SERVER_URL": "https://github.corp.example"}))),
    );
    let t = r.begin(request());
    let e = r.perform(t, "http");
    r.http(e, 200, json!({"value": token_for("https://github.com/octo-org")}));
    r.fail(t, "source_audience_mismatch");
    r.end(t);
    let t = r.begin(request());
    let e = r.perform(t, "http");
    r.http(e, 200, json!({"value": token_for(AUDIENCE)}));
    exchange(&mut r, t, "token-1");
    r
}

fn forgejo() -> Recorder {
    let mut r = Recorder::new(
        "source-forgejo",
        "Forgejo's runner sets GitHub's variables, too; messages name Forgejo.",
        detected(github_environment(json!({
            "FORGEJO_ACTIONS": "true",
            "GITEA_ACTIONS": "true",
            "GITHUB_SERVER_URL": "https://codeberg.example",
            "ACTIONS_ID_TOKEN_REQUEST_URL":
                "https://codeberg.example/api/actions/_apis/pipelines/workflows/1/idtoken?placeholder=true"
        }))),
    );
    let t = r.begin(request());
    let step = r.poll(t, "perform");
    assert!(
        step["effect"]["url"].as_str().expect("url").contains("?placeholder=true&audience=api")
    );
    r.http(step["effect"]["id"].as_u64().expect("id"), 403, json!({}));
    let step = r.fail(t, "source_rejected");
    assert!(step["error"]["message"].as_str().expect("text").contains("enable-openid-connect"));
    r.end(t);
    r
}

fn github_config() -> Value {
    config(json!({"source": {
        "kind": "github",
        "request_url": "https://pipelines.example/token?api-version=2.0",
        "request_token": "request-token"
    }}))
}

fn github() -> Recorder {
    let mut r = Recorder::new(
        "source-github",
        "GitHub's endpoint is asked with the cloud's exchange audience; a 502 is retried.",
        github_config(),
    );
    let t = r.begin(request());
    let step = r.poll(t, "perform");
    assert_eq!(
        step["effect"]["url"],
        "https://pipelines.example/token?api-version=2.0&audience=api%3A%2F%2FAzureADTokenExchange"
    );
    r.resolve(step["effect"]["id"].as_u64().expect("id"), "http", 502, "", b"");
    super::pause(&mut r, t);
    let e = r.perform(t, "http");
    r.http(e, 200, json!({"count": 1, "value": jwt()}));
    exchange(&mut r, t, "token-1");
    r
}

fn github_failures() -> Recorder {
    let mut r = Recorder::new(
        "source-github-failures",
        "GitHub refuses, answers without a token, is unreachable or throttles beyond the deadline.",
        github_config(),
    );
    let cases: [(&str, u32, &str, &[u8], &str); 7] = [
        ("http", 403, "", b"{}", "source_rejected"),
        ("http", 302, "location: https://evil.example", b"", "source_rejected"),
        ("http", 200, "", b"{\"count\":1}", "source_response_invalid"),
        ("http", 200, "", b"<html>", "source_response_invalid"),
        ("http", 429, "retry-after: 600", b"", "source_unavailable"),
        ("failed", 0, "cancelled", b"", "cancelled"),
        ("elapsed", 0, "", b"", "misuse"),
    ];
    for (kind, status, head, body, code) in cases {
        let t = r.begin(request());
        let e = r.perform(t, "http");
        r.resolve(e, kind, status, head, body);
        r.fail(t, code);
        r.end(t);
    }
    let t = r.begin(json!({"scopes": [SCOPE], "deadline": r.now() + 1}));
    let e = r.perform(t, "http");
    r.resolve(e, "failed", 0, "refused", b"");
    r.fail(t, "source_unreachable");
    r.end(t);
    r
}

fn environment_github() -> Recorder {
    let mut r = Recorder::new(
        "environment-github",
        "GitHub Actions in the China cloud: the audience follows the authority.",
        json!({"tenant_id": TENANT, "client_id": CLIENT, "authority_host": "https://login.chinacloudapi.cn", "environment": {
            "GITHUB_ACTIONS": "true",
            "ACTIONS_ID_TOKEN_REQUEST_URL": "https://pipelines.example/token?a=b",
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "request-token"
        }}),
    );
    let t = r.begin(request());
    let step = r.poll(t, "perform");
    assert!(
        step["effect"]["url"]
            .as_str()
            .expect("url")
            .ends_with("&audience=api%3A%2F%2FAzureADTokenExchangeChina")
    );
    r.http(
        step["effect"]["id"].as_u64().expect("id"),
        200,
        json!({"value": token_for("api://AzureADTokenExchangeChina")}),
    );
    exchange(&mut r, t, "token-1");
    r
}
