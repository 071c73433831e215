//! The emulator's own issuers.

use crate::fixture::{
    AUDIENCE, BASE, Fixture, NOW, Response, WithHeader, aadsts, claims, header, json, key_id,
    request, text,
};
use serde_json::Value;
use workload_identity_core::jose::base64url_decode;
use workload_identity_emulator::ServiceAccount;

fn ask(fixture: &mut Fixture, extra: &str, token: Option<&str>) -> Response {
    let facts = fixture.emulator.facts();
    let path = facts.github_request_url.strip_prefix(BASE).expect("own URL").to_owned();
    let mut request = request("GET", &format!("{path}{extra}"));
    if let Some(token) = token {
        request = request.with_header("Authorization", &format!("Bearer {token}"));
    }
    fixture.send(&request)
}

fn github(fixture: &mut Fixture, extra: &str) -> Response {
    let token = fixture.emulator.facts().github_request_token;
    ask(fixture, extra, Some(&token))
}

#[test]
fn github_gives_a_token_that_is_exchanged() {
    let mut fixture = Fixture::new();
    let response = github(&mut fixture, "&audience=api%3A%2F%2FAzureADTokenExchange");
    assert_eq!(response.status, 200);
    let token = text(&response, "value");
    let count = json(&response).get("count").and_then(Value::as_i64);
    assert_eq!(count, i64::try_from(token.len()).ok());
    assert_eq!(fixture.exchange(&token).status, 200);
    let claims = claims(&token);
    let member = |name: &str| claims.get(name).and_then(Value::as_str);
    assert_eq!(member("iss"), Some("http://127.0.0.1:8400/_services/token"));
    assert_eq!(member("aud"), Some(AUDIENCE));
    assert_eq!(member("sub"), Some("repo:octo-org/octo-repo:ref:refs/heads/main"));
    assert_eq!(member("repository"), Some("octo-org/octo-repo"));
    assert_eq!(
        member("job_workflow_ref"),
        Some("octo-org/octo-repo/.github/workflows/deploy.yml@refs/heads/main")
    );
    let instant = |name: &str| claims.get(name).and_then(Value::as_i64);
    assert_eq!(instant("iat"), Some(NOW.seconds()));
    assert_eq!(instant("nbf"), Some(NOW.seconds() - 600));
    assert_eq!(instant("exp"), Some(NOW.seconds() + 300));
}

#[test]
fn github_defaults_the_audience_to_the_owner() {
    let mut fixture = Fixture::new();
    for extra in ["", "&audience="] {
        let token = text(&github(&mut fixture, extra), "value");
        let claims = claims(&token);
        assert_eq!(
            claims.get("aud").and_then(Value::as_str),
            Some("https://github.com/octo-org"),
            "{extra}"
        );
        assert_eq!(aadsts(&fixture.exchange(&token)), 700_212);
    }
}

#[test]
fn github_wants_the_request_token_and_get() {
    let mut fixture = Fixture::new();
    for token in [None, Some(""), Some("wrong")] {
        assert_eq!(ask(&mut fixture, "", token).status, 401, "{token:?}");
    }
    let facts = fixture.emulator.facts();
    let path = facts.github_request_url.strip_prefix(BASE).expect("own URL");
    assert_eq!(fixture.send(&request("POST", path)).status, 405);
}

#[test]
fn github_issues_tokens_for_other_jobs_which_are_not_trusted() {
    let mut fixture = Fixture::new();
    for (extra, subject) in [
        ("&ref=refs/heads/dev", "repo:octo-org/octo-repo:ref:refs/heads/dev"),
        ("&environment=production", "repo:octo-org/octo-repo:environment:production"),
    ] {
        let extra = format!("&audience=api://AzureADTokenExchange{extra}");
        let token = text(&github(&mut fixture, &extra), "value");
        assert_eq!(claims(&token).get("sub").and_then(Value::as_str), Some(subject));
        assert_eq!(aadsts(&fixture.exchange(&token)), 700_213);
    }
}

#[test]
fn github_documents() {
    let mut fixture = Fixture::new();
    let document = fixture.get("/_services/token/.well-known/openid-configuration");
    assert_eq!(text(&document, "issuer"), fixture.emulator.github_issuer());
    assert_eq!(text(&document, "jwks_uri"), format!("{BASE}/_services/token/.well-known/jwks"));
    let keys = fixture.get("/_services/token/.well-known/jwks");
    let token = fixture.github_token();
    assert!(String::from_utf8_lossy(&keys.body).contains(&key_id(&token)));
    assert_eq!(key_id(&token).len(), 36);
    assert_eq!(header(&token).get("typ").and_then(Value::as_str), Some("JWT"));
}

#[test]
fn a_service_account_token_is_exchanged() {
    let mut fixture = Fixture::new();
    let now = fixture.now;
    let account = ServiceAccount::default();
    let token =
        fixture.emulator.service_account_token(&account, &[AUDIENCE], 3600, now).expect("a token");
    assert_eq!(fixture.exchange(&token).status, 200);
    assert_eq!(header(&token).get("typ"), None);
    // The digest of the public key, as kube-apiserver names its keys.
    assert_eq!(base64url_decode(&key_id(&token)).map(|digest| digest.len()), Some(32));
    let claims = claims(&token);
    assert_eq!(claims.get("aud"), Some(&Value::Array(vec![Value::from(AUDIENCE)])));
    let namespace = claims.get("kubernetes.io").and_then(|info| info.get("namespace"));
    assert_eq!(namespace.and_then(Value::as_str), Some("default"));
    let other = ServiceAccount { namespace: "kube-system".to_owned(), ..account };
    let token =
        fixture.emulator.service_account_token(&other, &[AUDIENCE], 3600, now).expect("a token");
    assert_eq!(aadsts(&fixture.exchange(&token)), 700_213);
}

fn token_request(fixture: &mut Fixture, body: &str) -> Response {
    let mut request = request("POST", "/api/v1/namespaces/default/serviceaccounts/workload/token");
    *request.body_mut() = body.as_bytes().to_vec();
    fixture.send(&request)
}

#[test]
fn token_request_api() {
    let mut fixture = Fixture::new();
    let body = r#"{"spec":{"audiences":["api://AzureADTokenExchange"],"expirationSeconds":600}}"#;
    let response = token_request(&mut fixture, body);
    assert_eq!(response.status, 201);
    let document = json(&response);
    let status = document.get("status").expect("status");
    let token = status.get("token").and_then(Value::as_str).expect("a token").to_owned();
    assert_eq!(
        status.get("expirationTimestamp").and_then(Value::as_str),
        Some("2026-11-22T13:39:05Z")
    );
    assert_eq!(fixture.exchange(&token).status, 200);
    assert_eq!(token_request(&mut fixture, "{}").status, 201);
    assert_eq!(token_request(&mut fixture, r#"{"spec":{"expirationSeconds":599}}"#).status, 422);
    assert_eq!(token_request(&mut fixture, "x").status, 400);
}

#[test]
fn kubernetes_documents() {
    let mut fixture = Fixture::new();
    let document = fixture.get("/oic/cluster-1/.well-known/openid-configuration");
    assert_eq!(text(&document, "issuer"), format!("{BASE}/oic/cluster-1/"));
    assert_eq!(text(&document, "jwks_uri"), format!("{BASE}/oic/cluster-1/openid/v1/jwks"));
    let keys = fixture.get("/oic/cluster-1/openid/v1/jwks");
    assert_eq!(keys.header("content-type"), Some("application/jwk-set+json"));
    assert_eq!(fixture.get("/oic/cluster-2/openid/v1/jwks").status, 404);
}
