//! Calls to Microsoft Graph and Azure Resource Manager, and what they have in common: tokens, methods, faults.

use crate::fixture::{AUDIENCE, BASE, Fixture, Response, WithHeader, json, request, text};
use serde_json::{Value, json};
use workload_identity_emulator::Request;

pub(crate) const ISSUER: &str = "https://idp.example/realm";
pub(crate) const API_VERSION: &str = "2024-11-30";

/// A service with its root and the resource of its tokens.
#[derive(Clone, Copy)]
pub(crate) struct Service {
    pub(crate) root: &'static str,
    pub(crate) resource: &'static str,
}

pub(crate) const GRAPH: Service =
    Service { root: "/graph", resource: "https://graph.microsoft.com" };
pub(crate) const ARM: Service = Service { root: "/arm", resource: "https://management.azure.com" };

/// A fixture with a token for each service.
pub(crate) struct Management {
    pub(crate) fixture: Fixture,
    tokens: Vec<(&'static str, String)>,
}

impl Management {
    pub(crate) fn new() -> Self {
        let mut fixture = Fixture::new();
        let tokens = [GRAPH, ARM].map(|service| {
            let form = fixture.good_form().set("scope", &format!("{}/.default", service.resource));
            (service.root, text(&fixture.post(&form), "access_token"))
        });
        Self { fixture, tokens: tokens.into() }
    }

    pub(crate) fn token(&self, service: Service) -> &str {
        let found = self.tokens.iter().find(|(root, _)| *root == service.root);
        found.map_or("", |(_, token)| token)
    }

    /// A call with the token of the service that the path belongs to.
    pub(crate) fn request(&self, method: &str, path: &str, body: Option<&Value>) -> Request {
        let service = if path.starts_with("/arm") { ARM } else { GRAPH };
        let mut request = request(method, path)
            .with_header("authorization", &format!("Bearer {}", self.token(service)));
        if let Some(body) = body {
            *request.body_mut() = body.to_string().into_bytes();
            request = request.with_header("content-type", "application/json");
        }
        request
    }

    pub(crate) fn call(&mut self, method: &str, path: &str, body: Option<&Value>) -> Response {
        let request = self.request(method, path, body);
        self.fixture.send(&request)
    }

    /// The application's credentials, by its object id.
    pub(crate) fn graph_path(&self) -> String {
        let id = &self.fixture.emulator.settings().application_object_id;
        format!("/graph/v1.0/applications/{id}/federatedIdentityCredentials")
    }

