//! The inspector: its files, who may read them, and the control paths that it uses.

use crate::fixture::{AUDIENCE, BASE, Fixture, WithHeader, form_request, json, request, text};
use serde_json::json;
use workload_identity_emulator::{PLATFORMS, Request, http};

fn form(method: &str, path: &str, fields: &[(&str, &str)]) -> Request {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let mut request = form_request(path, &fields.iter().map(owned).collect::<Vec<_>>());
    *request.method_mut() = method.parse().expect("a method");
    request
}

fn post(path: &str, body: &str) -> Request {
    http::Request::post(path).body(body.as_bytes().to_vec()).expect("a request")
}

#[test]
fn the_page_and_its_files_are_served() {
    let mut fixture = Fixture::new();
    let page = fixture.get("/");
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
    let page = String::from_utf8(page.body).expect("text");
    let files: Vec<&str> = page.split('"').filter(|text| text.starts_with("/inspector/")).collect();
    assert_eq!(files, ["/inspector/style.css", "/inspector/inspector.js"]);
    let mut left: Vec<String> = files.into_iter().map(str::to_owned).collect();
    let mut seen = Vec::new();
    while let Some(path) = left.pop() {
        let file = fixture.get(&path);
        assert_eq!(file.status, 200, "{path}");
        let content = String::from_utf8(file.body).expect("text");
        for other in ["http://", "https://", "innerHTML", "insertAdjacentHTML", "eval("] {
            assert!(
                !content.contains(other) || content.contains("https://vault.azure.net"),
                "{path}"
            );
        }
        let imports = content.split("from \"./").skip(1).filter_map(|rest| rest.split('"').next());
        left.extend(
            imports.map(|name| format!("/inspector/{name}")).filter(|name| !seen.contains(name)),
        );
        seen.push(path);
    }
    assert!(seen.len() > 8, "{seen:?}");
    assert_eq!(fixture.get("/inspector/none.js").status, 404);
    assert_eq!(fixture.send(&request("POST", "/")).status, 405);
}

#[test]
fn nothing_of_it_is_for_other_origins() {
    let mut fixture = Fixture::new();
    for path in
        ["/", "/inspector/style.css", "/emulator/facts", "/emulator/events", "/emulator/nothing"]
    {
        let own = fixture.get(path);
        assert_eq!(own.header("access-control-allow-origin"), None, "{path}");
        assert_eq!(own.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert_eq!(own.header("referrer-policy"), Some("no-referrer"), "{path}");
        let policy = own.header("content-security-policy").expect("a policy");
        for part in ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'"] {
            assert!(policy.contains(part) && !policy.contains("unsafe"), "{policy}");
        }
        let own = own.status;
        for (headers, status) in [
            (&[("host", "127.0.0.1:8400")][..], own),
            (&[("host", "localhost:8400"), ("origin", "http://localhost:8400")], own),
            (&[("host", "127.0.0.1:8400"), ("origin", BASE)], own),
            (&[("host", "rebound.example:8400")], 403),
            (&[("host", "127.0.0.1:8401")], 403),
            (&[("host", "127.0.0.1:8400"), ("origin", "http://127.0.0.1:3000")], 403),
            (&[("host", "127.0.0.1:8400"), ("origin", "null")], 403),
            (&[("host", "127.0.0.1:8400"), ("sec-fetch-site", "cross-site")], 403),
        ] {
            let mut sent = request("GET", path);
            for (name, value) in headers {
                sent = sent.with_header(name, value);
            }
            assert_eq!(fixture.send(&sent).status, status, "{path} {headers:?}");
        }
        let preflight = request("OPTIONS", path)
            .with_header("origin", "http://evil.example")
            .with_header("access-control-request-method", "POST");
        let answer = fixture.send(&preflight);
        assert_eq!((answer.status, answer.header("access-control-allow-origin")), (403, None));
    }
    // What clients in browsers use stays open to them.
    let api = fixture.get("/api/resource");
    assert_eq!(api.header("access-control-allow-origin"), Some("*"));
}

