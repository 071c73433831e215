//! What the application's callback is told, and the path of a federated managed identity.

use super::{SCOPE, assertion, config, issued, jwt, refusal, request};
use crate::Recorder;
use serde_json::{Value, json};

pub(super) fn all() -> Vec<Recorder> {
    vec![reasons(), members(), generic(), single_use(), fmi_path(), fmi_path_refused()]
}

/// Asks for the payload of the callback, and answers it.
fn asked(r: &mut Recorder, t: u64, answer: &str) -> Value {
    let step = r.poll(t, "perform");
    assert_eq!(step["effect"]["name"], "assertion", "{step}");
    let e = step["effect"]["id"].as_u64().expect("an id");
    r.resolve(e, "answer", 0, "", answer.as_bytes());
    step["effect"]["payload"].clone()
}

fn exchanged(r: &mut Recorder, t: u64, token: &str) {
    let e = r.perform(t, "http");
    r.http(e, 200, issued(token, 3599));
    r.done(t, token);
    r.end(t);
}

fn check(payload: &Value, reason: &str, attempt: u64) {
    assert_eq!(payload["reason"], reason, "{payload}");
    assert_eq!(payload["attempt"], attempt, "{payload}");
}

fn reasons() -> Recorder {
    let mut r = Recorder::new(
        "callback-reasons",
        "The callback is told why it is asked: first, after a failure of its own, after a refusal, and when its assertion has expired.",
        config(json!({})),
    );
    let t = r.begin(request());
    let step = r.poll(t, "perform");
    check(&step["effect"]["payload"], "first", 1);
    let e = step["effect"]["id"].as_u64().expect("an id");
    r.resolve(e, "failed", 0, "timeout", b"");
    let e = r.perform(t, "sleep");
    r.wait(1000);
    r.resolve(e, "elapsed", 0, "", b"");
    check(&asked(&mut r, t, &jwt()), "first", 2);
    let e = r.perform(t, "http");
    r.http(e, 401, refusal(700024, "invalid_client", "Expired."));
    check(&asked(&mut r, t, &jwt()), "rejected", 3);
    exchanged(&mut r, t, "token-1");
    // Another scope needs no other assertion.
    let t = r.begin(json!({"scopes": ["https://a.example/.default"]}));
    exchanged(&mut r, t, "token-2");
    r.wait(3_590_000);
    let t = r.begin(request());
    let renewed = crate::workload_token("s", r.now() / 1000 + 3600);
    check(&asked(&mut r, t, &renewed), "refresh", 1);
    let e = r.perform(t, "http");
    r.http(e, 401, refusal(700213, "invalid_client", "No match."));
    r.fail(t, "trust_mismatch");
    r.end(t);
    let t = r.begin(request());
    check(&asked(&mut r, t, &renewed), "rejected", 1);
    exchanged(&mut r, t, "token-3");
    r
}

fn members() -> Recorder {
    let mut r = Recorder::new(
        "callback-context",
        "The callback gets the whole context of the exchange.",
        config(json!({"authority_host": "https://login.microsoftonline.us"})),
    );
    let deadline = r.now() + 4000;
    let claims = r#"{"access_token":{"nbf":{"essential":true,"value":"1"}}}"#;
    let t = r.begin(json!({
        "scopes": [SCOPE], "claims": claims, "enable_cae": true, "context": "visitor", "fmi_path": "agents/a",
        "deadline": deadline,
    }));
    let payload = asked(&mut r, t, &jwt());
    assert_eq!(payload["claims"], claims);
    assert_eq!(payload["client_capabilities"], json!(["cp1"]));
    assert_eq!(payload["fmi_path"], "agents/a");
    assert_eq!(payload["deadline"], deadline);
    let tenant = super::TENANT;
    assert_eq!(payload["authority"], format!("https://login.microsoftonline.us/{tenant}"));
    exchanged(&mut r, t, "token-1");
    r
}

fn generic() -> Recorder {
    let mut r = Recorder::new(
        "callback-generic-authority",
        "With a generic authority the callback gets neither tenant nor capabilities.",
        json!({
            "authority": {"issuer": "https://issuer.example", "token_endpoint": "https://issuer.example/token"},
            "source": {"kind": "callback"},
        }),
    );
    let t = r.begin(json!({"scopes": ["api"]}));
    let payload = asked(&mut r, t, &jwt());
    assert_eq!(payload["authority"], "https://issuer.example");
    exchanged(&mut r, t, "token-1");
    r
}

fn single_use() -> Recorder {
    let mut r = Recorder::new(
        "callback-without-expiry",
        "An assertion without an expiry is used once, and asked for again as a refresh.",
        config(json!({})),
    );
    for (scope, reason) in [("https://a.example", "first"), ("https://b.example", "refresh")] {
        let t = r.begin(json!({"scopes": [format!("{scope}/.default")]}));
        // {"alg":"RS256"} and {"iss":"i"}
        let payload = asked(&mut r, t, "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJpIn0.c2ln");
        check(&payload, reason, 1);
        exchanged(&mut r, t, scope);
    }
    r
}

fn fmi_path() -> Recorder {
    let mut r = Recorder::new(
        "request-fmi-path",
        "The path of a federated managed identity is a form parameter, and separates tokens, flights and assertions.",
        config(json!({"store": true})),
    );
    let of = |path: &str| json!({"scopes": [SCOPE], "fmi_path": path});
    let mut keys = Vec::new();
    for (request, token) in
        [(request(), "plain"), (of("agents/a"), "a"), (of("agents/b & c"), "b"), (of("é/1"), "e")]
    {
        let t = r.begin(request);
        let step = r.poll(t, "perform");
        keys.push(step["effect"]["key"].to_string());
        let e = step["effect"]["id"].as_u64().expect("an id");
        r.resolve(e, "stored", 0, "", b"");
        assertion(&mut r, t);
        let e = r.perform(t, "http");
        r.http(e, 200, issued(token, 3599));
        let e = r.perform(t, "store");
        r.resolve(e, "stored", 0, "", b"");
        r.done(t, token);
        r.end(t);
    }
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), 4, "two requests share a key of the store");
    let t = r.begin(of("agents/a"));
    r.done(t, "a");
    r.end(t);
    r
}

fn fmi_path_refused() -> Recorder {
    let mut r = Recorder::new(
        "request-fmi-path-bad",
        "A path that is blank, too long, or has control characters or white space around it.",
        config(json!({})),
    );
    for path in ["", "  ", " a", "a\n", "a\u{0}b", "a\tb", &"a".repeat(1025)] {
        let t = r.begin(json!({"scopes": [SCOPE], "fmi_path": path}));
        r.fail(t, "request_invalid");
        r.end(t);
    }
    for value in [json!(5), json!(["a"]), json!({})] {
        let t = r.begin(json!({"scopes": [SCOPE], "fmi_path": value}));
        r.fail(t, "request_invalid");
        r.end(t);
    }
    r
}
