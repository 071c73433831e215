//! What the services refuse.

use super::*;

pub(super) fn all() -> Vec<Recorder> {
    vec![tokens(), claims_challenge(), statuses(), bodies(), throttled(), transport()]
}

pub(super) fn list() -> Value {
    json!({"operation": "list"})
}

fn tokens() -> Recorder {
    let mut r = Recorder::manager(
        "manager-tokens",
        "The credential that gives the access token fails, or gives something that is none.",
        app(),
    );
    for (kind, head, body, code) in [
        ("failed", "other", b"no login is there: Bearer eyJhbGciOi".as_slice(), "callback_failed"),
        ("failed", "unsupported", b"", "callback_failed"),
        ("failed", "cancelled", b"", "cancelled"),
        ("answer", "", b"", "callback_failed"),
        ("answer", "", b"two words", "callback_failed"),
        ("answer", "", b"line\r\nx: y", "callback_failed"),
        ("answer", "", &[0xff, 0xfe], "callback_failed"),
        ("elapsed", "", b"", "misuse"),
    ] {
        let t = r.begin(list());
        let e = r.perform(t, "ask_host");
        r.resolve(e, kind, 0, head, body);
        let error = r.refuses(t, code);
        assert!(!error.to_string().contains("eyJ"), "{error}");
    }
    let t = r.begin(list());
    let e = r.perform(t, "ask_host");
    r.resolve(e, "answer", 0, "", b" the-access-token\n");
    r.lists(t, GRAPH, &[]);
    r.gives(t, json!({"credentials": []}));
    r
}

