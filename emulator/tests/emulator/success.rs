//! A granted request: the response, the token, and its keys.

use crate::fixture::{BASE, Fixture, NOW, SCOPE, claims, header, json, text};
use serde_json::Value;
use workload_identity_core::crypto::{KeySet, RustCrypto};
use workload_identity_core::jose::Jwks;
use workload_identity_core::verify::{Policy, verify};

#[test]
fn the_response_has_entras_members() {
    let mut fixture = Fixture::new();
    let form = fixture.good_form();
    let response = fixture.post(&form);
    assert_eq!(response.status, 200);
    assert_eq!(response.header("content-type"), Some("application/json; charset=utf-8"));
    assert_eq!(response.header("cache-control"), Some("no-store, no-cache"));
    let body = json(&response);
    assert_eq!(body.get("token_type").and_then(Value::as_str), Some("Bearer"));
    assert_eq!(body.get("expires_in").and_then(Value::as_i64), Some(3599));
    assert_eq!(body.get("ext_expires_in").and_then(Value::as_i64), Some(3599));
    assert_eq!(body.get("refresh_in"), None);
    assert!(body.get("access_token").is_some());
}

#[test]
fn refresh_in_is_a_setting() {
    let mut fixture = Fixture::with(|settings| settings.refresh_in_seconds = Some(1800));
    let form = fixture.good_form();
    let body = json(&fixture.post(&form));
    assert_eq!(body.get("refresh_in").and_then(Value::as_i64), Some(1800));
}

#[test]
fn the_token_has_v2_claims() {
    let mut fixture = Fixture::new();
    let token = fixture.access_token();
    let settings = fixture.emulator.settings().clone();
    let claims = claims(&token);
    let issuer = format!("{BASE}/{}/v2.0", settings.tenant_id);
    for (name, expected) in [
        ("aud", "https://vault.azure.net"),
        ("iss", issuer.as_str()),
        ("azp", settings.client_id.as_str()),
        ("azpacr", "2"),
        ("idtyp", "app"),
        ("oid", settings.object_id.as_str()),
        ("sub", settings.object_id.as_str()),
        ("tid", settings.tenant_id.as_str()),
        ("ver", "2.0"),
    ] {
        assert_eq!(claims.get(name).and_then(Value::as_str), Some(expected), "{name}");
    }
    let instant = |name: &str| claims.get(name).and_then(Value::as_i64);
    assert_eq!(instant("exp"), Some(NOW.seconds() + 3600));
    assert_eq!(instant("iat"), Some(NOW.seconds() - 300));
    assert_eq!(instant("nbf"), instant("iat"));
    let roles = claims.get("roles").and_then(Value::as_array).map(Vec::len);
    assert_eq!(roles, Some(1));
    assert_eq!(header(&token).get("alg").and_then(Value::as_str), Some("RS256"));
    assert_eq!(header(&token).get("typ").and_then(Value::as_str), Some("JWT"));
}

#[test]
fn tokens_are_one_of_a_kind() {
    let mut fixture = Fixture::new();
    let (first, second) = (fixture.access_token(), fixture.access_token());
    assert_ne!(claims(&first).get("uti"), claims(&second).get("uti"));
}

#[test]
fn the_token_validates_against_the_published_keys() {
    let mut fixture = Fixture::new();
    let token = fixture.access_token();
    let tenant = fixture.emulator.settings().tenant_id.clone();
    let keys = fixture.get(&format!("/{tenant}/discovery/v2.0/keys"));
    let import = |document: &[u8]| {
        let keys = Jwks::parse(document).expect("a key set");
        std::sync::Arc::new(KeySet::import(keys, &RustCrypto))
    };
    let keys = import(&keys.body);
    let policy = Policy::new(fixture.emulator.access_token_issuer(), "https://vault.azure.net");
    assert!(verify(&token, &keys, &policy, fixture.now).is_ok());
    let other = Policy::new(fixture.emulator.access_token_issuer(), "https://other.example");
    assert!(verify(&token, &keys, &other, fixture.now).is_err());
    let github = fixture.get("/_services/token/.well-known/jwks");
    let github = import(&github.body);
    assert!(verify(&token, &github, &policy, fixture.now).is_err());
}

#[test]
fn tenant_by_domain_and_client_id_in_any_case() {
    let mut fixture = Fixture::new();
    let upper = fixture.emulator.settings().client_id.to_uppercase();
    let form = fixture.good_form().set("client_id", &upper);
    let response = fixture.send(&form.request("/workload.example/oauth2/v2.0/token"));
    assert_eq!(response.status, 200);
}

#[test]
fn requested_claims_come_back() {
    let mut fixture = Fixture::new();
    let wanted =
        r#"{"access_token":{"acrs":{"essential":true,"value":"c1"},"xms_cc":{"values":["cp1"]}}}"#;
    let form = fixture.good_form().set("claims", wanted);
    let token = text(&fixture.post(&form), "access_token");
    let claims = claims(&token);
    assert_eq!(claims.get("acrs"), Some(&Value::Array(vec![Value::from("c1")])));
    assert_eq!(claims.get("xms_cc"), Some(&Value::Array(vec![Value::from("cp1")])));
}

#[test]
fn the_v1_endpoint_takes_a_resource_and_writes_strings() {
    let mut fixture = Fixture::new();
    let tenant = fixture.emulator.settings().tenant_id.clone();
    let path = format!("/{tenant}/oauth2/token");
    let form = fixture.good_form().without("scope").set("resource", "https://vault.azure.net");
    let response = fixture.send(&form.request(&path));
    assert_eq!(text(&response, "expires_in"), "3599");
    assert_eq!(text(&response, "expires_on"), (NOW.seconds() + 3600).to_string());
    let claims = claims(&text(&response, "access_token"));
    assert_eq!(claims.get("ver").and_then(Value::as_str), Some("1.0"));
    assert_eq!(
        claims.get("iss").and_then(Value::as_str),
        Some(format!("{BASE}/{tenant}/").as_str())
    );
    let form = fixture.good_form().set("scope", SCOPE);
    assert_eq!(crate::fixture::aadsts(&fixture.send(&form.request(&path))), 900_144);
}
