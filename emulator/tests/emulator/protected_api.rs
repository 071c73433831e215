//! The API that takes the tokens.

use crate::fixture::{Fixture, Response, WithHeader, json, request, text};
use serde_json::Value;
use workload_identity_core::jose::base64url_decode;

fn call(fixture: &mut Fixture, path: &str, token: &str) -> Response {
    let header = format!("Bearer {token}");
    fixture.send(&request("GET", path).with_header("Authorization", &header))
}

#[test]
fn a_good_token_is_served() {
    let mut fixture = Fixture::new();
    let token = fixture.access_token();
    let response = call(&mut fixture, "/api/resource", &token);
    assert_eq!(response.status, 200);
    assert_eq!(text(&response, "application"), fixture.emulator.settings().client_id);
    assert_eq!(text(&response, "audience"), "https://vault.azure.net");
    let roles = json(&response).get("roles").and_then(Value::as_array).map(Vec::len);
    assert_eq!(roles, Some(1));
}

#[test]
fn no_token_is_challenged_without_an_error() {
    let mut fixture = Fixture::new();
    let response = fixture.get("/api/resource");
    assert_eq!(response.status, 401);
    let challenge = response.header("www-authenticate").expect("a challenge");
    assert!(challenge.starts_with("Bearer authorization_uri="), "{challenge}");
    assert!(!challenge.contains("error"), "{challenge}");
}

#[test]
fn bad_tokens_are_invalid() {
    let mut fixture = Fixture::new();
    let good = fixture.access_token();
    let (input, _) = good.rsplit_once('.').expect("three parts");
    let unsigned = format!("{input}.");
    let forged = format!("{input}.{}", "A".repeat(342));
    let github = fixture.github_token();
    for (token, why) in [
        ("x", "malformed"),
        (unsigned.as_str(), "malformed"),
        (forged.as_str(), "signature_invalid"),
        (github.as_str(), "issuer_mismatch"),
    ] {
        let response = call(&mut fixture, "/api/resource", token);
        assert_eq!(response.status, 401, "{why}");
        let challenge = response.header("www-authenticate").expect("a challenge");
        assert!(
            challenge.starts_with(&format!(
                "Bearer error=\"invalid_token\", error_description=\"{why}\""
            )),
            "{challenge}"
        );
    }
}

#[test]
fn an_old_token_is_invalid() {
    let mut fixture = Fixture::new();
    let token = fixture.access_token();
    fixture.now = fixture.now.plus_seconds(3600 + 59);
    assert_eq!(call(&mut fixture, "/api/resource", &token).status, 200);
    fixture.now = fixture.now.plus_seconds(1);
    assert_eq!(call(&mut fixture, "/api/resource", &token).status, 401);
}

#[test]
fn the_audience_can_be_narrowed() {
    let mut fixture = Fixture::new();
    let token = fixture.access_token();
    for (audience, status) in [("https://vault.azure.net", 200), ("api://other", 401)] {
        let path = format!("/api/resource?audience={audience}");
        assert_eq!(call(&mut fixture, &path, &token).status, status, "{audience}");
    }
    let mut fixture =
        Fixture::with(|settings| settings.api_audiences = vec!["api://own".to_owned()]);
    let token = fixture.access_token();
    assert_eq!(call(&mut fixture, "/api/resource", &token).status, 401);
    let form = fixture.good_form().set("scope", "api://own/.default");
    let token = text(&fixture.post(&form), "access_token");
    assert_eq!(call(&mut fixture, "/api/resource", &token).status, 200);
}

#[test]
fn a_claims_challenge_is_met_by_its_claims() {
    let mut fixture = Fixture::new();
    let token = fixture.access_token();
    let response = call(&mut fixture, "/api/step-up", &token);
    assert_eq!(response.status, 401);
    let challenge = response.header("www-authenticate").expect("a challenge").to_owned();
    assert!(challenge.contains("error=\"insufficient_claims\""), "{challenge}");
    let (_, rest) = challenge.split_once("claims=\"").expect("claims");
    let (encoded, _) = rest.split_once('"').expect("quoted");
    assert_eq!(encoded.len() % 4, 0);
    let claims = base64url_decode(encoded.trim_end_matches('=')).expect("base64url");
    let claims = String::from_utf8(claims).expect("text");
    let form = fixture.good_form().set("claims", &claims);
    let token = text(&fixture.post(&form), "access_token");
    assert_eq!(call(&mut fixture, "/api/step-up", &token).status, 200);
}

#[test]
fn v1_tokens_are_served_as_well() {
    let mut fixture = Fixture::new();
    let path = format!("/{}/oauth2/token", fixture.emulator.settings().tenant_id);
    let form = fixture.good_form().without("scope").set("resource", "https://vault.azure.net");
    let response = fixture.send(&form.request(&path));
    let token = text(&response, "access_token");
    assert_eq!(call(&mut fixture, "/api/resource", &token).status, 200);
}
