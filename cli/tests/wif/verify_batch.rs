//! `wif verify --batch`: corpora, and lines that want to stop it.

use crate::keys::{AUDIENCE, ISSUER, Keys, NOW, run_with};
use crate::process::{parsed, run, wif};
use workload_identity_core::json::{self, Json, Members};

/// A line with the usual policy, changed.
fn line(keys: &Keys, name: &str, fill: impl FnOnce(&mut Members<'_>)) -> String {
    json::object(|o| {
        o.text("name", name).raw("jwks", &keys.jwks).text("audience", AUDIENCE);
        o.texts("issuer", [ISSUER]).raw("now", NOW);
        fill(o);
    })
}

/// Name and code of each verdict, in order.
fn verdicts(out: &str) -> Vec<(Option<String>, String)> {
    out.lines()
        .map(|line| {
            let verdict = parsed(line);
            let text = |name: &str| verdict.member(name).and_then(Json::as_text).map(str::to_owned);
            let code = text("code").unwrap_or_else(|| "accepted".to_owned());
            let accepted = verdict.member("accepted").and_then(Json::as_bool);
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
fn verdicts_come_in_order() {
    let keys = Keys::new();
    let lines = [
        line(&keys, "good", |o| {
            o.text("token", &keys.token);
        }),
        line(&keys, "absent key", |o| {
            o.text("token", &keys.other);
        }),
        line(&keys, "algorithm", |o| {
            o.text("token", &keys.token).texts("algorithms", ["RS256"]);
        }),
        line(&keys, "claims", |o| {
            o.text("token", &keys.token).raw("claims", r#"[{"claim":"sub","equals":"x"}]"#);
        }),
        line(&keys, "nothing said", |o| {
            o.text("token", &keys.token).raw("profile", "null").raw("algorithms", "null");
            o.integer("leeway_seconds", 0);
        }),
        line(&keys, "profile", |o| {
            o.text("token", &keys.token).text("profile", "rfc9068");
        }),
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
    assert_eq!(verdicts(&run.out), pairs(&expected));
}

#[test]
fn keys_may_be_raw_text() {
    let keys = Keys::new();
    let with = |name: &str, jwks: &str| {
        json::object(|o| {
            o.text("name", name).text("token", &keys.token).raw("jwks", jwks);
            o.text("issuer", ISSUER).text("audience", AUDIENCE).raw("now", NOW);
        })
    };
    let twice = r#"{"keys":[],"keys":[]}"#;
    let lines = [
        with("text", &json::text(&keys.jwks)),
        with("html", &json::text("<html>")),
        with("members twice as text", &json::text(twice)),
        with("members twice", twice),
        with("number", "7"),
        with("list", "[]"),
        with("null", "null"),
        with("huge", &json::text(&" ".repeat(2 << 20))),
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
    assert_eq!(verdicts(&run.out), pairs(&expected));
}

#[test]
fn no_line_stops_the_run() {
    let keys = Keys::new();
    let good = line(&keys, "good", |o| {
        o.text("token", &keys.token);
    });
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
        ("", "malformed"),
        ("", "malformed"),
        ("", "malformed"),
        ("", "malformed"),
        ("", "malformed"),
        ("", "malformed"),
        ("", "config_invalid"),
        ("no token", "request_invalid"),
        ("bad now", "request_invalid"),
        ("bad policy", "config_invalid"),
        ("bad profile", "config_invalid"),
        ("", "too_large"),
        ("", "malformed"),
        ("good", "accepted"),
    ];
    assert_eq!(verdicts(&run.out), pairs(&expected));
}

#[test]
fn thousands_of_lines_and_policies() {
    let keys = Keys::new();
    let lines: Vec<String> = (0..5000)
        .map(|index| {
            line(&keys, &index.to_string(), |o| {
                let token = if index % 2 == 0 { &keys.token } else { &keys.other };
                // Ten lines share a policy.
                o.text("token", token).integer("max_age_seconds", 1000 + index % 500);
            })
        })
        .collect();
    let run = run_with(&mut wif(&["verify", "--batch", "-"]), lines.join("\n"));
    assert_eq!(run.status, Some(0));
    for (index, (name, code)) in verdicts(&run.out).into_iter().enumerate() {
        assert_eq!(name, Some(index.to_string()));
        assert_eq!(code, if index % 2 == 0 { "accepted" } else { "no_matching_key" });
    }
}

#[test]
fn an_empty_corpus_is_complete() {
    let run = run(&mut wif(&["verify", "--batch", "-"]));
    assert_eq!((run.status, run.out.as_str(), run.err.as_str()), (Some(0), "", ""));
}