#[test]
fn a_request_of_another_origin_changes_nothing() {
    let mut fixture = Fixture::new();
    let before = fixture.emulator.credentials().to_vec();
    let fields = [("issuer", "https://a.example"), ("subject", "s")];
    let evil = form("POST", "/emulator/credentials", &fields);
    let evil = evil.with_header("origin", "http://evil.example");
    assert_eq!(fixture.send(&evil).status, 403);
    let fault = post("/emulator/faults", "503").with_header("origin", "http://evil.example");
    assert_eq!(fixture.send(&fault).status, 403);
    assert_eq!(fixture.emulator.credentials(), before);
    assert!(fixture.emulator.faults().is_empty());
}

#[test]
fn credentials_are_changed_in_place() {
    let mut fixture = Fixture::new();
    let former = fixture.emulator.credentials()[0].credential.clone();
    let former_subject = former.subject().expect("a subject");
    let change = form(
        "PUT",
        "/emulator/credentials",
        &[
            ("former_issuer", &former.issuer),
            ("former_subject", former_subject),
            ("issuer", &former.issuer),
            ("subject", "another"),
        ],
    );
    let answer = fixture.send(&change);
    assert_eq!(answer.status, 200);
    let changed = &fixture.emulator.credentials()[0].credential;
    assert_eq!((changed.subject(), changed.audience.as_str()), (Some("another"), AUDIENCE));
    assert_eq!(changed.name, former.name);
    let again = fixture.send(&change);
    assert_eq!(
        (again.status, text(&again, "error")),
        (400, "there is no such credential".to_owned())
    );
}

#[test]
fn faults_are_listed_and_replaced() {
    let mut fixture = Fixture::new();
    fixture.fault("github:status=502*2");
    fixture.fault("latency=5");
    let listed = json(&fixture.get("/emulator/faults"));
    assert_eq!(listed["faults"], json!(["github:status=502*2", "latency=5"]));
    assert_eq!(listed["kinds"][0]["form"], "latency=MS");
    assert_eq!(listed["kinds"][0]["targets"], listed["targets"]);
    let page = json!({
        "form": "page=N",
        "meaning": "at most N credentials on a page",
        "targets": ["graph", "arm"],
    });
    assert!(listed["kinds"].as_array().expect("a list").contains(&page));
    let mut put = post("/emulator/faults", "reset*1");
    *put.method_mut() = http::Method::PUT;
    assert_eq!(fixture.send(&put).status, 200);
    assert_eq!(fixture.emulator.faults(), ["reset*1"]);
    // A list with a mistake changes nothing.
    let many = "503\n".repeat(100);
    for (body, reason) in [
        ("503\nboom", "unknown fault `boom`"),
        ("503\ngraph:token_type", "`token_type` has no effect on `graph`, only on token"),
        ("metadata:skew=5", "`skew` has no effect on `metadata`"),
        ("delay=5", "`delay` has no effect on `token`, only on graph, arm"),
        (&many, "at most 100"),
    ] {
        let answer = fixture.send(&post("/emulator/faults", body));
        assert_eq!(answer.status, 400, "{body}");
        assert!(text(&answer, "error").contains(reason), "{body}: {}", text(&answer, "error"));
        let mut put = post("/emulator/faults", &format!("{body}\n503"));
        *put.method_mut() = http::Method::PUT;
        assert_eq!(fixture.send(&put).status, 400, "{body}");
        assert_eq!(fixture.emulator.faults(), ["reset*1"]);
    }
    let mut binary = post("/emulator/faults", "");
    *binary.body_mut() = vec![0xff];
    assert_eq!(fixture.send(&binary).status, 400);
}

#[test]
fn a_form_with_a_mistake_changes_nothing() {
    let mut fixture = Fixture::new();
    let before = fixture.emulator.credentials().to_vec();
    let issuer = ("issuer", "https://a.example");
    for (fields, reason) in [
        (&[issuer, issuer, ("subject", "s")][..], "`issuer` is there twice"),
        (&[issuer, ("subject", "s"), ("audiences", "a")], "`audiences` is no field"),
        (&[issuer, ("subject", "s"), ("client_id", "x")], "`client_id`"),
        (&[("subject", "s")], "issuer"),
        (&[issuer], "subject"),
    ] {
        let answer = fixture.send(&form("POST", "/emulator/credentials", fields));
        assert_eq!(answer.status, 400, "{fields:?}");
        assert!(text(&answer, "error").contains(reason), "{}", text(&answer, "error"));
    }
    for body in [r#"{"issuer":"https://a.example","subject":"s"}"#, ""] {
        let answer = fixture.send(&post("/emulator/credentials", body));
        assert_eq!(answer.status, 400);
        assert!(text(&answer, "error").contains("no form"), "{}", text(&answer, "error"));
    }
    assert_eq!(fixture.emulator.credentials(), before);
}

