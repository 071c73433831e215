//! Metadata that official clients read before their first token request.

use crate::fixture::{BASE, Fixture, WithHeader, aadsts, json, request, text};
use serde_json::Value;

#[test]
fn openid_configuration_v2() {
    let mut fixture = Fixture::new();
    let tenant = fixture.emulator.settings().tenant_id.clone();
    let document = fixture.get(&format!("/{tenant}/v2.0/.well-known/openid-configuration"));
    let address = format!("{BASE}/{tenant}");
    for (name, expected) in [
        ("issuer", format!("{address}/v2.0")),
        ("token_endpoint", format!("{address}/oauth2/v2.0/token")),
        ("authorization_endpoint", format!("{address}/oauth2/v2.0/authorize")),
        ("jwks_uri", format!("{address}/discovery/v2.0/keys")),
    ] {
        assert_eq!(text(&document, name), expected, "{name}");
    }
    let keys = fixture.get(&format!("/{tenant}/discovery/v2.0/keys"));
    let keys = json(&keys);
    let first = keys.get("keys").and_then(Value::as_array).and_then(|list| list.first());
    let issuer = first.and_then(|key| key.get("issuer")).and_then(Value::as_str);
    assert_eq!(issuer, Some(format!("{address}/v2.0").as_str()));
}

#[test]
fn openid_configuration_v1() {
    let mut fixture = Fixture::new();
    let tenant = fixture.emulator.settings().tenant_id.clone();
    let document = fixture.get(&format!("/{tenant}/.well-known/openid-configuration"));
    assert_eq!(text(&document, "issuer"), format!("{BASE}/{tenant}/"));
    assert_eq!(text(&document, "token_endpoint"), format!("{BASE}/{tenant}/oauth2/token"));
    let keys = fixture.get(&format!("/{tenant}/discovery/keys"));
    assert!(!String::from_utf8_lossy(&keys.body).contains("issuer"));
}

#[test]
fn shared_and_unknown_tenants() {
    let mut fixture = Fixture::new();
    let document = fixture.get("/common/v2.0/.well-known/openid-configuration");
    assert_eq!(text(&document, "issuer"), format!("{BASE}/{{tenantid}}/v2.0"));
    let unknown = fixture.get("/other.example/v2.0/.well-known/openid-configuration");
    assert_eq!(aadsts(&unknown), 90_002);
    assert_eq!(aadsts(&fixture.get("/other.example/discovery/v2.0/keys")), 90_002);
}

#[test]
fn instance_discovery() {
    let mut fixture = Fixture::new();
    let endpoint = "http%3A%2F%2F127.0.0.1%3A8400%2Ftenant%2Foauth2%2Fv2.0%2Fauthorize";
    let path =
        format!("/common/discovery/instance?api-version=1.1&authorization_endpoint={endpoint}");
    let document = fixture.get(&path);
    assert_eq!(
        text(&document, "tenant_discovery_endpoint"),
        format!("{BASE}/tenant/v2.0/.well-known/openid-configuration")
    );
    let metadata = json(&document);
    let first = metadata.get("metadata").and_then(Value::as_array).and_then(|list| list.first());
    assert_eq!(
        first.and_then(|cloud| cloud.get("preferred_network")).and_then(Value::as_str),
        Some("127.0.0.1:8400")
    );
    assert_eq!(aadsts(&fixture.get("/common/discovery/instance?api-version=1.1")), 900_144);
    let foreign = "/common/discovery/instance?authorization_endpoint=https://evil.example/x";
    let response = fixture.get(foreign);
    assert_eq!(
        (text(&response, "error"), aadsts(&response)),
        ("invalid_instance".to_owned(), 50_049)
    );
}

#[test]
fn documents_are_read_only_and_other_paths_do_not_exist() {
    let mut fixture = Fixture::new();
    let path = "/_services/token/.well-known/jwks";
    assert_eq!(fixture.send(&request("POST", path)).status, 405);
    assert_eq!(fixture.send(&request("HEAD", path)).status, 200);
    for path in ["/x", "/a/b/c/d/e/f", "//", "/api/other", "/emulator"] {
        assert_eq!(fixture.get(path).status, 404, "{path}");
    }
}

#[test]
fn browsers_may_call_when_the_setting_says_so() {
    let mut fixture = Fixture::new();
    let preflight = request("OPTIONS", &fixture.token_path())
        .with_header("Access-Control-Request-Headers", "client-request-id");
    let response = fixture.send(&preflight);
    assert_eq!(response.status, 204);
    assert_eq!(response.header("access-control-allow-origin"), Some("*"));
    assert_eq!(response.header("access-control-allow-headers"), Some("client-request-id"));
    let mut strict = Fixture::with(|settings| settings.cors = false);
    let response = strict.send(&preflight);
    assert_eq!(response.header("access-control-allow-origin"), None);
    assert_eq!(aadsts(&response), 900_561);
}
