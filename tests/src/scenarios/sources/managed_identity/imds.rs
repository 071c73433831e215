//! The instance metadata service of a virtual machine.

use super::{IDENTITY, RESOURCE_ID, answer, asked, on, sleep};
use crate::Recorder;
use crate::scenarios::sources::exchange;
use crate::scenarios::{CLIENT, TENANT, jwt, request};
use serde_json::json;

pub(super) const IMDS: &str = "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=api%3A%2F%2FAzureADTokenExchange";

pub(super) fn imds() -> Vec<Recorder> {
    let mut recorders = Vec::new();
    for (name, about, selector, parameter) in [
        ("client-id", "IMDS with a client id.", "client_id", format!("client_id={IDENTITY}")),
        ("object-id", "IMDS with an object id.", "object_id", format!("object_id={IDENTITY}")),
        (
            "resource-id",
            "IMDS with a resource id.",
            "resource_id",
            format!("msi_res_id={}", RESOURCE_ID.replace('/', "%2F")),
        ),
    ] {
        let id = if selector == "resource_id" { RESOURCE_ID } else { IDENTITY };
        let name: &'static str = match name {
            "client-id" => "managed-identity-imds",
            "object-id" => "managed-identity-imds-object-id",
            _ => "managed-identity-imds-resource-id",
        };
        let mut r = Recorder::new(name, about, on(&json!({}), json!({selector: id})));
        let t = r.begin(request());
        let (e, effect) = asked(&mut r, t, &format!("{IMDS}&{parameter}"));
        assert_eq!(effect["headers"]["metadata"], "true");
        r.http(e, 200, answer(&jwt()));
        exchange(&mut r, t, "token-1");
        recorders.push(r);
    }
    let mut r = Recorder::new(
        "managed-identity-imds-variable",
        "AZURE_POD_IDENTITY_AUTHORITY_HOST names another address of this machine, and is enough to detect IMDS.",
        json!({"tenant_id": TENANT, "client_id": CLIENT, "environment": {
            "AZURE_POD_IDENTITY_AUTHORITY_HOST": " http://127.0.0.1:8000/ "
        }}),
    );
    let t = r.begin(request());
    let (e, _) = asked(&mut r, t, &IMDS.replace("169.254.169.254", "127.0.0.1:8000"));
    r.http(e, 200, answer(&jwt()));
    exchange(&mut r, t, "token-1");
    recorders.push(r);
    recorders
}

pub(super) fn imds_retries() -> Vec<Recorder> {
    let mut r = Recorder::new(
        "managed-identity-imds-retries",
        "IMDS is asked again after 404, 429 and 500, with growing pauses; after 410 every ten seconds for 70 seconds.",
        on(&json!({}), json!({"client_id": IDENTITY})),
    );
    let t = r.begin(request());
    for (status, pause) in [(404, 1_000), (429, 2_000), (500, 4_000)] {
        let e = r.perform(t, "http");
        r.resolve(e, "http", status, "", b"{}");
        sleep(&mut r, t, pause);
    }
    let e = r.perform(t, "http");
    r.resolve(e, "http", 404, "", b"{}");
    r.fail(t, "source_unavailable");
    r.end(t);
    let t = r.begin(json!({"scopes": [crate::scenarios::SCOPE], "deadline": r.now() + 200_000}));
    for _ in 0..7 {
        let e = r.perform(t, "http");
        r.resolve(e, "http", 410, "", b"");
        sleep(&mut r, t, 10_000);
    }
    let e = r.perform(t, "http");
    r.http(e, 200, answer(&jwt()));
    exchange(&mut r, t, "token-1");
    let mut longer = Recorder::new(
        "managed-identity-imds-retry-after",
        "A longer pause that IMDS asks for is kept.",
        on(&json!({}), json!({"client_id": IDENTITY})),
    );
    let t = longer.begin(request());
    let e = longer.perform(t, "http");
    longer.resolve(e, "http", 429, "retry-after: 7", b"");
    sleep(&mut longer, t, 7_000);
    let e = longer.perform(t, "http");
    longer.http(e, 200, answer(&jwt()));
    exchange(&mut longer, t, "token-1");
    vec![r, longer]
}

pub(super) fn imds_failures() -> Vec<Recorder> {
    let mut r = Recorder::new(
        "managed-identity-imds-failures",
        "IMDS refuses, a proxy answers in its place, it redirects, or the runtime has no such connection; a later good call works.",
        on(&json!({}), json!({"client_id": IDENTITY})),
    );
    let unknown =
        br#"{"error":"invalid_request","error_description":"Identity not found eyJhbGciOiJub25lIn0"}"#;
    let large = vec![b' '; 64 * 1024 + 1];
    let cases: [(&str, u32, &str, &[u8], &str); 9] = [
        ("http", 400, "", unknown, "source_rejected"),
        ("http", 403, "", b"<html>proxy</html>", "source_rejected"),
        ("http", 200, "content-type: text/html", b"<html>proxy</html>", "source_response_invalid"),
        ("http", 302, "location: http://evil.example/", b"", "source_rejected"),
        ("http", 407, "", b"", "proxy_authentication_required"),
        ("http", 200, "", &large, "source_response_invalid"),
        ("failed", 0, "unsupported", b"direct", "source_unsupported"),
        ("failed", 0, "cancelled", b"", "cancelled"),
        ("file", 0, "", b"x", "misuse"),
    ];
    for (kind, status, head, body, code) in cases {
        let t = r.begin(request());
        let e = r.perform(t, "http");
        r.resolve(e, kind, status, head, body);
        r.fail(t, code);
        r.end(t);
    }
    let t = r.begin(json!({"scopes": [crate::scenarios::SCOPE], "deadline": r.now() + 1}));
    let e = r.perform(t, "http");
    r.resolve(e, "failed", 0, "timeout", b"");
    r.fail(t, "source_unreachable");
    r.end(t);
    let t = r.begin(request());
    let e = r.perform(t, "http");
    r.http(e, 200, answer(&jwt()));
    exchange(&mut r, t, "token-1");
    vec![r]
}
