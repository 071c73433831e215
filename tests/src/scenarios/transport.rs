//! What happens when the token endpoint cannot be reached.

use super::{assertion, config, jwt};
use crate::Recorder;
use serde_json::json;

pub(super) fn all() -> Vec<Recorder> {
    let mut list = Vec::new();
    for (failure, code) in [
        ("timeout", "network_timeout"),
        ("refused", "network_refused"),
        ("dns", "network_dns"),
        ("tls", "network_tls"),
        ("proxy_authentication", "proxy_authentication_required"),
        ("cancelled", "cancelled"),
        ("unreadable", "response_invalid"),
        ("other", "network_failed"),
    ] {
        list.push(transport(failure, code));
    }
    list.push(proxy_answer());
    list.push(errors_with_status_200());
    list.push(errors_of_gateways());
    list.push(retry_after());
    list.push(private_authority());
    list.push(denied_endpoint());
    list
}

fn transport(failure: &'static str, code: &'static str) -> Recorder {
    let name: &'static str = match failure {
        "timeout" => "transport-timeout",
        "refused" => "transport-refused",
        "dns" => "transport-dns",
        "tls" => "transport-tls",
        "proxy_authentication" => "transport-proxy-authentication",
        "cancelled" => "transport-cancelled",
        "unreadable" => "transport-unreadable",
        _ => "transport-other",
    };
    let mut r = Recorder::new(
        name,
        "The token endpoint cannot be reached, with a deadline that leaves no time for a retry.",
        config(json!({})),
    );
    let t = r.begin(json!({"scopes": [super::SCOPE], "deadline": r.now() + 1}));
    assertion(&mut r, t);
    let e = r.perform(t, "http");
    let detail = format!("to https://login.example with {}", jwt());
    r.resolve(e, "failed", 0, failure, detail.as_bytes());
    if ["tls", "proxy_authentication", "cancelled", "unreadable"].contains(&failure) {
        let step = r.fail(t, code);
        assert!(!step.to_string().contains("eyJ"));
    } else {
        // The jitter may be zero milliseconds: then there is time for one more attempt, and none after it.
        let step = r.poll(t, "fail");
        assert_eq!(step["error"]["code"], code);
    }
    r.end(t);
    r
}

fn proxy_answer() -> Recorder {
    let mut r = Recorder::new(
        "proxy-authentication-required",
        "A proxy answers 407 in place of GitHub, of the discovery document, and of the token endpoint: no retry.",
        config(json!({
            "authority": {"issuer": "https://issuer.example"},
            "source": {"kind": "github", "request_url": "https://github.example/token", "request_token": "secret"}
        })),
    );
    let refused = |r: &mut Recorder, t, e| {
        r.resolve(e, "http", 407, "proxy-authenticate: Basic", b"<html>");
        let step = r.fail(t, "proxy_authentication_required");
        assert_eq!(step["error"]["retryable"], false);
        assert!(step["error"]["hint"].to_string().contains("HTTPS_PROXY"));
        r.end(t);
    };
    let t = r.begin(json!({"scopes": [super::SCOPE]}));
    let e = r.perform(t, "http");
    refused(&mut r, t, e);
    let t = r.begin(json!({"scopes": [super::SCOPE]}));
    let e = r.perform(t, "http");
    let document = json!({"issuer": "https://issuer.example", "token_endpoint": "https://issuer.example/token"});
    r.http(e, 200, document);
    let e = r.perform(t, "http");
    refused(&mut r, t, e);
    let t = r.begin(json!({"scopes": [super::SCOPE]}));
    let e = r.perform(t, "http");
    let token = crate::token_for("https://issuer.example", "s", r.now() / 1000 + 3600);
    r.http(e, 200, json!({ "value": token }));
    let e = r.perform(t, "http");
    refused(&mut r, t, e);
    r
}

fn private_authority() -> Recorder {
    let mut r = Recorder::new(
        "private-authority",
        "An issuer on a private network names its token endpoint there; it may not name a metadata service.",
        config(json!({"authority": {"issuer": "https://192.168.7.7/realms/a"}})),
    );
    let document = |endpoint: &str| json!({"issuer": "https://192.168.7.7/realms/a", "token_endpoint": endpoint});
    for endpoint in
        ["https://169.254.169.254/token", "https://[fd00:ec2::254]/token", "https://2852039166/"]
    {
        let t = r.begin(json!({"scopes": [super::SCOPE]}));
        let e = r.perform(t, "http");
        r.http(e, 200, document(endpoint));
        r.fail(t, "discovery_invalid");
        r.end(t);
    }
    let t = r.begin(json!({"scopes": [super::SCOPE]}));
    let e = r.perform(t, "http");
    r.http(e, 200, document("https://sso.corp.svc/token"));
    assertion(&mut r, t);
    let step = r.poll(t, "perform");
    assert_eq!(step["effect"]["url"], "https://sso.corp.svc/token");
    r.http(step["effect"]["id"].as_u64().expect("an id"), 200, super::issued("private", 3600));
    r.done(t, "private");
    r.end(t);
    r
}

