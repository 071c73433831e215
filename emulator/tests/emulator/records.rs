//! What tests can look at: counts, recorded requests, facts, credentials.

use crate::stage::{AUDIENCE, BASE, Stage, aadsts, json, text};
use workload_identity_core::http::form_encode;
use workload_identity_core::json::{Json, parse};
use workload_identity_emulator::Request;

fn count(stage: &mut Stage) -> Option<i64> {
    let response = stage.get("/emulator/token-requests");
    json(&response).member("token_requests").and_then(Json::as_integer)
}

#[test]
fn every_token_request_counts() {
    let mut stage = Stage::new();
    assert_eq!(count(&mut stage), Some(0));
    let form = stage.good_form();
    stage.post(&form);
    stage.post(&form.clone().without("scope"));
    stage.fault("503*1");
    stage.post(&form);
    assert_eq!(count(&mut stage), Some(3));
    stage.get("/api/resource");
    assert_eq!(count(&mut stage), Some(3));
    stage.send(&Request::new("DELETE", "/emulator/token-requests"));
    assert_eq!(count(&mut stage), Some(0));
}

#[test]
fn the_last_requests_are_kept_decoded() {
    let mut stage = Stage::new();
    let form = stage.good_form();
    let request = form.request(&stage.token_path()).with_header("X-Client-SKU", "test");
    stage.send(&request);
    let document = stage.get("/emulator/token-requests/last");
    let document = json(&document);
    let last = document.member("requests").and_then(Json::as_list).and_then(<[Json]>::last);
    let last = last.expect("a request");
    let pairs = |name: &str| -> Vec<(String, String)> {
        let items = last.member(name).and_then(Json::as_list).unwrap_or_default();
        let part = |item: &Json, name: &str| {
            item.member(name).and_then(Json::as_text).unwrap_or_default().to_owned()
        };
        items.iter().map(|item| (part(item, "name"), part(item, "value"))).collect()
    };
    let names: Vec<String> = pairs("fields").into_iter().map(|(name, _)| name).collect();
    assert_eq!(
        names,
        ["grant_type", "client_id", "client_assertion_type", "client_assertion", "scope"]
    );
    assert!(pairs("headers").contains(&("x-client-sku".to_owned(), "test".to_owned())));
    let recorded = stage.emulator.token_requests().last().expect("a request");
    assert_eq!(recorded.fields.len(), 5);
    let debug = format!("{recorded:?}");
    assert!(debug.contains("client_assertion") && !debug.contains("eyJ"), "{debug}");
}

#[test]
fn facts_for_programs() {
    let mut stage = Stage::new();
    let facts = stage.emulator.facts();
    let settings = stage.emulator.settings();
    let line = parse(facts.to_json(Some("ca.pem")).as_bytes()).expect("JSON");
    let names: Vec<&str> =
        line.as_object().expect("an object").keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "api_url",
            "audience",
            "authority",
            "base_url",
            "ca_file",
            "client_id",
            "github_request_token",
            "github_request_url",
            "issuer",
            "tenant_id",
            "token_requests_url",
        ]
    );
    let member = |name: &str| line.member(name).and_then(Json::as_text).unwrap_or_default();
    assert_eq!(member("base_url"), BASE);
    assert_eq!(member("authority"), format!("{BASE}/{}", settings.tenant_id));
    assert_eq!(member("audience"), AUDIENCE);
    let plain = parse(facts.to_json(None).as_bytes()).expect("JSON");
    assert_eq!(plain.member("ca_file"), None);
    for url in [member("api_url"), member("token_requests_url"), member("github_request_url")] {
        let path = url.strip_prefix(BASE).expect("own URL");
        assert_ne!(stage.get(path).status, 404, "{url}");
    }
}

#[test]
fn credentials_by_request() {
    let mut stage = Stage::new();
    let token = {
        let mut job = stage.emulator.settings().github_job.clone();
        job.git_ref = "refs/heads/dev".to_owned();
        let now = stage.now;
        stage.emulator.github_token(&job, Some(AUDIENCE), now).expect("a token")
    };
    assert_eq!(aadsts(&stage.exchange(&token)), 700_213);
    let issuer = stage.emulator.github_issuer();
    let subject = "repo:octo-org/octo-repo:ref:refs/heads/dev";
    let body = form_encode([("issuer", issuer.as_str()), ("subject", subject)]);
    let add = Request::form("/emulator/credentials", body.clone());
    assert_eq!(stage.send(&add).status, 200);
    assert_eq!(stage.exchange(&token).status, 200);
    let again = stage.send(&add);
    assert_eq!(again.status, 400);
    assert!(text(&again, "error").contains("exists"));
    let listed = stage.get("/emulator/credentials");
    assert!(String::from_utf8_lossy(&listed.body).contains(subject));
    let remove = Request { method: "DELETE".to_owned(), ..add };
    assert_eq!(stage.send(&remove).status, 200);
    assert_eq!(stage.send(&remove).status, 400);
    assert_eq!(aadsts(&stage.exchange(&token)), 700_213);
}

#[test]
fn debug_shows_no_secret() {
    let stage = Stage::new();
    let secret = stage.emulator.facts().github_request_token;
    assert!(!format!("{:?}", stage.emulator).contains(&secret));
}
