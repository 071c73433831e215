//! What tests can look at: counts, recorded requests, facts, credentials.

use crate::fixture::{
    AUDIENCE, BASE, Fixture, WithHeader, aadsts, form_request, json, request, text,
};
use serde_json::Value;
use workload_identity_core::json::strict::parse;
use workload_identity_emulator::{HostFacts, http};

fn count(fixture: &mut Fixture) -> Option<i64> {
    let response = fixture.get("/emulator/token-requests");
    json(&response).get("token_requests").and_then(Value::as_i64)
}

#[test]
fn every_token_request_counts() {
    let mut fixture = Fixture::new();
    assert_eq!(count(&mut fixture), Some(0));
    let form = fixture.good_form();
    fixture.post(&form);
    fixture.post(&form.clone().without("scope"));
    fixture.fault("503*1");
    fixture.post(&form);
    assert_eq!(count(&mut fixture), Some(3));
    fixture.get("/api/resource");
    assert_eq!(count(&mut fixture), Some(3));
    fixture.send(&request("DELETE", "/emulator/token-requests"));
    assert_eq!(count(&mut fixture), Some(0));
}

#[test]
fn the_last_requests_are_kept_decoded() {
    let mut fixture = Fixture::new();
    let form = fixture.good_form();
    let request = form.request(&fixture.token_path()).with_header("X-Client-SKU", "test");
    fixture.send(&request);
    let document = fixture.get("/emulator/token-requests/last");
    let document = json(&document);
    let last = document.get("requests").and_then(Value::as_array).and_then(|list| list.last());
    let last = last.expect("a request");
    let pairs = |name: &str| -> Vec<(String, String)> {
        let items = last.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
        let part = |item: &Value, name: &str| {
            item.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        items.iter().map(|item| (part(item, "name"), part(item, "value"))).collect()
    };
    let names: Vec<String> = pairs("fields").into_iter().map(|(name, _)| name).collect();
    assert_eq!(
        names,
        ["grant_type", "client_id", "client_assertion_type", "client_assertion", "scope"]
    );
    assert!(pairs("headers").contains(&("x-client-sku".to_owned(), "test".to_owned())));
    let recorded = fixture.emulator.token_requests().last().expect("a request");
    assert_eq!(recorded.fields.len(), 5);
    let debug = format!("{recorded:?}");
    assert!(debug.contains("client_assertion") && !debug.contains("eyJ"), "{debug}");
}

#[test]
fn facts_for_programs() {
    let mut fixture = Fixture::new();
    let facts = fixture.emulator.facts();
    let settings = fixture.emulator.settings();
    let line = parse(
        facts
            .to_json(&HostFacts {
                ca_file: Some("ca.pem"),
                token_file: Some("token"),
                ..HostFacts::default()
            })
            .as_bytes(),
    )
    .expect("JSON");
    let names: Vec<&str> =
        line.as_object().expect("an object").keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "api_url",
            "application_object_id",
            "arm_url",
            "audience",
            "authority",
            "base_url",
            "ca_file",
            "client_id",
            "environment",
            "github_request_token",
            "github_request_url",
            "graph_url",
            "inspector_url",
            "issuer",
            "managed_identity_client_id",
            "managed_identity_id",
            "management_token_scope",
            "platforms",
            "tenant_id",
            "token_file",
            "token_requests_url",
        ]
    );
    let member = |name: &str| line.get(name).and_then(Value::as_str).unwrap_or_default();
    assert_eq!(member("base_url"), BASE);
    assert_eq!(member("authority"), format!("{BASE}/{}", settings.tenant_id));
    assert_eq!(member("audience"), AUDIENCE);
    let plain = parse(facts.to_json(&HostFacts::default()).as_bytes()).expect("JSON");
    assert_eq!((plain.get("ca_file"), plain.get("token_file")), (None, None));
    for url in [member("api_url"), member("token_requests_url"), member("github_request_url")] {
        let path = url.strip_prefix(BASE).expect("own URL");
        assert_ne!(fixture.get(path).status, 404, "{url}");
    }
}

#[test]
fn credentials_by_request() {
    let mut fixture = Fixture::new();
    let token = {
        let mut job = fixture.emulator.settings().github_job.clone();
        job.git_ref = "refs/heads/dev".to_owned();
        let now = fixture.now;
        fixture.emulator.github_token(&job, Some(AUDIENCE), now).expect("a token")
    };
    assert_eq!(aadsts(&fixture.exchange(&token)), 700_213);
    let issuer = fixture.emulator.github_issuer();
    let subject = "repo:octo-org/octo-repo:ref:refs/heads/dev";
    let fields = [("issuer".to_owned(), issuer), ("subject".to_owned(), subject.to_owned())];
    let add = form_request("/emulator/credentials", &fields);
    assert_eq!(fixture.send(&add).status, 200);
    assert_eq!(fixture.exchange(&token).status, 200);
    let again = fixture.send(&add);
    assert_eq!(again.status, 400);
    assert!(text(&again, "error").contains("exists"));
    let listed = fixture.get("/emulator/credentials");
    assert!(String::from_utf8_lossy(&listed.body).contains(subject));
    let mut remove = add;
    *remove.method_mut() = http::Method::DELETE;
    assert_eq!(fixture.send(&remove).status, 200);
    assert_eq!(fixture.send(&remove).status, 400);
    assert_eq!(aadsts(&fixture.exchange(&token)), 700_213);
}

#[test]
fn debug_shows_no_secret() {
    let fixture = Fixture::new();
    let secret = fixture.emulator.facts().github_request_token;
    assert!(!format!("{:?}", fixture.emulator).contains(&secret));
}
