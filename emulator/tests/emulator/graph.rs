//! Credentials of the application in Microsoft Graph.

use crate::fixture::{AUDIENCE, BASE, NOW, Response, WithHeader, aadsts, json};
use crate::issuer::{self, Issuer, Token};
use crate::management::{ISSUER, Management, failure, graph_credential, names};
use serde_json::{Value, json};

fn created(management: &mut Management, body: &Value) -> Response {
    let path = management.graph_path();
    management.call("POST", &path, Some(body))
}

#[test]
fn a_credential_from_its_creation_to_its_end() {
    let mut management = Management::new();
    let path = management.graph_path();
    let mut body = graph_credential("deploy", "workload-8");
    body["description"] = "for deployments".into();
    let response = created(&mut management, &body);
    assert_eq!(response.status, 201);
    let document = json(&response);
    let id = document["id"].as_str().expect("an id").to_owned();
    assert_eq!(
        document,
        json!({
            "@odata.context": format!("{BASE}/graph/v1.0/$metadata#applications('7b2e4d90-6c1f-4f3a-8d57-0e9a1b2c3d4e')/federatedIdentityCredentials/$entity"),
            "id": id,
            "name": "deploy",
            "issuer": ISSUER,
            "subject": "workload-8",
            "description": "for deployments",
            "audiences": [AUDIENCE],
        })
    );
    assert_eq!(response.header("location"), Some(format!("{BASE}{path}/{id}").as_str()));
    for key in [id.as_str(), "deploy"] {
        let got = management.call("GET", &format!("{path}/{key}"), None);
        assert_eq!(json(&got), document);
    }
    let change = json!({ "subject": "workload-9", "description": null });
    let updated = management.call("PATCH", &format!("{path}/{id}"), Some(&change));
    assert_eq!((updated.status, updated.body.len()), (204, 0));
    let got = json(&management.call("GET", &format!("{path}('{id}')"), None));
    assert_eq!(
        (&got["subject"], &got["description"], &got["id"]),
        (&json!("workload-9"), &Value::Null, &json!(id))
    );
    assert_eq!(management.call("DELETE", &format!("{path}/deploy"), None).status, 204);
    for method in ["GET", "DELETE"] {
        let response = management.call(method, &format!("{path}/{id}"), None);
        assert_eq!(failure(&response), (404, "Request_ResourceNotFound".to_owned()));
    }
}

#[test]
fn addresses_of_the_same_application() {
    let mut management = Management::new();
    let path = management.graph_path();
    let settings = management.fixture.emulator.settings().clone();
    let by_app = format!("applications(appId='{}')", settings.client_id);
    let by_object = format!("applications/{}", settings.application_object_id);
    let listed = names(&management.call("GET", &path, None));
    assert_eq!(listed.len(), 2);
    for other in [
        path.replace(&by_object, &by_app),
        path.replace(&by_object, &by_app.replace('\'', "%27")),
        path.replace("/federated", "/microsoft.graph.agentIdentityBlueprint/federated"),
        path.replace("v1.0", "beta"),
    ] {
        assert_eq!(names(&management.call("GET", &other, None)), listed, "{other}");
    }
}

#[test]
fn upsert_by_name() {
    let mut management = Management::new();
    let path = format!("{}(name='upserted')", management.graph_path());
    let body = json!({ "issuer": ISSUER, "subject": "one", "audiences": [AUDIENCE] });
    let plain = management.call("PATCH", &path, Some(&body));
    assert_eq!(failure(&plain), (404, "Request_ResourceNotFound".to_owned()));
    let upsert = |management: &mut Management, path: &str, body: &Value| {
        let request = management.request("PATCH", path, Some(body));
        let request = request.with_header("prefer", "respond-async, create-if-missing");
        management.fixture.send(&request)
    };
    let first = upsert(&mut management, &path, &body);
    assert_eq!(first.status, 201);
    assert_eq!(json(&first)["name"], json!("upserted"));
    let second = upsert(&mut management, &path, &json!({ "subject": "two" }));
    assert_eq!(second.status, 204);
    assert_eq!(json(&management.call("GET", &path, None))["subject"], json!("two"));
    // Only the name as a key says what a new credential would be called.
    let by_id = format!("{}/missing-one", management.graph_path());
    assert_eq!(upsert(&mut management, &by_id, &body).status, 404);
}

