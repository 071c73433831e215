//! Bad configurations, bad requests, bad answers: each has its code, and a later good call works.

use super::{CLIENT, TENANT, assertion, config, issued, request};
use crate::Recorder;
use serde_json::{Value, json};

pub(super) fn all() -> Vec<Recorder> {
    let mut list: Vec<Recorder> = configurations()
        .into_iter()
        .map(|(name, config, code)| {
            Recorder::refused(name, "A configuration that is refused.", config, code)
        })
        .collect();
    list.push(requests());
    list.push(answers());
    list
}

fn configurations() -> Vec<(&'static str, Value, &'static str)> {
    let file = json!({"kind": "file", "path": "/t"});
    let environment =
        |pairs: Value| json!({"tenant_id": TENANT, "client_id": CLIENT, "environment": pairs});
    vec![
        ("config-not-an-object", json!([]), "config_invalid"),
        ("config-unknown-member", config(json!({"tenantid": "x"})), "config_invalid"),
        ("config-wrong-type", config(json!({"timeout_ms": "soon"})), "config_invalid"),
        ("config-unknown-source", config(json!({"source": {"kind": "sorcery"}})), "config_invalid"),
        (
            "config-source-path-missing",
            config(json!({"source": {"kind": "file"}})),
            "config_invalid",
        ),
        (
            "config-source-algorithm",
            config(json!({"source": {"kind": "signed", "key": "k", "algorithm": "HS256"}})),
            "config_invalid",
        ),
        (
            "config-source-public-jwk",
            config(
                json!({"source": {"kind": "signed", "key": "k", "algorithm": "ES256", "public_jwk": {"kty": "EC", "crv": "P-256", "x": "AA"}}}),
            ),
            "config_invalid",
        ),
        (
            "config-store-without-client",
            json!({"authority": {"issuer": "https://idp.example"}, "source": file, "store": true}),
            "environment_incomplete",
        ),
        (
            "config-github-url",
            config(
                json!({"source": {"kind": "github", "request_url": "http://a.example", "request_token": "t"}}),
            ),
            "config_invalid",
        ),
        (
            "config-github-token",
            config(
                json!({"source": {"kind": "github", "request_url": "https://a.example", "request_token": "t\nx"}}),
            ),
            "config_invalid",
        ),
        ("config-tenant", config(json!({"tenant_id": "not a tenant"})), "tenant_invalid"),
        ("config-tenant-common", config(json!({"tenant_id": "common"})), "tenant_reserved"),
        ("config-client-id", config(json!({"client_id": "my-app"})), "client_id_invalid"),
        (
            "config-authority",
            config(json!({"authority_host": "login.microsoftonline.com/common"})),
            "authority_invalid",
        ),
        (
            "config-authority-http",
            config(json!({"authority_host": "http://login.microsoftonline.com"})),
            "authority_insecure",
        ),
        (
            "config-generic-authority-http",
            json!({"authority": {"issuer": "http://idp.example"}, "source": file}),
            "authority_insecure",
        ),
        (
            "config-authority-metadata",
            config(json!({"authority_host": "https://169.254.169.254"})),
            "authority_invalid",
        ),
        (
            "config-generic-authority-metadata",
            json!({"authority": {"token_endpoint": "https://[::ffff:a9fe:a9fe]/token"}, "source": file}),
            "authority_invalid",
        ),
        (
            "config-authority-denied",
            config(
                json!({"authority_host": "https://adfs.corp.internal", "private_addresses": "deny"}),
            ),
            "authority_invalid",
        ),
        ("config-no-networks", config(json!({"allowed_networks": []})), "config_invalid"),
        (
            "config-no-tenant",
            json!({"client_id": CLIENT, "source": file}),
            "environment_incomplete",
        ),
        ("config-no-source", environment(json!({})), "source_not_found"),
        (
            "config-github-permission",
            environment(json!({"GITHUB_ACTIONS": "true"})),
            "github_permission_missing",
        ),
        (
            "config-github-half",
            environment(json!({"ACTIONS_ID_TOKEN_REQUEST_URL": "https://a.example"})),
            "environment_incomplete",
        ),
        (
            "config-unicode",
            config(json!({"tenant_id": "テナント\u{202e}\u{0000}"})),
            "tenant_invalid",
        ),
    ]
}