    /// The address of the managed identity's credentials, or of one of them.
    pub(crate) fn arm_path(&self, name: &str) -> String {
        let id = self.fixture.emulator.facts().managed_identity_id;
        let name = if name.is_empty() { String::new() } else { format!("/{name}") };
        format!("/arm{id}/federatedIdentityCredentials{name}?api-version={API_VERSION}")
    }
}

pub(crate) fn graph_credential(name: &str, subject: &str) -> Value {
    json!({ "name": name, "issuer": ISSUER, "subject": subject, "audiences": [AUDIENCE] })
}

pub(crate) fn arm_credential(subject: &str) -> Value {
    json!({ "properties": { "issuer": ISSUER, "subject": subject, "audiences": [AUDIENCE] } })
}

/// The names on one page of a list.
pub(crate) fn names(list: &Response) -> Vec<String> {
    let document = json(list);
    let items = document["value"].as_array().expect("a list").iter();
    items.map(|item| item["name"].as_str().expect("a name").to_owned()).collect()
}

/// Status and code of an error response.
pub(crate) fn failure(response: &Response) -> (u16, String) {
    let document = json(response);
    assert!(document["error"]["message"].as_str().is_some_and(|text| !text.is_empty()));
    (response.status, document["error"]["code"].as_str().expect("a code").to_owned())
}

fn both(management: &Management) -> [(Service, String); 2] {
    [(GRAPH, management.graph_path()), (ARM, management.arm_path(""))]
}

#[test]
fn a_token_for_the_service_is_required() {
    let mut management = Management::new();
    let vault = management.fixture.access_token();
    for (service, path) in both(&management) {
        let own = management.token(service).to_owned();
        let other = management.token(if service.root == "/arm" { GRAPH } else { ARM }).to_owned();
        let (missing, audience) = match service.root {
            "/arm" => ("AuthenticationFailed", "InvalidAuthenticationTokenAudience"),
            _ => ("InvalidAuthenticationToken", "InvalidAuthenticationToken"),
        };
        for (authorization, code) in [
            (None, missing),
            (Some("Bearer ".to_owned()), missing),
            (Some(format!("Bearer {other}")), audience),
            (Some(format!("Bearer {vault}")), audience),
            (Some("Bearer a.b.c".to_owned()), "InvalidAuthenticationToken"),
            (Some(format!("Bearer {own}x")), "InvalidAuthenticationToken"),
        ] {
            let mut call = request("GET", &path);
            if let Some(value) = &authorization {
                call = call.with_header("authorization", value);
            }
            let response = management.fixture.send(&call);
            assert_eq!(failure(&response), (401, code.to_owned()), "{authorization:?}");
            let challenge = response.header("www-authenticate").expect("a challenge");
            assert!(challenge.starts_with("Bearer ") && challenge.contains("authorization_uri="));
        }
        assert_eq!(management.call("GET", &path, None).status, 200);
        management.fixture.now = management.fixture.now.plus_seconds(4000);
        let expired = failure(&management.call("GET", &path, None));
        let code = if service.root == "/arm" {
            "ExpiredAuthenticationToken"
        } else {
            "InvalidAuthenticationToken"
        };
        assert_eq!(expired, (401, code.to_owned()));
        management.fixture.now = management.fixture.now.plus_seconds(-4000);
    }
}

#[test]
fn responses_have_ids() {
    let mut management = Management::new();
    let id = "0f5c2d1a-9b7e-4c36-8d24-6a1e5f3b7c80";
    let graph = management.graph_path();
    let call = management.request("GET", &graph, None).with_header("client-request-id", id);
    let response = management.fixture.send(&call);
    assert_eq!(response.header("client-request-id"), Some(id));
    assert_eq!(response.header("request-id").map(str::len), Some(36));
    let failed = management.call("GET", &format!("{graph}/missing"), None);
    let inner = json(&failed)["error"]["innerError"].clone();
    assert_eq!(inner["request-id"].as_str(), failed.header("request-id"));
    assert_eq!(inner["date"].as_str(), Some("2026-11-22T13:29:05"));

    let arm = management.arm_path("");
    let call = management.request("GET", &arm, None).with_header("x-ms-correlation-request-id", id);
    let response = management.fixture.send(&call);
    assert_eq!(response.header("x-ms-correlation-request-id"), Some(id));
    assert_eq!(response.header("x-ms-request-id").map(str::len), Some(36));
}

#[test]
fn faults_have_the_form_of_the_service() {
    let mut management = Management::new();
    for (service, path) in both(&management) {
        let name = service.root.trim_start_matches('/');
        let arm = service.root == "/arm";
        let conflict = if arm {
            "ConcurrentFederatedIdentityCredentialsWritesForSingleManagedIdentity"
        } else {
            "Directory_ConcurrencyViolation"
        };
        let forbidden = if arm { "AuthorizationFailed" } else { "Authorization_RequestDenied" };
        for (fault, status, code) in [
            ("throttle=7*1", 429, "TooManyRequests"),
            ("forbidden*1", 403, forbidden),
            ("status=409*1", 409, conflict),
            ("503*1", 503, "ServiceUnavailable"),
            ("500*1", 500, "InternalServerError"),
        ] {
            management.fixture.fault(&format!("{name}:{fault}"));
            let response = management.call("GET", &path, None);
            assert_eq!(failure(&response), (status, code.to_owned()), "{fault}");
            let retry_after = response.header("retry-after");
            assert_eq!(retry_after, (status == 429).then_some("7"));
        }
        management.fixture.fault(&format!("{name}:html*1"));
        let page = management.call("GET", &path, None);
        assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
        management.fixture.fault(&format!("{name}:reset*1"));
        assert!(management.call("GET", &path, None).reset);
        management.fixture.fault(&format!("{name}:latency=40*1"));
        assert_eq!(management.call("GET", &path, None).delay_ms, 40);
        assert_eq!(management.call("GET", &path, None).status, 200);
    }
}

#[test]
fn a_page_can_be_made_small() {
    let mut management = Management::new();
    management.fixture.fault("graph:page=1");
    let mut path = management.graph_path();
    let mut found = Vec::new();
    loop {
        let page = management.call("GET", &path, None);
        let page_names = names(&page);
        assert_eq!(page_names.len(), 1);
        found.extend(page_names);
        match json(&page)["@odata.nextLink"].as_str() {
            Some(next) => path = next.strip_prefix(BASE).expect("own URL").to_owned(),
            None => break,
        }
    }
    assert_eq!(
        found,
        ["repo-octo-org-octo-repo-ref-refs-heads-main", "system-serviceaccount-default-workload"]
    );
}

#[test]
fn other_paths_and_methods() {
    let mut management = Management::new();
    let (graph, arm) = (management.graph_path(), management.arm_path(""));
    for (method, path, status, code, allow) in [
        ("PUT", graph.clone(), 405, "Request_BadRequest", Some("GET, POST")),
        ("POST", format!("{graph}/name"), 405, "Request_BadRequest", Some("GET, PATCH, DELETE")),
        ("GET", graph.replace("v1.0", "v2.0"), 400, "BadRequest", None),
        ("GET", graph.replace("applications", "users"), 400, "BadRequest", None),
        ("GET", graph.replace("7b2e4d90", "00000000"), 404, "Request_ResourceNotFound", None),
        ("GET", "/graph".to_owned(), 400, "BadRequest", None),
        ("POST", arm.clone(), 405, "HttpMethodNotAllowed", Some("GET")),
        (
            "PATCH",
            management.arm_path("name"),
            405,
            "HttpMethodNotAllowed",
            Some("GET, PUT, DELETE"),
        ),
        ("GET", arm.replace("/orders/", "/other/"), 404, "ResourceNotFound", None),
        ("GET", arm.replace("5a3c7e91", "00000000"), 404, "SubscriptionNotFound", None),
        ("GET", arm.replace(API_VERSION, "2020-01-01"), 400, "NoRegisteredProviderFound", None),
        ("GET", arm.replace("?api", "?x"), 400, "MissingApiVersionParameter", None),
    ] {
        let response = management.call(method, &path, None);
        assert_eq!(failure(&response), (status, code.to_owned()), "{method} {path}");
        assert_eq!(response.header("allow"), allow, "{method} {path}");
    }
}
