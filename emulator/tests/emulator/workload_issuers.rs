//! The emulator's own issuers.

use crate::stage::{AUDIENCE, BASE, NOW, Stage, aadsts, claims, header, json, key_id, text};
use workload_identity_core::jose::base64url_decode;
use workload_identity_core::json::Json;
use workload_identity_emulator::{Request, Response, ServiceAccount};

fn ask(stage: &mut Stage, extra: &str, token: Option<&str>) -> Response {
    let facts = stage.emulator.facts();
    let path = facts.github_request_url.strip_prefix(BASE).expect("own URL").to_owned();
    let mut request = Request::new("GET", &format!("{path}{extra}"));
    if let Some(token) = token {
        request = request.with_header("Authorization", &format!("Bearer {token}"));
    }
    stage.send(&request)
}

fn github(stage: &mut Stage, extra: &str) -> Response {
    let token = stage.emulator.facts().github_request_token;
    ask(stage, extra, Some(&token))
}

#[test]
fn github_gives_a_token_that_is_exchanged() {
    let mut stage = Stage::new();
    let response = github(&mut stage, "&audience=api%3A%2F%2FAzureADTokenExchange");
    assert_eq!(response.status, 200);
    let token = text(&response, "value");
    let count = json(&response).member("count").and_then(Json::as_integer);
    assert_eq!(count, i64::try_from(token.len()).ok());
    assert_eq!(stage.exchange(&token).status, 200);
    let claims = claims(&token);
    let member = |name: &str| claims.member(name).and_then(Json::as_text);
    assert_eq!(member("iss"), Some("http://127.0.0.1:8400/_services/token"));
    assert_eq!(member("aud"), Some(AUDIENCE));
    assert_eq!(member("sub"), Some("repo:octo-org/octo-repo:ref:refs/heads/main"));
    assert_eq!(member("repository"), Some("octo-org/octo-repo"));
    assert_eq!(
        member("job_workflow_ref"),
        Some("octo-org/octo-repo/.github/workflows/deploy.yml@refs/heads/main")
    );
    let instant = |name: &str| claims.member(name).and_then(Json::as_integer);
    assert_eq!(instant("iat"), Some(NOW.seconds()));
    assert_eq!(instant("nbf"), Some(NOW.seconds() - 600));
    assert_eq!(instant("exp"), Some(NOW.seconds() + 300));
}

#[test]
fn github_defaults_the_audience_to_the_owner() {
    let mut stage = Stage::new();
    for extra in ["", "&audience="] {
        let token = text(&github(&mut stage, extra), "value");
        let claims = claims(&token);
        assert_eq!(
            claims.member("aud").and_then(Json::as_text),
            Some("https://github.com/octo-org"),
            "{extra}"
        );
        assert_eq!(aadsts(&stage.exchange(&token)), 700_212);
    }
}

#[test]
fn github_wants_the_request_token_and_get() {
    let mut stage = Stage::new();
    for token in [None, Some(""), Some("wrong")] {
        assert_eq!(ask(&mut stage, "", token).status, 401, "{token:?}");
    }
    let facts = stage.emulator.facts();
    let path = facts.github_request_url.strip_prefix(BASE).expect("own URL");
    assert_eq!(stage.send(&Request::new("POST", path)).status, 405);
}

#[test]
fn github_vouches_for_other_jobs_that_nobody_trusts() {
    let mut stage = Stage::new();
    for (extra, subject) in [
        ("&ref=refs/heads/dev", "repo:octo-org/octo-repo:ref:refs/heads/dev"),
        ("&environment=production", "repo:octo-org/octo-repo:environment:production"),
    ] {
        let extra = format!("&audience=api://AzureADTokenExchange{extra}");
        let token = text(&github(&mut stage, &extra), "value");
        assert_eq!(claims(&token).member("sub").and_then(Json::as_text), Some(subject));
        assert_eq!(aadsts(&stage.exchange(&token)), 700_213);
    }
}

#[test]
fn github_documents() {
    let mut stage = Stage::new();
    let document = stage.get("/_services/token/.well-known/openid-configuration");
    assert_eq!(text(&document, "issuer"), stage.emulator.github_issuer());
    assert_eq!(text(&document, "jwks_uri"), format!("{BASE}/_services/token/.well-known/jwks"));
    let keys = stage.get("/_services/token/.well-known/jwks");
    let token = stage.github_token();
    assert!(String::from_utf8_lossy(&keys.body).contains(&key_id(&token)));
    assert_eq!(key_id(&token).len(), 36);
    assert_eq!(header(&token).member("typ").and_then(Json::as_text), Some("JWT"));
}

#[test]
fn a_service_account_token_is_exchanged() {
    let mut stage = Stage::new();
    let now = stage.now;
    let account = ServiceAccount::default();
    let token =
        stage.emulator.service_account_token(&account, &[AUDIENCE], 3600, now).expect("a token");
    assert_eq!(stage.exchange(&token).status, 200);
    assert_eq!(header(&token).member("typ"), None);
    // The digest of the public key, as kube-apiserver names its keys.
    assert_eq!(base64url_decode(&key_id(&token)).map(|digest| digest.len()), Some(32));
    let claims = claims(&token);
    assert_eq!(claims.member("aud"), Some(&Json::List(vec![Json::Text(AUDIENCE.to_owned())])));
    let namespace = claims.member("kubernetes.io").and_then(|info| info.member("namespace"));
    assert_eq!(namespace.and_then(Json::as_text), Some("default"));
    let other = ServiceAccount { namespace: "kube-system".to_owned(), ..account };
    let token =
        stage.emulator.service_account_token(&other, &[AUDIENCE], 3600, now).expect("a token");
    assert_eq!(aadsts(&stage.exchange(&token)), 700_213);
}

fn token_request(stage: &mut Stage, body: &str) -> Response {
    let mut request =
        Request::new("POST", "/api/v1/namespaces/default/serviceaccounts/workload/token");
    request.body = body.as_bytes().to_vec();
    stage.send(&request)
}

#[test]
fn token_request_api() {
    let mut stage = Stage::new();
    let body = r#"{"spec":{"audiences":["api://AzureADTokenExchange"],"expirationSeconds":600}}"#;
    let response = token_request(&mut stage, body);
    assert_eq!(response.status, 201);
    let document = json(&response);
    let status = document.member("status").expect("status");
    let token = status.member("token").and_then(Json::as_text).expect("a token").to_owned();
    assert_eq!(
        status.member("expirationTimestamp").and_then(Json::as_text),
        Some("2026-11-22T13:39:05Z")
    );
    assert_eq!(stage.exchange(&token).status, 200);
    assert_eq!(token_request(&mut stage, "{}").status, 201);
    assert_eq!(token_request(&mut stage, r#"{"spec":{"expirationSeconds":599}}"#).status, 422);
    assert_eq!(token_request(&mut stage, "x").status, 400);
}

#[test]
fn kubernetes_documents() {
    let mut stage = Stage::new();
    let document = stage.get("/oic/cluster-1/.well-known/openid-configuration");
    assert_eq!(text(&document, "issuer"), format!("{BASE}/oic/cluster-1/"));
    assert_eq!(text(&document, "jwks_uri"), format!("{BASE}/oic/cluster-1/openid/v1/jwks"));
    let keys = stage.get("/oic/cluster-1/openid/v1/jwks");
    assert_eq!(keys.header("content-type"), Some("application/jwk-set+json"));
    assert_eq!(stage.get("/oic/cluster-2/openid/v1/jwks").status, 404);
}