fn requests() -> Recorder {
    let mut r = Recorder::new(
        "request-bad",
        "Requests that are refused before anything is asked; then a good one.",
        config(json!({})),
    );
    for (bad, code) in [
        (json!({"scopes": []}), "scope_missing"),
        (json!({"scopes": [""]}), "scope_invalid"),
        (json!({"scopes": ["a b/.default"]}), "scope_invalid"),
        (json!({"scopes": ["https://ä.example/.default"]}), "scope_invalid"),
        (
            json!({"scopes": ["https://a.example/.default", "https://b.example/.default"]}),
            "scope_multiple_resources",
        ),
        (json!({"scopes": ["User.Read"]}), "scope_not_default"),
        (json!({"scopes": [super::SCOPE], "claims": "{"}), "claims_invalid"),
        (json!({"scopes": [super::SCOPE], "tenant_id": "common"}), "tenant_reserved"),
        (json!({"scopes": [super::SCOPE], "tenant_id": "x"}), "tenant_invalid"),
        (json!({"scopes": "x"}), "request_invalid"),
        (json!({"scope": "x"}), "request_invalid"),
        (json!([]), "request_invalid"),
    ] {
        let t = r.begin(bad);
        r.fail(t, code);
        r.end(t);
    }
    good(&mut r);
    r
}

fn good(r: &mut Recorder) {
    let t = r.begin(request());
    let step = r.poll(t, "perform");
    let e = step["effect"]["id"].as_u64().expect("id");
    if step["effect"]["kind"] == "ask_host" {
        r.resolve(e, "answer", 0, "", super::jwt().as_bytes());
        let e = r.perform(t, "http");
        r.http(e, 200, issued("token-1", 3600));
    } else {
        r.http(e, 200, issued("token-1", 3600));
    }
    r.done(t, "token-1");
    r.end(t);
}

fn answers() -> Recorder {
    let mut r = Recorder::new(
        "answer-bad",
        "Everything a token endpoint can answer instead of a token; then a good answer.",
        config(json!({})),
    );
    let t = r.begin(request());
    assertion(&mut r, t);
    r.end(t);
    let cases: [(u32, &str, &[u8], &str); 16] = [
        (200, "content-type: text/html", b"<html>Sign in</html>", "response_not_json"),
        (200, "", b"", "response_empty"),
        (200, "", b"{\"access_token\":\"x\",\"acc", "response_not_json"),
        (200, "", b"{\"access_token\":\"x\",\"access_token\":\"y\",\"token_type\":\"Bearer\",\"expires_in\":1}", "response_duplicate_member"),
        (302, "location: https://evil.example/", b"", "response_redirect"),
        (0, "", b"", "response_redirect"),
        (200, "", b"[]", "response_invalid"),
        (200, "", b"{\"token_type\":\"Bearer\",\"expires_in\":3600}", "response_invalid"),
        (200, "", b"{\"access_token\":\"a b\",\"token_type\":\"Bearer\",\"expires_in\":3600}", "response_invalid"),
        (200, "", b"{\"access_token\":\"x\",\"token_type\":\"pop\",\"expires_in\":3600}", "token_type_unsupported"),
        (200, "", b"{\"access_token\":\"x\",\"expires_in\":3600}", "token_type_unsupported"),
        (200, "", b"{\"access_token\":\"x\",\"token_type\":\"Bearer\"}", "expires_in_invalid"),
        (200, "", b"{\"access_token\":\"x\",\"token_type\":\"Bearer\",\"expires_in\":-1}", "expires_in_invalid"),
        (200, "", b"{\"access_token\":\"x\",\"token_type\":\"Bearer\",\"expires_in\":\"soon\"}", "expires_in_invalid"),
        (400, "", b"\xff\xfe", "response_not_json"),
        (400, "", b"{}", "response_invalid"),
    ];
    for (status, head, body, code) in cases {
        let t = r.begin(request());
        let e = r.perform(t, "http");
        r.resolve(e, "http", status, head, body);
        r.fail(t, code);
        r.end(t);
    }
    good(&mut r);
    r
}
