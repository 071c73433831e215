//! Metadata that official clients read before their first token request.

use crate::stage::{BASE, Stage, aadsts, json, text};
use workload_identity_core::json::Json;
use workload_identity_emulator::Request;

#[test]
fn openid_configuration_v2() {
    let mut stage = Stage::new();
    let tenant = stage.emulator.settings().tenant_id.clone();
    let document = stage.get(&format!("/{tenant}/v2.0/.well-known/openid-configuration"));
    let address = format!("{BASE}/{tenant}");
    for (name, expected) in [
        ("issuer", format!("{address}/v2.0")),
        ("token_endpoint", format!("{address}/oauth2/v2.0/token")),
        ("authorization_endpoint", format!("{address}/oauth2/v2.0/authorize")),
        ("jwks_uri", format!("{address}/discovery/v2.0/keys")),
    ] {
        assert_eq!(text(&document, name), expected, "{name}");
    }
    let keys = stage.get(&format!("/{tenant}/discovery/v2.0/keys"));
    let keys = json(&keys);
    let first = keys.member("keys").and_then(Json::as_list).and_then(<[Json]>::first);
    let issuer = first.and_then(|key| key.member("issuer")).and_then(Json::as_text);
    assert_eq!(issuer, Some(format!("{address}/v2.0").as_str()));
}

#[test]
fn openid_configuration_v1() {
    let mut stage = Stage::new();
    let tenant = stage.emulator.settings().tenant_id.clone();
    let document = stage.get(&format!("/{tenant}/.well-known/openid-configuration"));
    assert_eq!(text(&document, "issuer"), format!("{BASE}/{tenant}/"));
    assert_eq!(text(&document, "token_endpoint"), format!("{BASE}/{tenant}/oauth2/token"));
    let keys = stage.get(&format!("/{tenant}/discovery/keys"));
    assert!(!String::from_utf8_lossy(&keys.body).contains("issuer"));
}

#[test]
fn shared_and_unknown_tenants() {
    let mut stage = Stage::new();
    let document = stage.get("/common/v2.0/.well-known/openid-configuration");
    assert_eq!(text(&document, "issuer"), format!("{BASE}/{{tenantid}}/v2.0"));
    let unknown = stage.get("/other.example/v2.0/.well-known/openid-configuration");
    assert_eq!(aadsts(&unknown), 90_002);
    assert_eq!(aadsts(&stage.get("/other.example/discovery/v2.0/keys")), 90_002);
}

#[test]
fn instance_discovery() {
    let mut stage = Stage::new();
    let endpoint = "http%3A%2F%2F127.0.0.1%3A8400%2Ftenant%2Foauth2%2Fv2.0%2Fauthorize";
    let path =
        format!("/common/discovery/instance?api-version=1.1&authorization_endpoint={endpoint}");
    let document = stage.get(&path);
    assert_eq!(
        text(&document, "tenant_discovery_endpoint"),
        format!("{BASE}/tenant/v2.0/.well-known/openid-configuration")
    );
    let metadata = json(&document);
    let first = metadata.member("metadata").and_then(Json::as_list).and_then(<[Json]>::first);
    assert_eq!(
        first.and_then(|cloud| cloud.member("preferred_network")).and_then(Json::as_text),
        Some("127.0.0.1:8400")
    );
    assert_eq!(aadsts(&stage.get("/common/discovery/instance?api-version=1.1")), 900_144);
    let foreign = "/common/discovery/instance?authorization_endpoint=https://evil.example/x";
    let response = stage.get(foreign);
    assert_eq!(
        (text(&response, "error"), aadsts(&response)),
        ("invalid_instance".to_owned(), 50_049)
    );
}

#[test]
fn documents_are_read_only_and_other_paths_do_not_exist() {
    let mut stage = Stage::new();
    let path = "/_services/token/.well-known/jwks";
    assert_eq!(stage.send(&Request::new("POST", path)).status, 405);
    assert_eq!(stage.send(&Request::new("HEAD", path)).status, 200);
    for path in ["/", "", "/x", "/a/b/c/d/e/f", "//", "/api/other", "/emulator"] {
        assert_eq!(stage.get(path).status, 404, "{path}");
    }
}

#[test]
fn browsers_may_call_when_the_setting_says_so() {
    let mut stage = Stage::new();
    let preflight = Request::new("OPTIONS", &stage.token_path())
        .with_header("Access-Control-Request-Headers", "client-request-id");
    let response = stage.send(&preflight);
    assert_eq!(response.status, 204);
    assert_eq!(response.header("access-control-allow-origin"), Some("*"));
    assert_eq!(response.header("access-control-allow-headers"), Some("client-request-id"));
    let mut strict = Stage::with(|settings| settings.cors = false);
    let response = strict.send(&preflight);
    assert_eq!(response.header("access-control-allow-origin"), None);
    assert_eq!(aadsts(&response), 900_561);
}
