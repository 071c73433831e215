//! Refusals that have nothing to do with the assertion's issuer.

use crate::fixture::{Fixture, WithHeader, aadsts, json, refusal, request, text};
use serde_json::Value;

fn refused(change: impl FnOnce(&mut Fixture) -> crate::fixture::Form) -> (u16, String, i64) {
    let mut fixture = Fixture::new();
    let form = change(&mut fixture);
    refusal(&fixture.post(&form))
}

fn outcome(status: u16, error: &str, code: i64) -> (u16, String, i64) {
    (status, error.to_owned(), code)
}

#[test]
fn the_error_answer_is_entras() {
    let mut fixture = Fixture::new();
    let form = fixture.good_form().without("scope");
    let id = "11111111-2222-4333-8444-555555555555";
    let request = form.request(&fixture.token_path()).with_header("client-request-id", id);
    let response = fixture.send(&request);
    let body = json(&response);
    assert_eq!(text(&response, "timestamp"), "2026-11-22 13:29:05Z");
    assert_eq!(text(&response, "correlation_id"), id);
    assert_eq!(response.header("client-request-id"), Some(id));
    let trace = text(&response, "trace_id");
    assert_eq!(
        text(&response, "error_description"),
        format!(
            "AADSTS900144: The request body must contain the following parameter: 'scope'.\r\nTrace ID: {trace}\r\nCorrelation ID: {id}\r\nTimestamp: 2026-11-22 13:29:05Z"
        )
    );
    assert!(text(&response, "error_uri").ends_with("/error?code=900144"));
    assert_eq!(body.get("error_codes"), Some(&Value::Array(vec![Value::from(900_144)])));
}

#[test]
fn parameters_that_are_missing() {
    for name in ["grant_type", "client_id", "scope", "client_assertion_type"] {
        assert_eq!(
            refused(|fixture| fixture.good_form().without(name)),
            outcome(400, "invalid_request", 900_144),
            "{name}"
        );
        assert_eq!(
            refused(|fixture| fixture.good_form().set(name, "")),
            outcome(400, "invalid_request", 900_144),
            "{name}"
        );
    }
}

#[test]
fn a_body_of_another_type_has_no_parameters() {
    let mut fixture = Fixture::new();
    let form = fixture.good_form();
    let path = fixture.token_path();
    let mut send = |content_type: &str| {
        let mut request = form.request(&path);
        request.headers_mut().clear();
        fixture.send(&request.with_header("Content-Type", content_type))
    };
    for content_type in ["application/json", "text/plain"] {
        assert_eq!(aadsts(&send(content_type)), 900_144, "{content_type}");
    }
    assert_eq!(send("Application/X-WWW-Form-URLEncoded; charset=utf-8").status, 200);
}

#[test]
fn wrong_grant_types() {
    for grant in ["password", "authorization_code", "Client_Credentials"] {
        assert_eq!(
            refused(|fixture| fixture.good_form().set("grant_type", grant)),
            outcome(400, "unsupported_grant_type", 70_003),
            "{grant}"
        );
    }
}

#[test]
fn a_parameter_twice() {
    assert_eq!(
        refused(|fixture| fixture.good_form().add("scope", "api://other/.default")),
        outcome(400, "invalid_request", 9_000_411)
    );
}

#[test]
fn tenants_that_do_not_issue() {
    for (tenant, code) in [
        ("00000000-0000-4000-8000-000000000000", 90_002),
        ("other.example", 90_002),
        ("not_a_tenant", 900_023),
        ("common", 9_001_023),
        ("consumers", 9_001_023),
        ("organizations", 50_059),
    ] {
        let mut fixture = Fixture::new();
        let request = fixture.good_form().request(&format!("/{tenant}/oauth2/v2.0/token"));
        assert_eq!(
            refusal(&fixture.send(&request)),
            outcome(400, "invalid_request", code),
            "{tenant}"
        );
    }
}

#[test]
fn unknown_application() {
    assert_eq!(
        refused(|fixture| {
            fixture.good_form().set("client_id", "00000000-0000-4000-8000-000000000000")
        }),
        outcome(400, "unauthorized_client", 700_016)
    );
}

#[test]
fn wrong_verbs() {
    let mut fixture = Fixture::new();
    for method in ["GET", "PUT", "DELETE"] {
        let request = request(method, &fixture.token_path());
        assert_eq!(
            refusal(&fixture.send(&request)),
            outcome(400, "invalid_request", 900_561),
            "{method}"
        );
    }
    assert_eq!(fixture.emulator.token_request_count(), 0);
}

#[test]
fn scopes() {
    for (scope, code) in [
        ("User.Read", 1_002_012),
        ("https://vault.azure.net/user_impersonation", 1_002_012),
        ("api://a/.default api://b/.default", 28_000),
        ("api://ä/.default", 70_011),
    ] {
        assert_eq!(
            refused(|fixture| fixture.good_form().set("scope", scope)),
            outcome(400, "invalid_scope", code),
            "{scope}"
        );
    }
}

#[test]
fn resources_that_the_tenant_does_not_have() {
    let mut fixture = Fixture::with(|settings| settings.resources = vec!["api://known".to_owned()]);
    let form = fixture.good_form();
    assert_eq!(refusal(&fixture.post(&form)), outcome(400, "invalid_resource", 500_011));
    assert_eq!(fixture.post(&form.set("scope", "api://known/.default")).status, 200);
}

#[test]
fn credentials_of_another_sort() {
    let without = |fixture: &mut Fixture| {
        fixture.good_form().without("client_assertion").without("client_assertion_type")
    };
    assert_eq!(refused(without), outcome(401, "invalid_client", 7_000_216));
    assert_eq!(
        refused(|fixture| without(fixture).set("client_secret", "hunter2")),
        outcome(401, "invalid_client", 7_000_215)
    );
    assert_eq!(
        refused(|fixture| {
            fixture.good_form().set(
                "client_assertion_type",
                "urn:ietf:params:oauth:client-assertion-type:saml2-bearer",
            )
        }),
        outcome(400, "invalid_request", 9_002_313)
    );
}

#[test]
fn claims_that_are_no_json_object() {
    assert_eq!(
        refused(|fixture| fixture.good_form().set("claims", "acrs=c1")),
        outcome(400, "invalid_request", 50_146)
    );
}

#[test]
fn malformed_assertions() {
    for assertion in ["x", "a.b.c", "eyJhbGciOiJSUzI1NiJ9..", "\u{1f511}"] {
        assert_eq!(
            refused(|fixture| fixture.form(assertion)),
            outcome(400, "invalid_request", 50_027),
            "{assertion}"
        );
    }
}