#[test]
fn queries() {
    let mut management = Management::new();
    let path = management.graph_path();
    for number in 0..4 {
        let body = graph_credential(&format!("name-{number}"), &format!("it's {number}"));
        assert_eq!(created(&mut management, &body).status, 201);
    }
    let filtered =
        format!("{path}?$filter=subject%20eq%20%27it%27%27s%202%27&$select=name,subject");
    let page = json(&management.call("GET", &filtered, None));
    assert_eq!(page["value"], json!([{ "name": "name-2", "subject": "it's 2" }]));
    let mut next = format!("{path}?$top=4&$count=true");
    let mut found = Vec::new();
    for expected in [4, 2] {
        let page = management.call("GET", &next, None);
        assert_eq!(json(&page)["@odata.count"], json!(6));
        let listed = names(&page);
        assert_eq!(listed.len(), expected);
        found.extend(listed);
        let document = json(&page);
        let link = document["@odata.nextLink"].as_str().and_then(|url| url.strip_prefix(BASE));
        next = link.unwrap_or_default().to_owned();
    }
    assert_eq!((next.as_str(), found.len()), ("", 6));
    for (query, code) in [
        ("$top=0", "Request_BadRequest"),
        ("$orderby=name", "Request_UnsupportedQuery"),
        ("$skiptoken=%20", "Request_BadRequest"),
    ] {
        let response = management.call("GET", &format!("{path}?{query}"), None);
        assert_eq!(failure(&response), (400, code.to_owned()), "{query}");
    }
}

#[test]
fn bodies_are_checked() {
    let mut management = Management::new();
    let path = management.graph_path();
    assert_eq!(created(&mut management, &graph_credential("first", "one")).status, 201);
    let with = |member: &str, value: Value| {
        let mut body = graph_credential("other", "two");
        body[member] = value;
        body
    };
    let invalid = "InvalidFederatedIdentityCredentialValue";
    let bad = "Request_BadRequest";
    for (body, status, code) in [
        (with("name", json!("first")), 409, "Request_MultipleObjectsWithSameKeyValue"),
        (with("subject", json!("one")), 400, invalid),
        (with("name", json!("a b")), 400, invalid),
        (with("name", json!("ab")), 400, invalid),
        (with("name", json!("-abc")), 400, invalid),
        (with("issuer", json!("")), 400, invalid),
        (with("subject", json!("x".repeat(601))), 400, invalid),
        (with("description", json!("x".repeat(601))), 400, invalid),
        (with("audiences", json!([])), 400, invalid),
        (with("audiences", json!(["a", "b"])), 400, invalid),
        (with("audiences", json!("a")), 400, bad),
        (with("name", Value::Null), 400, bad),
        (with("subject", Value::Null), 400, bad),
        (with("issuer", json!(1)), 400, bad),
        (with("keys", json!(1)), 400, bad),
        (with("claimsMatchingExpression", json!({})), 400, bad),
        (json!([]), 400, bad),
        (json!({ "name": "other" }), 400, bad),
    ] {
        assert_eq!(failure(&created(&mut management, &body)), (status, code.to_owned()), "{body}");
    }
    let mut text = management.request("POST", &path, Some(&with("name", json!("other"))));
    text.headers_mut().insert("content-type", "text/plain".parse().expect("a value"));
    assert_eq!(failure(&management.fixture.send(&text)).0, 415);
    let mut cut = management.request("POST", &path, Some(&with("name", json!("other"))));
    cut.body_mut().truncate(20);
    assert_eq!(failure(&management.fixture.send(&cut)).0, 400);
    let renamed = json!({ "name": "renamed" });
    let response = management.call("PATCH", &format!("{path}/first"), Some(&renamed));
    assert_eq!(failure(&response), (400, bad.to_owned()));
    for (name, value) in [("if-match", "W/\"1\""), ("if-none-match", "*")] {
        let request = management.request("PATCH", &format!("{path}/first"), Some(&json!({})));
        let response = management.fixture.send(&request.with_header(name, value));
        assert_eq!(failure(&response), (412, "PreconditionFailed".to_owned()));
    }
    // Nothing of this was stored.
    assert_eq!(names(&management.call("GET", &path, None)).len(), 3);
}

#[test]
fn at_most_twenty() {
    let mut management = Management::new();
    for number in 2..20 {
        let body = graph_credential(&format!("name-{number}"), &format!("s{number}"));
        assert_eq!(created(&mut management, &body).status, 201);
    }
    let response = created(&mut management, &graph_credential("one-more", "more"));
    assert_eq!(response.status, 400);
    assert!(String::from_utf8_lossy(&response.body).contains("at most 20"));
}