fn denied_endpoint() -> Recorder {
    let mut r = Recorder::new(
        "private-endpoint-denied",
        "With `private_addresses` `deny` an issuer may not name a token endpoint on a private network.",
        config(
            json!({"authority": {"issuer": "https://issuer.example"}, "private_addresses": "deny"}),
        ),
    );
    for endpoint in
        ["https://10.0.0.1/token", "https://sso.corp.svc/token", "https://localhost/token"]
    {
        let t = r.begin(json!({"scopes": [super::SCOPE]}));
        let e = r.perform(t, "http");
        r.http(e, 200, json!({"issuer": "https://issuer.example", "token_endpoint": endpoint}));
        let step = r.fail(t, "discovery_invalid");
        assert!(step["error"]["message"].to_string().contains("`private_addresses`"));
        r.end(t);
    }
    r
}

fn errors_with_status_200() -> Recorder {
    let mut r = Recorder::new(
        "errors-with-status-200",
        "An OAuth error in an answer with status 200 is that error, with code, AADSTS numbers and correlation id.",
        config(json!({})),
    );
    let refusals = [
        (super::refusal(700213, "invalid_request", "No match"), "trust_mismatch"),
        (super::refusal(7000215, "invalid_client", "Bad secret"), ""),
        (
            json!({"error": "invalid_scope", "error_description": "no such scope"}),
            "exchange_rejected",
        ),
        (json!({"error": "invalid_scope", "access_token": ""}), "exchange_rejected"),
        (json!({"error": {"code": "Blocked", "message": "by policy"}}), "response_invalid"),
        (json!({"message": "no route"}), "response_invalid"),
        (json!({"error": null}), "response_invalid"),
    ];
    for (document, code) in refusals {
        let t = r.begin(json!({"scopes": [super::SCOPE], "force_refresh": true, "context": code}));
        let e = exchange(&mut r, t);
        r.http(e, 200, document.clone());
        let step = r.poll(t, "fail");
        let error = &step["error"];
        assert!(code.is_empty() || error["code"] == code, "{step}");
        assert_eq!(error["http_status"], 200);
        if let Some(numbers) = document.get("error_codes") {
            assert_eq!((&error["aadsts"], &error["correlation_id"]), (numbers, &json!("c-1")));
        }
        r.end(t);
    }
    r
}

fn errors_of_gateways() -> Recorder {
    let mut r = Recorder::new(
        "errors-of-gateways",
        "What a gateway answers in place of the token endpoint is in the message, on one line and without tokens.",
        config(json!({})),
    );
    for (status, document, code, shown) in [
        (
            403,
            json!({"error": {"code": "Forbidden", "message": "IP\r\nnot allowed"}}),
            "response_invalid",
            "Forbidden: IP  not allowed",
        ),
        (
            403,
            json!({"error": {"code": 1010, "message": "denied"}}),
            "response_invalid",
            "1010: denied",
        ),
        (404, json!({"message": "no Route matched"}), "response_invalid", "no Route matched"),
        (401, json!({"error": "blocked by policy"}), "exchange_rejected", "blocked by policy"),
        (
            400,
            json!({"message": format!("got Bearer opaque and {}", jwt())}),
            "response_invalid",
            "got Bearer [token] and [token]",
        ),
        (400, json!({"message": ["x"]}), "response_invalid", "no OAuth error"),
    ] {
        let t = r.begin(json!({"scopes": [super::SCOPE], "force_refresh": true}));
        let e = exchange(&mut r, t);
        r.http(e, status, document);
        let step = r.fail(t, code);
        let message = step["error"]["message"].as_str().expect("a message");
        assert!(message.contains(shown) && !message.contains("eyJ"), "{message}");
        r.end(t);
    }
    r
}

fn retry_after() -> Recorder {
    let mut r = Recorder::new(
        "retry-after-forms",
        "`Retry-After` as a date without a `Date` header counts by the host's clock; a fraction is rounded up.",
        config(json!({})),
    );
    for (value, seconds) in
        [("Thu, 01 Jan 2099 00:00:00 GMT", 3600), ("1.5", 2), ("99999999999", 3600)]
    {
        let t = r.begin(json!({"scopes": [format!("https://s{seconds}.{}/.default", value.len())], "deadline": r.now() + 30_000}));
        let e = exchange(&mut r, t);
        r.resolve(e, "http", 429, &format!("retry-after: {value}"), b"{}");
        let kind = if r.peek_is_fail(t) { "fail" } else { "perform" };
        let step = r.poll(t, kind);
        let until = step["effect"]["until"].as_i64().or(step["error"]["retry_at"].as_i64());
        let asked = until.expect("an instant") - r.now();
        assert!((seconds * 1000..=seconds * 1000 + 10_000).contains(&asked), "{value}: {asked}");
        r.end(t);
    }
    r
}

/// Gets to the token request, through the source if there is no assertion yet. Returns the request's id.
fn exchange(r: &mut Recorder, ticket: u64) -> u64 {
    let step = r.poll(ticket, "perform");
    let id = step["effect"]["id"].as_u64().expect("an id");
    if step["effect"]["kind"] == "http" {
        return id;
    }
    r.resolve(id, "answer", 0, "", jwt().as_bytes());
    r.perform(ticket, "http")
}
