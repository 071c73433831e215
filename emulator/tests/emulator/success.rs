//! A granted request: the response, the token, and its keys.

use crate::stage::{BASE, NOW, SCOPE, Stage, claims, header, json, text};
use workload_identity_core::crypto::{KeySet, RustCrypto};
use workload_identity_core::jose::Jwks;
use workload_identity_core::json::Json;
use workload_identity_core::verify::{Policy, verify};

#[test]
fn the_response_has_entras_members() {
    let mut stage = Stage::new();
    let form = stage.good_form();
    let response = stage.post(&form);
    assert_eq!(response.status, 200);
    assert_eq!(response.header("content-type"), Some("application/json; charset=utf-8"));
    assert_eq!(response.header("cache-control"), Some("no-store, no-cache"));
    let body = json(&response);
    assert_eq!(body.member("token_type").and_then(Json::as_text), Some("Bearer"));
    assert_eq!(body.member("expires_in").and_then(Json::as_integer), Some(3599));
    assert_eq!(body.member("ext_expires_in").and_then(Json::as_integer), Some(3599));
    assert_eq!(body.member("refresh_in"), None);
    assert!(body.member("access_token").is_some());
}

#[test]
fn refresh_in_is_a_setting() {
    let mut stage = Stage::with(|settings| settings.refresh_in_seconds = Some(1800));
    let form = stage.good_form();
    let body = json(&stage.post(&form));
    assert_eq!(body.member("refresh_in").and_then(Json::as_integer), Some(1800));
}

#[test]
fn the_token_has_v2_claims() {
    let mut stage = Stage::new();
    let token = stage.access_token();
    let settings = stage.emulator.settings().clone();
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
        assert_eq!(claims.member(name).and_then(Json::as_text), Some(expected), "{name}");
    }
    let instant = |name: &str| claims.member(name).and_then(Json::as_integer);
    assert_eq!(instant("exp"), Some(NOW.seconds() + 3600));
    assert_eq!(instant("iat"), Some(NOW.seconds() - 300));
    assert_eq!(instant("nbf"), instant("iat"));
    let roles = claims.member("roles").and_then(Json::as_list).map(<[Json]>::len);
    assert_eq!(roles, Some(1));
    assert_eq!(header(&token).member("alg").and_then(Json::as_text), Some("RS256"));
    assert_eq!(header(&token).member("typ").and_then(Json::as_text), Some("JWT"));
}

#[test]
fn tokens_are_one_of_a_kind() {
    let mut stage = Stage::new();
    let (first, second) = (stage.access_token(), stage.access_token());
    assert_ne!(claims(&first).member("uti"), claims(&second).member("uti"));
}

#[test]
fn the_token_validates_against_the_published_keys() {
    let mut stage = Stage::new();
    let token = stage.access_token();
    let tenant = stage.emulator.settings().tenant_id.clone();
    let keys = stage.get(&format!("/{tenant}/discovery/v2.0/keys"));
    let import =
        |document: &[u8]| KeySet::import(Jwks::parse(document).expect("a key set"), &RustCrypto);
    let keys = import(&keys.body);
    let policy = Policy::new(stage.emulator.access_token_issuer(), "https://vault.azure.net");
    assert!(verify(&token, &keys, &policy, stage.now).is_ok());
    let other = Policy::new(stage.emulator.access_token_issuer(), "https://other.example");
    assert!(verify(&token, &keys, &other, stage.now).is_err());
    let github = stage.get("/_services/token/.well-known/jwks");
    let github = import(&github.body);
    assert!(verify(&token, &github, &policy, stage.now).is_err());
}

#[test]
fn tenant_by_domain_and_client_id_in_any_case() {
    let mut stage = Stage::new();
    let upper = stage.emulator.settings().client_id.to_uppercase();
    let form = stage.good_form().set("client_id", &upper);
    let response = stage.send(&form.request("/workload.example/oauth2/v2.0/token"));
    assert_eq!(response.status, 200);
}

#[test]
fn requested_claims_come_back() {
    let mut stage = Stage::new();
    let wanted =
        r#"{"access_token":{"acrs":{"essential":true,"value":"c1"},"xms_cc":{"values":["cp1"]}}}"#;
    let form = stage.good_form().set("claims", wanted);
    let token = text(&stage.post(&form), "access_token");
    let claims = claims(&token);
    assert_eq!(claims.member("acrs"), Some(&Json::List(vec![Json::Text("c1".to_owned())])));
    assert_eq!(claims.member("xms_cc"), Some(&Json::List(vec![Json::Text("cp1".to_owned())])));
}

#[test]
fn the_v1_endpoint_takes_a_resource_and_writes_strings() {
    let mut stage = Stage::new();
    let tenant = stage.emulator.settings().tenant_id.clone();
    let path = format!("/{tenant}/oauth2/token");
    let form = stage.good_form().without("scope").set("resource", "https://vault.azure.net");
    let response = stage.send(&form.request(&path));
    assert_eq!(text(&response, "expires_in"), "3599");
    assert_eq!(text(&response, "expires_on"), (NOW.seconds() + 3600).to_string());
    let claims = claims(&text(&response, "access_token"));
    assert_eq!(claims.member("ver").and_then(Json::as_text), Some("1.0"));
    assert_eq!(
        claims.member("iss").and_then(Json::as_text),
        Some(format!("{BASE}/{tenant}/").as_str())
    );
    let form = stage.good_form().set("scope", SCOPE);
    assert_eq!(crate::stage::aadsts(&stage.send(&form.request(&path))), 900_144);
}
