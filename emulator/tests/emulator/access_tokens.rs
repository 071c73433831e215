//! Access tokens with chosen roles, scopes and claims, from the settings and from control requests.

use crate::fixture::{Fixture, Response, claims, json, request, text};
use serde_json::{Value, json as value};
use std::sync::Arc;
use workload_identity_core::crypto::RustCrypto;
use workload_identity_core::verify::{Verifier, VerifierConfig};

const PATH: &str = "/emulator/access-token";

fn control(fixture: &mut Fixture, method: &str, body: &str) -> Response {
    let mut request = request(method, PATH);
    *request.body_mut() = body.as_bytes().to_vec();
    fixture.send(&request)
}

/// The claims of a minted token.
fn minted(fixture: &mut Fixture, body: &Value) -> Value {
    let response = control(fixture, "POST", &body.to_string());
    assert_eq!(response.status, 200, "{:?}", json(&response));
    claims(&text(&response, "access_token"))
}

#[test]
fn settings_choose_what_tokens_say() {
    let mut fixture = Fixture::with(|settings| {
        settings.roles = vec!["Orders.Read".to_owned(), "Orders.Write".to_owned()];
        settings.claims.insert("groups".to_owned(), value!(["operators"]));
        settings.claims.insert("exp".to_owned(), value!(7));
        settings.claims.insert("uti".to_owned(), Value::Null);
    });
    let token = claims(&fixture.access_token());
    assert_eq!(token["roles"], value!(["Orders.Read", "Orders.Write"]));
    assert_eq!((&token["groups"], &token["exp"]), (&value!(["operators"]), &value!(7)));
    assert_eq!((token.get("uti"), &token["idtyp"]), (None, &value!("app")));
}

#[test]
fn scopes_make_the_token_one_of_a_user() {
    let mut fixture = Fixture::with(|settings| {
        settings.roles = Vec::new();
        settings.scopes = vec!["Orders.Read".to_owned(), "Orders.Write".to_owned()];
    });
    let token = claims(&fixture.access_token());
    assert_eq!(token["scp"], value!("Orders.Read Orders.Write"));
    assert_eq!((token.get("idtyp"), token.get("roles")), (None, None));
}

#[test]
fn a_control_request_mints_a_token_at_once() {
    let mut fixture = Fixture::new();
    let token = minted(&mut fixture, &value!({ "audience": "api://orders" }));
    assert_eq!(token["aud"], value!("api://orders"));
    assert_eq!((&token["ver"], &token["roles"]), (&value!("2.0"), &value!(["Resource.Read"])));
    let token = minted(
        &mut fixture,
        &value!({
            "audience": "api://orders",
            "version": 1,
            "scopes": ["Orders.Read"],
            "claims": { "name": "Ada", "tid": null },
        }),
    );
    assert_eq!((&token["scp"], &token["name"]), (&value!("Orders.Read"), &value!("Ada")));
    assert_eq!((&token["ver"], token.get("tid"), token.get("roles")), (&value!("1.0"), None, None));
    // No exchange took place, and later tokens are as before.
    assert_eq!(fixture.emulator.token_request_count(), 0);
    assert_eq!(claims(&fixture.access_token())["roles"], value!(["Resource.Read"]));
}

#[test]
fn a_control_request_changes_later_tokens() {
    let mut fixture = Fixture::new();
    let body = r#"{"roles":["Orders.Read"],"claims":{"name":"Ada"}}"#;
    assert_eq!(control(&mut fixture, "PUT", body).status, 200);
    let token = claims(&fixture.access_token());
    assert_eq!((&token["roles"], &token["name"]), (&value!(["Orders.Read"]), &value!("Ada")));
    assert_eq!(control(&mut fixture, "PUT", r#"{"roles":[],"claims":{}}"#).status, 200);
    let token = claims(&fixture.access_token());
    assert_eq!((token.get("roles"), token.get("name")), (None, None));
}

#[test]
fn other_bodies_are_refused_by_name() {
    let mut fixture = Fixture::new();
    for (method, body, named) in [
        ("POST", "", "body"),
        ("POST", "[]", "body"),
        ("POST", "{}", "audience"),
        ("POST", r#"{"audience":7}"#, "body"),
        ("POST", r#"{"audience":"a","version":3}"#, "version"),
        ("POST", r#"{"audience":"a","role":["x"]}"#, "role"),
        ("POST", r#"{"audience":"a","roles":["x"],"roles":[]}"#, "twice"),
        ("PUT", r#"{"audience":"a"}"#, "audience"),
        ("PUT", r#"{"roles":"x"}"#, "body"),
    ] {
        let response = control(&mut fixture, method, body);
        assert_eq!(response.status, 400, "{body}");
        assert!(text(&response, "error").contains(named), "{body}: {:?}", json(&response));
    }
}

/// Reads keys through Entra's metadata: discovery document, then the key set that it names.
#[test]
fn a_verifier_accepts_minted_tokens_by_entras_metadata() {
    let mut fixture = Fixture::new();
    let tenant = fixture.emulator.settings().tenant_id.clone();
    for (version, path, issuer) in
        [(2, format!("/{tenant}/v2.0"), "v2.0"), (1, format!("/{tenant}"), "")]
    {
        let response = fixture.get(&format!("{path}/.well-known/openid-configuration"));
        let document = json(&response);
        let issuer = format!("{}/{tenant}/{issuer}", crate::fixture::BASE);
        assert_eq!(document["issuer"], value!(issuer));
        let keys = text(&response, "jwks_uri").replace(crate::fixture::BASE, "");
        let keys = json(&fixture.get(&keys));
        let config = value!({
            "issuers": [{ "issuer": issuer, "audience": "api://orders", "roles": ["Orders.Read"], "keys": keys }],
        });
        let config = VerifierConfig::parse(config.to_string().as_bytes()).expect("a policy");
        let mut verifier = Verifier::new(config, Arc::new(RustCrypto)).expect("a verifier");
        for (role, accepted) in [("Orders.Read", true), ("Orders", false)] {
            let body = value!({ "audience": "api://orders", "version": version, "roles": [role] });
            let response = control(&mut fixture, "POST", &body.to_string());
            let token = text(&response, "access_token");
            let verified = verifier.verify_with_held_keys(&token, fixture.now);
            assert_eq!(verified.is_ok(), accepted, "{version} {role}: {verified:?}");
        }
    }
}