#[test]
fn expressions_are_in_beta() {
    let mut management = Management::new();
    let path = management.graph_path().replace("v1.0", "beta");
    let expression =
        |value: &str, version: i64| json!({ "value": value, "languageVersion": version });
    let body = |expression: Value| {
        json!({
            "name": "flexible",
            "issuer": "https://token.actions.githubusercontent.com",
            "claimsMatchingExpression": expression,
            "audiences": [AUDIENCE],
        })
    };
    let good = "claims['sub'] matches 'repo:octo-org/*'";
    let mut both = body(expression(good, 1));
    both["subject"] = "s".into();
    for refused in [both, body(expression(good, 2)), body(expression("claims['sub'] is 1", 1))] {
        let response = management.call("POST", &path, Some(&refused));
        let code = "InvalidFederatedIdentityCredentialValue";
        assert_eq!(failure(&response), (400, code.to_owned()), "{refused}");
    }
    let response = management.call("POST", &path, Some(&body(expression(good, 1))));
    assert_eq!(response.status, 201);
    let document = json(&response);
    assert_eq!(document["claimsMatchingExpression"], expression(good, 1));
    assert_eq!(document["subject"], Value::Null);
    let stable = management.graph_path();
    let got = json(&management.call("GET", &format!("{stable}/flexible"), None));
    assert_eq!(got.get("claimsMatchingExpression"), None);
    let exact = json!({ "subject": "s", "claimsMatchingExpression": null });
    let response = management.call("PATCH", &format!("{path}/flexible"), Some(&exact));
    assert_eq!(response.status, 204);
    let got = json(&management.call("GET", &format!("{path}/flexible"), None));
    assert_eq!((&got["subject"], &got["claimsMatchingExpression"]), (&json!("s"), &Value::Null));
}

#[test]
fn exchanges_follow_the_credentials() {
    let mut management = Management::new();
    let path = management.graph_path();
    let token = Token::new(NOW).sign();
    let exchange = |management: &mut Management| {
        let mut issuer = Issuer::new();
        let fixture = &mut management.fixture;
        let response = fixture.exchange_with(&token, |url| Ok(issuer.answer(url)));
        if response.status == 200 { 0 } else { aadsts(&response) }
    };
    assert_eq!(exchange(&mut management), 700_211);
    let mut body = graph_credential("external", "another");
    body["issuer"] = issuer::ISSUER.into();
    assert_eq!(created(&mut management, &body).status, 201);
    assert_eq!(exchange(&mut management), 700_213);
    let external = format!("{path}/external");
    let change = json!({ "subject": issuer::SUBJECT });
    assert_eq!(management.call("PATCH", &external, Some(&change)).status, 204);
    assert_eq!(exchange(&mut management), 0);
    let change = json!({ "audiences": ["api://other"] });
    assert_eq!(management.call("PATCH", &external, Some(&change)).status, 204);
    assert_eq!(exchange(&mut management), 700_212);
    assert_eq!(management.call("DELETE", &external, None).status, 204);
    assert_eq!(exchange(&mut management), 700_211);
}

#[test]
fn a_delayed_write_is_seen_later() {
    let mut management = Management::new();
    let path = management.graph_path();
    let token = Token::new(NOW).sign();
    let exchange = |management: &mut Management| {
        let mut issuer = Issuer::new();
        let fixture = &mut management.fixture;
        fixture.exchange_with(&token, |url| Ok(issuer.answer(url))).status
    };
    management.fixture.fault("graph:delay=60*1");
    let mut body = graph_credential("external", issuer::SUBJECT);
    body["issuer"] = issuer::ISSUER.into();
    assert_eq!(created(&mut management, &body).status, 201);
    let external = format!("{path}/external");
    assert_eq!(management.call("GET", &external, None).status, 404);
    assert_eq!(exchange(&mut management), 401);
    // A second write of the same name is a conflict all the same.
    assert_eq!(failure(&created(&mut management, &body)).0, 409);
    management.fixture.now = NOW.plus_seconds(59);
    assert_eq!(management.call("GET", &external, None).status, 404);
    management.fixture.now = NOW.plus_seconds(60);
    assert_eq!(management.call("GET", &external, None).status, 200);
    assert_eq!(exchange(&mut management), 200);
}
