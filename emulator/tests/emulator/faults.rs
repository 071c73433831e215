//! Faults on whole requests.

use crate::stage::{BASE, NOW, Stage, aadsts, claims, json, text};
use workload_identity_core::json::{Json, JsonError, parse};
use workload_identity_emulator::{FaultKind, Request, Response};

fn under(fault: &str) -> Response {
    let mut stage = Stage::new();
    let form = stage.good_form();
    stage.fault(fault);
    stage.post(&form)
}

#[test]
fn throttled_for_a_while() {
    let mut stage = Stage::new();
    let form = stage.good_form();
    stage.fault("429=7*2");
    for _ in 0..2 {
        let response = stage.post(&form);
        assert_eq!((response.status, response.header("retry-after")), (429, Some("7")));
        assert_eq!(text(&response, "error"), "temporarily_unavailable");
    }
    assert_eq!(stage.post(&form).status, 200);
    assert_eq!(stage.emulator.token_request_count(), 3);
}

#[test]
fn server_errors_until_cleared() {
    let mut stage = Stage::new();
    let form = stage.good_form();
    stage.emulator.fault(FaultKind::Status(503));
    for _ in 0..3 {
        assert_eq!(stage.post(&form).status, 503);
    }
    stage.emulator.clear_faults();
    assert_eq!(stage.post(&form).status, 200);
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
    let value = |fault: &str, name: &str| json(&under(fault)).member(name).cloned();
    assert_eq!(value("token_type", "token_type"), Some(Json::Text("pop".to_owned())));
    assert_eq!(value("expires_in=-1", "expires_in"), Some(Json::Integer(-1)));
    assert_eq!(value("expires_in=missing", "expires_in"), None);
    assert_eq!(value("expires_in=soon", "expires_in"), Some(Json::Text("soon".to_owned())));
    assert_eq!(value("latency=1", "expires_in"), Some(Json::Integer(3599)));
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
    assert_eq!(claims.member("exp").and_then(Json::as_integer), Some(NOW.seconds() + 599 + 3600));
    assert_eq!(aadsts(&under("skew=-901")), 700_024);
}

#[test]
fn faults_of_other_endpoints() {
    let mut stage = Stage::new();
    let facts = stage.emulator.facts();
    let path = facts.github_request_url.strip_prefix(BASE).expect("own URL").to_owned();
    let ask = Request::new("GET", &path)
        .with_header("authorization", &format!("Bearer {}", facts.github_request_token));
    stage.fault("github:502*1");
    assert_eq!(stage.send(&ask).status, 502);
    assert_eq!(stage.send(&ask).status, 200);
    stage.fault("api:503*1");
    assert_eq!(stage.get("/api/resource").status, 503);
    assert_eq!(stage.get("/api/resource").status, 401);
    stage.fault("metadata:503*1");
    let form = stage.good_form();
    assert_eq!(aadsts(&stage.post(&form)), 90_061);
    assert_eq!(stage.post(&form).status, 200);
}

#[test]
fn faults_by_request() {
    let mut stage = Stage::new();
    let form = stage.good_form();
    let add = |text: &str| {
        let mut request = Request::new("POST", "/emulator/faults");
        request.body = text.as_bytes().to_vec();
        request
    };
    assert_eq!(stage.send(&add("503*1\n\n429*1\n")).status, 200);
    assert_eq!((stage.post(&form).status, stage.post(&form).status), (503, 429));
    assert_eq!(stage.post(&form).status, 200);
    let refused = stage.send(&add("503*1\nboom"));
    assert_eq!(refused.status, 400);
    assert!(text(&refused, "error").contains("boom"));
    assert_eq!(stage.post(&form).status, 200);
    assert_eq!(stage.send(&add("html")).status, 200);
    assert_eq!(stage.send(&Request::new("DELETE", "/emulator/faults")).status, 200);
    assert_eq!(text(&stage.post(&form), "token_type"), "Bearer");
}
