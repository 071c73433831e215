//! Credentials of the managed identity in Azure Resource Manager.

use crate::fixture::{AUDIENCE, BASE, Response, WithHeader, aadsts, claims, json, text};
use crate::management::{
    API_VERSION, ISSUER, Management, arm_credential, failure, graph_credential, names,
};
use serde_json::{Value, json};

fn put(management: &mut Management, name: &str, body: &Value) -> Response {
    let path = management.arm_path(name);
    management.call("PUT", &path, Some(body))
}

#[test]
fn a_credential_from_its_creation_to_its_end() {
    let mut management = Management::new();
    let id = management.fixture.emulator.facts().managed_identity_id;
    let response = put(&mut management, "deploy", &arm_credential("workload-8"));
    assert_eq!(response.status, 201);
    let document = json(&response);
    assert_eq!(
        document,
        json!({
            "id": format!("{id}/federatedIdentityCredentials/deploy"),
            "name": "deploy",
            "type": "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials",
            "properties": { "issuer": ISSUER, "subject": "workload-8", "audiences": [AUDIENCE] },
        })
    );
    let path = management.arm_path("deploy");
    assert_eq!(json(&management.call("GET", &path, None)), document);
    let replaced = put(&mut management, "deploy", &arm_credential("workload-9"));
    assert_eq!(replaced.status, 200);
    assert_eq!(json(&replaced)["properties"]["subject"], json!("workload-9"));
    let list = management.arm_path("");
    assert_eq!(names(&management.call("GET", &list, None)), ["deploy"]);
    // Names are compared without regard to case.
    let other = put(&mut management, "DEPLOY", &arm_credential("workload-9"));
    assert_eq!((other.status, json(&other)["name"].clone()), (200, json!("deploy")));
    assert_eq!(management.call("DELETE", &path, None).status, 200);
    assert_eq!(management.call("DELETE", &path, None).status, 204);
    let missing = management.call("GET", &path, None);
    assert_eq!(failure(&missing), (404, "NotFound".to_owned()));
}

#[test]
fn the_identity_itself() {
    let mut management = Management::new();
    let facts = management.fixture.emulator.facts();
    let path = format!("/arm{}?api-version={API_VERSION}", facts.managed_identity_id);
    let identity = json(&management.call("GET", &path.to_lowercase(), None));
    assert_eq!(identity["id"], json!(facts.managed_identity_id));
    assert_eq!(identity["properties"]["clientId"], json!(facts.managed_identity_client_id));
}

#[test]
fn pages() {
    let mut management = Management::new();
    for number in 0..5 {
        let name = format!("name-{number}");
        assert_eq!(put(&mut management, &name, &arm_credential(&name)).status, 201);
    }
    let mut path = format!("{}&$top=2", management.arm_path(""));
    for expected in [2, 2, 1] {
        let page = management.call("GET", &path, None);
        assert_eq!(names(&page).len(), expected);
        let document = json(&page);
        let next = document["nextLink"].as_str().and_then(|url| url.strip_prefix(BASE));
        assert_eq!(next.is_some(), expected == 2);
        path = next.unwrap_or_default().to_owned();
    }
}

#[test]
fn bodies_are_checked() {
    let mut management = Management::new();
    assert_eq!(put(&mut management, "first", &arm_credential("one")).status, 201);
    let with = |member: &str, value: Value| {
        let mut body = arm_credential("two");
        body["properties"][member] = value;
        body
    };
    for (name, body, status, code) in [
        ("other", arm_credential("one"), 409, "Conflict"),
        ("-other", arm_credential("two"), 400, "InvalidResourceName"),
        ("ab", arm_credential("two"), 400, "InvalidResourceName"),
        ("other", with("subject", json!("")), 400, "BadRequest"),
        ("other", with("issuer", json!("x".repeat(601))), 400, "BadRequest"),
        ("other", with("audiences", json!(["a", "b"])), 400, "BadRequest"),
        ("other", with("description", json!("d")), 400, "BadRequest"),
        ("other", with("claimsMatchingExpression", json!({})), 400, "BadRequest"),
        ("other", json!({}), 400, "BadRequest"),
        ("other", json!([]), 400, "InvalidRequestContent"),
    ] {
        let response = put(&mut management, name, &body);
        assert_eq!(failure(&response), (status, code.to_owned()), "{body}");
    }
    let path = management.arm_path("first");
    for (name, value) in [("if-match", "\"1\""), ("if-none-match", "*")] {
        let request = management.request("PUT", &path, Some(&arm_credential("one")));
        let response = management.fixture.send(&request.with_header(name, value));
        assert_eq!(failure(&response), (412, "PreconditionFailed".to_owned()));
    }
    let mut form = management.request("PUT", &path, Some(&arm_credential("one")));
    form.headers_mut().remove("content-type");
    assert_eq!(failure(&management.fixture.send(&form)).0, 415);
}

#[test]
fn expressions_are_in_a_preview() {
    let mut management = Management::new();
    let expression =
        json!({ "value": "claims['sub'] matches 'repo:octo-org/*'", "languageVersion": 1 });
    let body = json!({ "properties": {
        "issuer": "https://token.actions.githubusercontent.com",
        "claimsMatchingExpression": expression,
        "audiences": [AUDIENCE],
    } });
    let path = management.arm_path("flexible").replace(API_VERSION, "2025-01-31-preview");
    let response = management.call("PUT", &path, Some(&body));
    assert_eq!(response.status, 201);
    assert_eq!(json(&response)["properties"]["claimsMatchingExpression"], expression);
}

#[test]
fn writes_at_the_same_time_conflict() {
    let mut management = Management::new();
    management.fixture.fault("arm:latency=500*1");
    let first = put(&mut management, "first", &arm_credential("one"));
    assert_eq!((first.status, first.delay_ms), (201, 500));
    let conflict = "ConcurrentFederatedIdentityCredentialsWritesForSingleManagedIdentity";
    let second = put(&mut management, "second", &arm_credential("two"));
    assert_eq!(failure(&second), (409, conflict.to_owned()));
    let path = management.arm_path("first");
    assert_eq!(failure(&management.call("DELETE", &path, None)), (409, conflict.to_owned()));
    assert_eq!(management.call("GET", &path, None).status, 200);
    management.fixture.now = management.fixture.now.plus_seconds(1);
    assert_eq!(put(&mut management, "second", &arm_credential("two")).status, 201);
}

#[test]
fn each_identity_has_its_own_credentials() {
    let mut management = Management::new();
    let fixture = &mut management.fixture;
    let facts = fixture.emulator.facts();
    let form = fixture.good_form().set("client_id", &facts.managed_identity_client_id);
    assert_eq!(aadsts(&fixture.post(&form)), 70_025);
    let job = fixture.emulator.settings().github_job.subject();
    let body = json!({ "properties": {
        "issuer": facts.issuer, "subject": job, "audiences": [AUDIENCE],
    } });
    assert_eq!(put(&mut management, "job", &body).status, 201);
    let token = text(&management.fixture.post(&form), "access_token");
    let claims = claims(&token);
    assert_eq!(claims["azp"], json!(facts.managed_identity_client_id));
    assert_eq!(claims["oid"], json!("c8d1f0a2-5b3e-4e76-9a80-1d2c3b4a5f60"));
    // The application's credentials are others.
    let graph = management.graph_path();
    let body = graph_credential("job", "another");
    assert_eq!(management.call("POST", &graph, Some(&body)).status, 201);
    let path = management.arm_path("job");
    assert_eq!(management.call("DELETE", &path, None).status, 200);
    assert_eq!(aadsts(&management.fixture.post(&form)), 70_025);
}
