//! `wif verify --batch`: corpora, also with lines that are not valid.

use crate::keys::{AUDIENCE, ISSUER, Keys, NOW, run_with};
use crate::process::{parsed, run, wif};
use serde_json::{Value, json};

/// A line with the usual policy and further members.
fn line(keys: &Keys, name: &str, members: &Value) -> String {
    let now: i64 = NOW.parse().expect("an integer");
    let mut line = json!({ "name": name, "audience": AUDIENCE, "issuer": [ISSUER], "now": now });
    let mut with = |name: &str, value: &Value| line[name] = value.clone();
    with("jwks", &serde_json::from_str(&keys.jwks).expect("JSON"));
    for (name, value) in members.as_object().expect("an object") {
        with(name, value);
    }
    line.to_string()
}

/// Name and code of each result, in order.
fn results(out: &str) -> Vec<(Option<String>, String)> {
    out.lines()
        .map(|line| {
            let result = parsed(line);
            let text = |name: &str| result.get(name).and_then(Value::as_str).map(str::to_owned);
            let code = text("code").unwrap_or_else(|| "accepted".to_owned());
            let accepted = result.get("accepted").and_then(Value::as_bool);
            assert_eq!(accepted, Some(code == "accepted"), "{line}");
            (text("name"), code)
        })
        .collect()
}

fn pairs(list: &[(&str, &str)]) -> Vec<(Option<String>, String)> {
    let name = |name: &str| (!name.is_empty()).then(|| name.to_owned());
    list.iter().map(|(first, code)| (name(first), (*code).to_owned())).collect()
}

#[test]
fn results_come_in_order() {
    let keys = Keys::new();
    let lines = [
        line(&keys, "good", &json!({ "token": keys.token })),
        line(&keys, "absent key", &json!({ "token": keys.other })),
        line(&keys, "algorithm", &json!({ "token": keys.token, "algorithms": ["RS256"] })),
        line(
            &keys,
            "claims",
            &json!({ "token": keys.token, "claims": [{ "claim": "sub", "equals": "x" }] }),
        ),
        line(
            &keys,
            "nothing said",
            &json!({ "token": keys.token, "profile": null, "algorithms": null, "leeway_seconds": 0 }),
        ),
        line(&keys, "profile", &json!({ "token": keys.token, "profile": "rfc9068" })),
    ];
    let path = keys.file("corpus.jsonl", lines.join("\n"));
    let run = run(&mut wif(&["verify", "--batch", &path]));
    assert_eq!((run.status, run.err.as_str()), (Some(0), ""));
    let expected = [
        ("good", "accepted"),
        ("absent key", "no_matching_key"),
        ("algorithm", "alg_not_allowed"),
        ("claims", "claim_mismatch"),
        ("nothing said", "accepted"),
        ("profile", "typ_mismatch"),
    ];
    assert_eq!(results(&run.out), pairs(&expected));
}

#[test]
fn keys_may_be_raw_text() {
    let keys = Keys::new();
    // Written as text, because a `Value` cannot have a member twice.
    let with = |name: &str, jwks: &str| {
        format!(
            r#"{{"name":"{name}","token":"{}","jwks":{jwks},"issuer":"{ISSUER}","audience":"{AUDIENCE}","now":{NOW}}}"#,
            keys.token
        )
    };
    let quoted = |text: &str| json!(text).to_string();
    let twice = r#"{"keys":[],"keys":[]}"#;
    let lines = [
        with("text", &quoted(&keys.jwks)),
        with("html", &quoted("<html>")),
        with("members twice as text", &quoted(twice)),
        with("members twice", twice),
        with("number", "7"),
        with("list", "[]"),
        with("null", "null"),
        with("huge", &quoted(&" ".repeat(2 << 20))),
    ];
    let run = run_with(&mut wif(&["verify", "--batch", "-"]), lines.join("\r\n"));
    assert_eq!((run.status, run.err.as_str()), (Some(0), ""));
    let expected = [
        ("text", "accepted"),
        ("html", "malformed"),
        ("members twice as text", "malformed"),
        ("members twice", "malformed"),
        ("number", "malformed"),
        ("list", "malformed"),
        ("null", "keys_unavailable"),
        ("huge", "too_large"),
    ];
    assert_eq!(results(&run.out), pairs(&expected));
}

#[test]
fn no_line_stops_the_run() {
    let keys = Keys::new();
    let good = line(&keys, "good", &json!({ "token": keys.token }));
    let mut input = Vec::new();
    let hostile: [&[u8]; 12] = [
        b"nonsense",
        b"{",
        b"\xff\xfe",
        b"[]",
        b"7",
        b"null",
        b"",
        br#"{"name":7,"token":"a"}"#,
        br#"{"name":"no token"}"#,
        br#"{"name":"bad now","token":"a","now":"noon"}"#,
        br#"{"name":"bad policy","token":"a","audience":"a","issuer":"a","colour":1,"jwks":{"keys":[]}}"#,
        br#"{"name":"bad profile","token":"a","audience":"a","profile":"x"}"#,
    ];
    for line in hostile {
        input.extend_from_slice(line);
        input.push(b'\n');
    }
    // Longer than any line may be, and deeper than JSON may be.
    input.extend_from_slice(&b"x".repeat(5 << 20));
    input.push(b'\n');
    input.extend_from_slice(&b"[".repeat(100_000));
    input.push(b'\n');
    input.extend_from_slice(good.as_bytes());
    let run = run_with(&mut wif(&["verify", "--batch", "-"]), input);
    assert_eq!((run.status, run.err.as_str()), (Some(0), ""));
    let expected = [
        ("", "request_invalid"),
        ("", "request_invalid"),
        ("", "request_invalid"),
        ("", "request_invalid"),
        ("", "request_invalid"),
        ("", "request_invalid"),
        ("", "config_invalid"),
        ("no token", "request_invalid"),
        ("bad now", "request_invalid"),
        ("bad policy", "config_invalid"),
        ("bad profile", "config_invalid"),
        ("", "too_large"),
        ("", "request_invalid"),
        ("good", "accepted"),
    ];
    assert_eq!(results(&run.out), pairs(&expected));
}

#[test]
fn thousands_of_lines_and_policies() {
    let keys = Keys::new();
    let lines: Vec<String> = (0..5000)
        .map(|index| {
            let token = if index % 2 == 0 { &keys.token } else { &keys.other };
            // Ten lines share a policy.
            let members = json!({ "token": token, "max_age_seconds": 1000 + index % 500 });
            line(&keys, &index.to_string(), &members)
        })
        .collect();
    let run = run_with(&mut wif(&["verify", "--batch", "-"]), lines.join("\n"));
    assert_eq!(run.status, Some(0));
    for (index, (name, code)) in results(&run.out).into_iter().enumerate() {
        assert_eq!(name, Some(index.to_string()));
        assert_eq!(code, if index % 2 == 0 { "accepted" } else { "no_matching_key" });
    }
}

#[test]
fn an_empty_corpus_is_complete() {
    let run = run(&mut wif(&["verify", "--batch", "-"]));
    assert_eq!((run.status, run.out.as_str(), run.err.as_str()), (Some(0), "", ""));
}