fn claims_challenge() -> Recorder {
    let mut r = Recorder::manager(
        "manager-claims-challenge",
        "After a 401 a token is asked for once more, with the claims of the challenge.",
        app(),
    );
    let challenge = "www-authenticate: Bearer realm=\"\", authorization_uri=\"https://login.example\", error=\"insufficient_claims\", claims=\"eyJhY2Nlc3NfdG9rZW4iOnt9fQ==\"";
    let body = br#"{"error":{"code":"InvalidAuthenticationToken","message":"Continuous access evaluation resulted in challenge"}}"#;
    let t = r.begin(list());
    r.authorized(t);
    let (e, _) = r.sends(t, "GET", GRAPH);
    r.resolve(e, "http", 401, challenge, body);
    let step = r.poll(t, "perform");
    assert_eq!(step["effect"]["payload"]["claims"], r#"{"access_token":{}}"#);
    r.authorized(t).lists(t, GRAPH, &[]);
    r.gives(t, json!({"credentials": []}));
    let t = r.begin(list());
    r.authorized(t);
    let (e, _) = r.sends(t, "GET", GRAPH);
    r.resolve(e, "http", 401, "", body);
    r.authorized(t);
    let (e, _) = r.sends(t, "GET", GRAPH);
    r.resolve(e, "http", 401, challenge, body);
    let error = r.refuses(t, "management_refused");
    assert!(!error.to_string().contains("the-access-token"), "{error}");
    r
}

fn statuses() -> Recorder {
    let mut r = Recorder::manager(
        "manager-refusals",
        "Refusals of the service say what to do. A 403 names the permission that is missing.",
        app(),
    );
    let body = json!({"error": {"code": "Authorization_RequestDenied", "message": "Insufficient privileges to complete the operation.", "innerError": {"request-id": "x"}}});
    for (status, code, words) in [
        (400, "management_refused", "status 400"),
        (402, "management_refused", "status 402"),
        (403, "management_refused", "Application.ReadWrite.OwnedBy"),
        (404, "identity_not_found", "Application (client) ID"),
        (405, "management_refused", "status 405"),
        (407, "proxy_authentication_required", "407"),
        (410, "management_refused", "status 410"),
        (301, "response_redirect", "not sent on"),
        (304, "response_redirect", "not sent on"),
        (100, "response_redirect", "not sent on"),
    ] {
        let t = r.begin(list());
        r.authorized(t);
        let (e, _) = r.sends(t, "GET", GRAPH);
        r.resolve(
            e,
            "http",
            status,
            "request-id: r-1\nlocation: https://evil.example/",
            body.to_string().as_bytes(),
        );
        let error = r.refuses(t, code);
        assert!(error["message"].as_str().is_some_and(|text| text.contains(words)), "{error}");
    }
    let mut r = with_forbidden(r, "delete", json!({"operation": "delete", "name": "main"}));
    // A gateway's own page, and a text that breaks lines.
    for body in [
        &b"<html>no</html>"[..],
        br#"{"error":{"code":"a\u001b[31m","message":"b\r\nc Bearer eyJhbGciOi"}}"#,
        b"",
        br#"{"code":"X","message":"top"}"#,
    ] {
        let t = r.begin(list());
        r.authorized(t);
        let (e, _) = r.sends(t, "GET", GRAPH);
        r.resolve(e, "http", 403, "", body);
        let error = r.refuses(t, "management_refused");
        let text = error["message"].as_str().unwrap_or_default();
        assert!(!text.chars().any(char::is_control) && !text.contains("eyJ"), "{text:?}");
    }
    r
}

fn with_forbidden(mut r: Recorder, what: &str, request: Value) -> Recorder {
    let t = r.begin(request);
    r.authorized(t);
    let (e, _) = r.sends(t, "DELETE", &format!("{GRAPH}/main"));
    r.http(e, 403, json!({"error": {"code": "Authorization_RequestDenied", "message": what}}));
    let error = r.refuses(t, "management_refused");
    assert!(
        error["message"].as_str().is_some_and(|text| text.contains("Application.ReadWrite.All"))
    );
    r
}

fn bodies() -> Recorder {
    let mut r =
        Recorder::manager("manager-answers", "Answers with status 200 that are no lists.", app());
    for (body, code) in [
        (&b"<!DOCTYPE html>"[..], "response_not_json"),
        (b"", "response_empty"),
        (b" \n", "response_empty"),
        (b"[]", "response_invalid"),
        (b"{}", "response_invalid"),
        (br#"{"value":{}}"#, "response_invalid"),
        (br#"{"value":[1]}"#, "response_invalid"),
        (br#"{"value":[{}]}"#, "response_invalid"),
        (br#"{"value":[{"name":1,"issuer":"i"}]}"#, "response_invalid"),
        (br#"{"value":[{"name":"n","audiences":"a"}]}"#, "response_invalid"),
        (br#"{"value":[],"value":[]}"#, "response_duplicate_member"),
        (br#"{"value":[],"@odata.nextLink":7}"#, "response_invalid"),
        (b"\xff", "response_not_json"),
        (br#"{"value":["#, "response_not_json"),
    ] {
        let t = r.begin(list());
        r.authorized(t);
        let (e, _) = r.sends(t, "GET", GRAPH);
        r.resolve(e, "http", 200, "content-type: application/json", body);
        r.refuses(t, code);
    }
    let t = r.begin(json!({"operation": "get", "name": "main"}));
    r.authorized(t);
    let (e, _) = r.sends(t, "GET", &format!("{GRAPH}/main"));
    r.http(e, 200, stored("other", "s1"));
    r.refuses(t, "response_invalid");
    // Values that no service should have: nothing to match, and two audiences.
    let t = r.begin(list());
    r.authorized(t);
    let odd = json!({"name": "odd", "issuer": null, "subject": "", "audiences": ["a", "b"], "claimsMatchingExpression": null});
    r.lists(t, GRAPH, std::slice::from_ref(&odd));
    r.lists(t, BETA, &[odd]);
    r.gives(t, json!({"credentials": [{"name": "odd", "issuer": "", "audience": "a, b"}]}));
    r
}

fn throttled() -> Recorder {
    let mut r = Recorder::manager(
        "manager-throttling",
        "After a 429 the request is sent again when the service wants it, writes too: a throttled write was not carried out.",
        app(),
    );
    let body = json!({"error": {"code": "TooManyRequests", "message": "slow down"}});
    let t = r.begin(json!({"operation": "delete", "name": "main"}));
    r.authorized(t);
    for attempt in 0..3 {
        let (e, _) = r.sends(t, "DELETE", &format!("{GRAPH}/main"));
        let wake = r.resolve(e, "http", 429, "retry-after: 7", body.to_string().as_bytes());
        assert_eq!(wake != 0, attempt == 2);
        if attempt < 2 {
            let step = r.poll(t, "perform");
            assert!(step["effect"]["until"].as_i64().unwrap_or_default() >= r.now() + 7_000);
            let e = r.perform(t, "sleep");
            r.wait(9_000);
            r.resolve(e, "elapsed", 0, "", b"");
        }
    }
    let error = r.refuses(t, "throttled");
    assert_eq!(error["retry_at"], r.now() + 7_000);
    // A pause beyond the deadline is not begun.
    let t = r.begin(json!({"operation": "list", "deadline": r.now() + 5_000}));
    r.authorized(t);
    let (e, _) = r.sends(t, "GET", GRAPH);
    r.resolve(e, "http", 429, "retry-after: 7", body.to_string().as_bytes());
    r.refuses(t, "throttled");
    r
}

fn transport() -> Recorder {
    let mut r = Recorder::manager(
        "manager-transport",
        "Reads are retried after failures of the network and of the service; then the error tells what to look at.",
        app(),
    );
    for (kind, status, word, code) in [
        ("failed", 0, "timeout", "network_timeout"),
        ("failed", 0, "refused", "network_refused"),
        ("failed", 0, "dns", "network_dns"),
        ("failed", 0, "other", "network_failed"),
        ("http", 408, "", "service_unavailable"),
        ("http", 500, "", "service_unavailable"),
        ("http", 503, "retry-after: 1", "service_unavailable"),
        ("http", 599, "", "service_unavailable"),
    ] {
        let t = r.begin(list());
        r.authorized(t);
        for _ in 0..2 {
            let (e, _) = r.sends(t, "GET", GRAPH);
            r.resolve(e, kind, status, word, b"");
            r.pauses(t);
        }
        let (e, _) = r.sends(t, "GET", GRAPH);
        r.resolve(e, kind, status, word, b"");
        r.refuses(t, code);
    }
    for (word, code) in [
        ("tls", "network_tls"),
        ("proxy_authentication", "proxy_authentication_required"),
        ("cancelled", "cancelled"),
        ("unreadable", "response_invalid"),
    ] {
        let t = r.begin(list());
        r.authorized(t);
        let (e, _) = r.sends(t, "GET", GRAPH);
        r.resolve(e, "failed", 0, word, b"");
        r.refuses(t, code);
    }
    r
}