#[test]
fn a_head_request_is_a_get_without_a_body() {
    let mut fixture = Fixture::new();
    for path in ["/emulator/facts", "/emulator/faults", "/emulator/credentials", "/"] {
        let (get, head) = (fixture.get(path), fixture.send(&request("HEAD", path)));
        assert_eq!((head.status, head.headers), (get.status, get.headers), "{path}");
    }
    let head = fixture.send(&request("HEAD", "/emulator/events"));
    assert_eq!((head.status, head.header("content-type")), (200, Some("text/event-stream")));
}

#[test]
fn a_token_of_each_platform_is_accepted() {
    let mut fixture = Fixture::with(|settings| settings.trust_own_issuers = false);
    let listed = json(&fixture.get("/emulator/platforms"));
    assert_eq!(listed["platforms"].as_array().map(Vec::len), Some(PLATFORMS.len()));
    for platform in PLATFORMS {
        for known in fixture.emulator.credentials().to_vec() {
            let credential = &known.credential;
            fixture.emulator.distrust(&credential.issuer, credential.subject().unwrap_or_default());
        }
        fixture.emulator.trust_platform(platform).expect("trusted");
        let body = json!({ "platform": platform.name }).to_string();
        let minted = fixture.send(&post("/emulator/workload-token", &body));
        assert_eq!(minted.status, 200, "{}", platform.name);
        let answer = fixture.exchange(&text(&minted, "token"));
        let shown = String::from_utf8_lossy(&answer.body);
        assert_eq!(answer.status, 200, "{}: {shown}", platform.name);
    }
}

#[test]
fn claims_are_chosen() {
    let mut fixture = Fixture::new();
    let body =
        json!({ "platform": "github", "claims": { "sub": "x\u{202e}", "ref": null, "exp": 5 } });
    let minted = json(&fixture.send(&post("/emulator/workload-token", &body.to_string())));
    let claims = &minted["claims"];
    assert_eq!(claims["sub"], "x\u{202e}");
    assert_eq!((claims["exp"].as_i64(), claims.get("ref")), (Some(5), None));
    assert_eq!(claims["repository"], "octo-org/octo-repo");
    for (body, named) in [
        ("", "the body"),
        ("[]", "the body"),
        (r#"{"platform":"moon"}"#, "`platform`"),
        (r#"{"claim":{}}"#, "claim"),
        (r#"{"claims":[]}"#, "the body"),
    ] {
        let answer = fixture.send(&post("/emulator/workload-token", body));
        assert_eq!(answer.status, 400, "{body}");
        assert!(text(&answer, "error").contains(named), "{body}");
    }
}

#[test]
fn clients_report_their_caches() {
    let mut fixture = Fixture::new();
    let sent = post("/emulator/client-events", r#"{"event":"refresh","client":"app"}"#);
    assert_eq!(fixture.send(&sent).status, 200);
    let refused = fixture.send(&post("/emulator/client-events", r#"{"event":"boom"}"#));
    assert_eq!(refused.status, 400);
    let event = json(&fixture.get("/emulator/events/1"));
    let expected = json!({ "id": 1, "kind": "client", "event": "refresh", "client": "app" });
    for (name, value) in expected.as_object().expect("members") {
        assert_eq!(event.get(name), Some(value));
    }
    assert_eq!(event["time"].as_i64(), Some(fixture.now.millis()));
    assert_eq!(fixture.get("/emulator/events/2").status, 404);
    assert_eq!(fixture.send(&request("DELETE", "/emulator/events")).status, 200);
    assert_eq!(fixture.get("/emulator/events/1").status, 404);
    let stream = fixture.get("/emulator/events");
    assert_eq!(stream.header("content-type"), Some("text/event-stream"));
}
