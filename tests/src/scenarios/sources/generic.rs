//! The sources of the caller's choice: a file, a variable, a URL, a program.

use super::{exchange, jwt, request, reread};
use crate::Recorder;
use crate::recorder::START;
use crate::scenarios::{SCOPE, config};
use serde_json::{Value, json};

pub(super) fn all() -> Vec<Recorder> {
    let mut all = vec![
        json_file(),
        variable(),
        url(),
        url_failures(),
        executable(),
        executable_failures(),
        executable_output_file(),
    ];
    all.extend(refused());
    all
}

fn source(members: Value) -> Value {
    config(json!({ "source": members }))
}

fn json_file() -> Recorder {
    let mut r = Recorder::new(
        "source-file-json",
        "A file with the token in a member; wrong forms are read again and reported.",
        source(json!({"kind": "file", "path": "/t", "format": "json", "field": "access_token"})),
    );
    let t = r.begin(request());
    let e = r.perform(t, "read_file");
    r.resolve(e, "file", 0, "", b"{\"access_token\":");
    reread(&mut r, t);
    let e = r.perform(t, "read_file");
    r.resolve(e, "file", 0, "", json!({"access_token": jwt()}).to_string().as_bytes());
    exchange(&mut r, t, "token-1");
    let large = vec![b' '; 64 * 1024 + 1];
    for (body, code) in [
        (&large[..], "token_file_too_large"),
        (b"[]", "assertion_malformed"),
        (br#"{"access_token":7}"#, "assertion_malformed"),
        (br#"{"ACCESS_TOKEN":"a"}"#, "assertion_malformed"),
    ] {
        r.wait(3_600_000);
        let t = r.begin(request());
        while !r.peek_is_fail(t) {
            let step = r.poll(t, "perform");
            let e = step["effect"]["id"].as_u64().expect("id");
            if step["effect"]["kind"] == "sleep" {
                r.wait(100);
                r.resolve(e, "elapsed", 0, "", b"");
            } else {
                r.resolve(e, "file", 0, "", body);
            }
        }
        r.fail(t, code);
        r.end(t);
    }
    r
}

fn variable() -> Recorder {
    let mut r = Recorder::new(
        "source-environment",
        "A variable of the caller's choice.",
        source(json!({"kind": "environment", "variable": "MY_TOKEN"})),
    );
    let t = r.begin(request());
    let step = r.poll(t, "perform");
    assert_eq!(step["effect"]["payload"], json!({"variable": "MY_TOKEN"}));
    let e = step["effect"]["id"].as_u64().expect("id");
    r.resolve(e, "answer", 0, "", jwt().as_bytes());
    exchange(&mut r, t, "token-1");
    r
}

fn url() -> Recorder {
    let mut r = Recorder::new(
        "source-url",
        "A URL with headers, as google-github-actions/auth writes it; a 429 is retried.",
        source(json!({
            "kind": "url",
            "url": "https://pipelines.example/token?api-version=2.0&audience=a",
            "headers": {"Authorization": "Bearer request-token", "X-Thing": "1"},
            "format": "json",
            "field": "value"
        })),
    );
    let t = r.begin(request());
    let step = r.poll(t, "perform");
    assert_eq!(
        step["effect"]["headers"],
        json!({"accept": "application/json", "authorization": "Bearer request-token", "x-thing": "1"})
    );
    r.resolve(step["effect"]["id"].as_u64().expect("id"), "http", 429, "", b"");
    super::pause(&mut r, t);
    let e = r.perform(t, "http");
    r.http(e, 200, json!({"value": jwt()}));
    exchange(&mut r, t, "token-1");
    r
}

fn url_failures() -> Recorder {
    let mut r = Recorder::new(
        "source-url-failures",
        "A URL that refuses, redirects, answers HTML or too much; a later good answer works.",
        source(json!({"kind": "url", "url": "http://127.0.0.1:5000/token"})),
    );
    let large = "a".repeat(64 * 1024 + 1);
    for (kind, status, head, body, code) in [
        ("http", 403, "", "", "source_rejected"),
        ("http", 404, "", "", "source_rejected"),
        ("http", 302, "location: http://169.254.169.254/", "", "source_rejected"),
        ("http", 200, "", " \n", "source_response_invalid"),
        ("http", 200, "", large.as_str(), "source_response_invalid"),
        ("http", 200, "", "<html>", "assertion_malformed"),
        ("failed", 0, "unreadable", "br", "source_response_invalid"),
    ] {
        let t = r.begin(request());
        let e = r.perform(t, "http");
        r.resolve(e, kind, status, head, body.as_bytes());
        r.fail(t, code);
        r.end(t);
    }
    let t = r.begin(request());
    let e = r.perform(t, "http");
    r.resolve(e, "http", 200, "", format!("{}\n", jwt()).as_bytes());
    exchange(&mut r, t, "token-1");
    r
}

fn answer(changes: Value) -> String {
    let mut answer = json!({
        "version": 1,
        "success": true,
        "token_type": "urn:ietf:params:oauth:token-type:id_token",
        "id_token": jwt(),
        "expiration_time": START / 1000 + 3600
    });
    if let (Some(answer), Value::Object(changes)) = (answer.as_object_mut(), changes) {
        answer.extend(changes);
    }
    answer.to_string()
}

fn executable() -> Recorder {
    let mut r = Recorder::new(
        "source-executable",
        "A program by google-auth's contract: its environment, its answer.",
        config(json!({
            "source": {"kind": "executable", "command": ["/opt/token", "--for", "a b"], "timeout_ms": 5000},
            "environment": {"GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES": "1"}
        })),
    );
    let t = r.begin(request());
    let step = r.poll(t, "perform");
    let effect = &step["effect"];
    assert_eq!(effect["timeout_ms"], 5000);
    assert_eq!(
        effect["payload"],
        json!({
            "command": ["/opt/token", "--for", "a b"],
            "environment": {
                "GOOGLE_EXTERNAL_ACCOUNT_AUDIENCE": "api://AzureADTokenExchange",
                "GOOGLE_EXTERNAL_ACCOUNT_INTERACTIVE": "0",
                "GOOGLE_EXTERNAL_ACCOUNT_TOKEN_TYPE": "urn:ietf:params:oauth:token-type:jwt"
            },
            "max_bytes": 65536
        })
    );
    let e = effect["id"].as_u64().expect("id");
    r.resolve(e, "answer", 0, "", answer(json!({})).as_bytes());
    exchange(&mut r, t, "token-1");
    r
}

fn executable_failures() -> Recorder {
    let mut r = Recorder::new(
        "source-executable-failures",
        "Everything that a program can do instead of printing a token.",
        source(json!({"kind": "executable", "command": ["p"], "allow_executables": true})),
    );
    let refusal = json!({"version": 1, "success": false, "code": "401", "message": "log in again, not with eyJhbGciOiJSUzI1NiJ9"});
    let large = "a".repeat(64 * 1024 + 1);
    let saml = "urn:ietf:params:oauth:token-type:saml2";
    let answers = [
        (refusal.to_string(), "source_rejected"),
        (json!({"version": 1, "success": false}).to_string(), "source_response_invalid"),
        (answer(json!({"version": 2})), "source_response_invalid"),
        (answer(json!({"version": "1"})), "source_response_invalid"),
        (answer(json!({"success": "true"})), "source_response_invalid"),
        (answer(json!({"token_type": saml, "saml_response": "x"})), "source_response_invalid"),
        (answer(json!({"token_type": null})), "source_response_invalid"),
        (answer(json!({"id_token": null})), "source_response_invalid"),
        (answer(json!({"id_token": " "})), "source_response_invalid"),
        (answer(json!({"id_token": "a.b.c"})), "assertion_malformed"),
        (answer(json!({"expiration_time": START / 1000})), "assertion_expired"),
        (String::new(), "source_response_invalid"),
        ("<html>".into(), "source_response_invalid"),
        (large, "source_response_invalid"),
    ];
    let mut play = |kind, head, body: &str, code| {
        let t = r.begin(request());
        let e = r.perform(t, "ask_host");
        r.resolve(e, kind, 0, head, body.as_bytes());
        let step = r.fail(t, code);
        assert!(!step["error"]["message"].as_str().expect("text").contains("eyJ"), "{step}");
        r.end(t);
    };
    for (body, code) in &answers {
        play("answer", "", body, code);
    }
    for (word, code) in [
        ("unsupported", "source_unsupported"),
        ("not_found", "source_unreachable"),
        ("denied", "source_unreachable"),
        ("timeout", "source_unreachable"),
        ("other", "source_rejected"),
        ("cancelled", "cancelled"),
    ] {
        play("failed", word, "exit status 1", code);
    }
    r
}

fn executable_output_file() -> Recorder {
    let mut r = Recorder::new(
        "source-executable-output-file",
        "The output file is used while its token lives; otherwise the program runs.",
        source(json!({
            "kind": "executable",
            "command": ["p"],
            "output_file": "/run/token.json",
            "allow_executables": true
        })),
    );
    let t = r.begin(request());
    let e = r.perform(t, "read_file");
    r.resolve(e, "file", 0, "", answer(json!({})).as_bytes());
    exchange(&mut r, t, "token-1");
    let lasting = |now: i64| {
        let until = now / 1000 + 3600;
        answer(json!({"expiration_time": until, "id_token": crate::workload_token("s", until)}))
    };
    for (index, body) in [
        answer(json!({"expiration_time": null})),
        answer(json!({"expiration_time": START / 1000 + 30})),
        "{".into(),
        json!({"version": 1, "success": false, "code": "1", "message": "m"}).to_string(),
    ]
    .iter()
    .enumerate()
    {
        r.wait(3_600_000);
        let t = r.begin(json!({"scopes": [SCOPE]}));
        let e = r.perform(t, "read_file");
        r.resolve(e, "file", 0, "", body.as_bytes());
        let step = r.poll(t, "perform");
        assert_eq!(
            step["effect"]["payload"]["environment"]["GOOGLE_EXTERNAL_ACCOUNT_OUTPUT_FILE"],
            "/run/token.json"
        );
        let e = step["effect"]["id"].as_u64().expect("id");
        r.resolve(e, "answer", 0, "", lasting(r.now()).as_bytes());
        exchange(&mut r, t, &format!("token-{}", index + 2));
    }
    r.wait(3_600_000);
    let t = r.begin(request());
    let e = r.perform(t, "read_file");
    r.resolve(e, "failed", 0, "not_found", b"");
    let e = r.perform(t, "ask_host");
    r.resolve(e, "answer", 0, "", answer(json!({"expiration_time": null})).as_bytes());
    r.fail(t, "source_response_invalid");
    r.end(t);
    r
}

fn refused() -> Vec<Recorder> {
    let cases: [(&str, &str, Value); 17] = [
        (
            "config-file-field",
            "JSON without a field.",
            json!({"kind": "file", "path": "/t", "format": "json"}),
        ),
        (
            "config-file-text-field",
            "A field of a text.",
            json!({"kind": "file", "path": "/t", "format": "text", "field": "a"}),
        ),
        (
            "config-file-format",
            "An unknown format.",
            json!({"kind": "file", "path": "/t", "format": "xml"}),
        ),
        (
            "config-environment-name",
            "The name of a variable has an equals sign.",
            json!({"kind": "environment", "variable": "A=B"}),
        ),
        (
            "config-url-http",
            "A URL without TLS.",
            json!({"kind": "url", "url": "http://tokens.example/"}),
        ),
        (
            "config-url-metadata",
            "A URL of a metadata service.",
            json!({"kind": "url", "url": "https://169.254.169.254/metadata/identity/oauth2/token"}),
        ),
        (
            "config-url-metadata-name",
            "A URL of Google's metadata service.",
            json!({"kind": "url", "url": "https://metadata.google.internal/computeMetadata/v1/"}),
        ),
        (
            "config-url-metadata-spelling",
            "An address of a metadata service in another spelling.",
            json!({"kind": "url", "url": "https://[::ffff:169.254.169.254]/"}),
        ),
        (
            "config-url-credentials",
            "A URL with a password.",
            json!({"kind": "url", "url": "https://user:secret@tokens.example/"}),
        ),
        (
            "config-url-file",
            "A URL of a file.",
            json!({"kind": "url", "url": "file:///etc/passwd"}),
        ),
        (
            "config-url-header-value",
            "A header with a newline.",
            json!({"kind": "url", "url": "https://tokens.example/", "headers": {"authorization": "a\nb"}}),
        ),
        (
            "config-url-header-name",
            "A header whose name has a colon.",
            json!({"kind": "url", "url": "https://tokens.example/", "headers": {"a: b": "c"}}),
        ),
        (
            "config-url-header-host",
            "A header that the transport sets.",
            json!({"kind": "url", "url": "https://tokens.example/", "headers": {"Host": "metadata"}}),
        ),
        (
            "config-url-header-type",
            "A header that is a number.",
            json!({"kind": "url", "url": "https://tokens.example/", "headers": {"a": 1}}),
        ),
        (
            "config-executable-not-allowed",
            "A program that is not allowed.",
            json!({"kind": "executable", "command": ["p"]}),
        ),
        (
            "config-executable-shell",
            "A command line instead of a list.",
            json!({"kind": "executable", "command": "p --for a", "allow_executables": true}),
        ),
        (
            "config-executable-timeout",
            "A program with less time than five seconds.",
            json!({"kind": "executable", "command": ["p"], "timeout_ms": 4999, "allow_executables": true}),
        ),
    ];
    cases
        .into_iter()
        .map(|(name, about, members)| {
            Recorder::refused(name, about, source(members), "config_invalid")
        })
        .collect()
}
