//! Faults on whole requests.

use crate::fixture::{
    BASE, Fixture, NOW, Response, WithHeader, aadsts, claims, json, request, text,
};
use serde_json::Value;
use workload_identity_core::json::{JsonError, strict::parse};
use workload_identity_emulator::FaultKind;

fn under(fault: &str) -> Response {
    let mut fixture = Fixture::new();
    let form = fixture.good_form();
    fixture.fault(fault);
    fixture.post(&form)
}

#[test]
fn throttled_for_a_while() {
    let mut fixture = Fixture::new();
    let form = fixture.good_form();
    fixture.fault("429=7*2");
    for _ in 0..2 {
        let response = fixture.post(&form);
        assert_eq!((response.status, response.header("retry-after")), (429, Some("7")));
        assert_eq!(text(&response, "error"), "temporarily_unavailable");
    }
    assert_eq!(fixture.post(&form).status, 200);
    assert_eq!(fixture.emulator.token_request_count(), 3);
}

#[test]
fn server_errors_until_cleared() {
    let mut fixture = Fixture::new();
    let form = fixture.good_form();
    fixture.emulator.fault(FaultKind::Status(503));
    for _ in 0..3 {
        assert_eq!(fixture.post(&form).status, 503);
    }
    fixture.emulator.clear_faults();
    assert_eq!(fixture.post(&form).status, 200);
}

#[test]
fn late_and_reset() {
    let response = under("latency=1500");
    assert_eq!((response.status, response.delay_ms), (200, 1500));
    assert!(under("reset").reset);
    assert!(!under("latency=1").reset);
}

#[test]
fn bodies_that_are_no_token_response() {
    assert_eq!(parse(&under("truncated").body), Err(JsonError::Syntax));
    assert_eq!(parse(&under("duplicate").body), Err(JsonError::Duplicate));
    let html = under("html");
    assert_eq!((html.status, html.header("content-type")), (200, Some("text/html; charset=utf-8")));
    let empty = under("empty");
    assert_eq!((empty.status, empty.body.len()), (200, 0));
    assert_eq!(under("huge").body.len(), 10 * 1024 * 1024);
    let redirect = under("redirect");
    assert_eq!(redirect.status, 307);
    assert!(redirect.header("location").is_some_and(|place| place.starts_with(BASE)));
    assert_eq!(under("content_type=text/plain").header("content-type"), Some("text/plain"));
}

#[test]
fn values_that_are_wrong() {
    let value = |fault: &str, name: &str| json(&under(fault)).get(name).cloned();
    assert_eq!(value("token_type", "token_type"), Some(Value::from("pop")));
    assert_eq!(value("expires_in=-1", "expires_in"), Some(Value::from(-1)));
    assert_eq!(value("expires_in=missing", "expires_in"), None);
    assert_eq!(value("expires_in=soon", "expires_in"), Some(Value::from("soon")));
    assert_eq!(value("latency=1", "expires_in"), Some(Value::from(3599)));
}

#[test]
fn a_clock_that_is_off() {
    // GitHub's tokens live 5 minutes and Entra tolerates 5.
    let response = under("skew=601");
    assert_eq!(aadsts(&response), 700_024);
    assert_eq!(text(&response, "timestamp"), "2026-11-22 13:39:06Z");
    assert_eq!(response.header("date"), Some("Sun, 22 Nov 2026 13:39:06 GMT"));
    let response = under("skew=599");
    let claims = claims(&text(&response, "access_token"));
    assert_eq!(claims.get("exp").and_then(Value::as_i64), Some(NOW.seconds() + 599 + 3600));
    assert_eq!(aadsts(&under("skew=-901")), 700_024);
}

#[test]
fn faults_of_other_endpoints() {
    let mut fixture = Fixture::new();
    let facts = fixture.emulator.facts();
    let path = facts.github_request_url.strip_prefix(BASE).expect("own URL").to_owned();
    let ask = request("GET", &path)
        .with_header("authorization", &format!("Bearer {}", facts.github_request_token));
    fixture.fault("github:502*1");
    assert_eq!(fixture.send(&ask).status, 502);
    assert_eq!(fixture.send(&ask).status, 200);
    fixture.fault("api:503*1");
    assert_eq!(fixture.get("/api/resource").status, 503);
    assert_eq!(fixture.get("/api/resource").status, 401);
    fixture.fault("metadata:503*1");
    let form = fixture.good_form();
    assert_eq!(aadsts(&fixture.post(&form)), 90_061);
    assert_eq!(fixture.post(&form).status, 200);
}

#[test]
fn faults_by_request() {
    let mut fixture = Fixture::new();
    let form = fixture.good_form();
    let add = |text: &str| {
        let mut request = request("POST", "/emulator/faults");
        *request.body_mut() = text.as_bytes().to_vec();
        request
    };
    assert_eq!(fixture.send(&add("503*1\n\n429*1\n")).status, 200);
    assert_eq!((fixture.post(&form).status, fixture.post(&form).status), (503, 429));
    assert_eq!(fixture.post(&form).status, 200);
    let refused = fixture.send(&add("503*1\nboom"));
    assert_eq!(refused.status, 400);
    assert!(text(&refused, "error").contains("boom"));
    assert_eq!(fixture.post(&form).status, 200);
    assert_eq!(fixture.send(&add("html")).status, 200);
    assert_eq!(fixture.send(&request("DELETE", "/emulator/faults")).status, 200);
    assert_eq!(text(&fixture.post(&form), "token_type"), "Bearer");
}
