//! `wif check-issuer` against issuers on loopback, good and bad ones.

use crate::process::{Emulator, Run, parsed, run, text, wif};
use crate::server::{Received, answer, serve};
use serde_json::{Value, json};
use workload_identity_core::jose::UnverifiedClaims;

/// A server whose answers a test makes of the path and of the server's own address.
fn issuer(reply: impl Fn(&str, &str) -> String + Send + 'static) -> String {
    let answer = move |received: &Received| {
        let path = received.line.split(' ').nth(1).unwrap_or_default();
        reply(path, &format!("http://{}", received.header("host").unwrap_or_default()))
    };
    format!("http://{}", serve(answer).0)
}

fn check(url: &str, arguments: &[&str]) -> Run {
    run(wif(&["check-issuer", url]).args(arguments))
}

fn report(url: &str) -> Value {
    let run = check(url, &["--json"]);
    assert_eq!((run.status, run.err.as_str()), (Some(1), ""), "{}", run.out);
    parsed(&run.out)
}

fn codes(report: &Value) -> Vec<String> {
    let findings = report["findings"].as_array().expect("findings");
    findings.iter().map(|finding| text(finding, "code")).collect()
}

const WELL_KNOWN: &str = "/.well-known/openid-configuration";

fn redirect(to: &str) -> String {
    format!(
        "HTTP/1.1 302 Found\r\nlocation: {to}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
    )
}

#[test]
fn the_emulators_issuer_is_sound_and_not_public() {
    let emulator = Emulator::start(&[]);
    let token = emulator.workload_token("api://orders");
    let issuer = UnverifiedClaims::peek(&token).expect("a JWT").issuer.expect("iss");
    let report = report(&issuer);
    for step in ["discovery", "issuer", "key_set", "keys"] {
        assert_eq!(report["checks"][step], json!("passed"), "{step}");
    }
    assert!(codes(&report).iter().all(|code| code == "issuer_unsuitable"), "{report}");
    assert_eq!(report["keys"][0]["usable_by"], json!(["entra", "aws", "google"]));
    for service in ["entra", "aws", "google"] {
        assert_eq!(report[service]["usable"], json!(false));
    }
    let table = check(&issuer, &[]);
    assert_eq!(table.status, Some(1));
    for words in [
        "Microsoft Entra ID cannot use it",
        "AWS ",
        "Google Cloud",
        "issuer_unsuitable",
        "for entra, aws, google",
    ] {
        assert!(table.out.contains(words), "{words}: {}", table.out);
    }
}

#[test]
fn bad_answers_have_their_codes() {
    let html =
        issuer(|_, _| answer("200 OK", "text/html", "<!DOCTYPE html><script>alert(1)</script>"));
    assert!(codes(&report(&html)).contains(&"response_not_json".to_owned()));
    let circle = issuer(|path, _| redirect(if path == "/b" { WELL_KNOWN } else { "/b" }));
    assert!(codes(&report(&circle)).contains(&"redirect_loop".to_owned()));
    let elsewhere = issuer(|_, _| redirect("http://169.254.169.254/latest"));
    assert!(codes(&report(&elsewhere)).contains(&"response_redirect".to_owned()));
    let large = issuer(|_, _| answer("200 OK", "application/json", &" ".repeat(5 << 20)));
    assert!(codes(&report(&large)).contains(&"response_too_large".to_owned()));
    let missing = issuer(|_, _| answer("404 Not Found", "text/plain", ""));
    assert!(codes(&report(&missing)).contains(&"keys_unavailable".to_owned()));
    // A port that no listener of another test gets.
    assert!(codes(&report("http://127.0.0.1:1")).contains(&"network_refused".to_owned()));
}

#[test]
fn a_key_set_that_is_too_large_or_html_has_its_code() {
    for (body, code) in
        [(" ".repeat(5 << 20), "response_too_large"), ("<html>".to_owned(), "response_not_json")]
    {
        let url = issuer(move |path, own| match path {
            WELL_KNOWN => {
                let document = json!({ "issuer": own, "jwks_uri": format!("{own}/keys") });
                answer("200 OK", "application/json", &document.to_string())
            }
            _ => answer("200 OK", "application/json", &body),
        });
        let report = report(&url);
        assert!(codes(&report).contains(&code.to_owned()), "{report}");
        assert_eq!(report["checks"]["key_set"], json!("failed"));
    }
}

/// The options of the commands have the same names.
#[test]
fn members_of_documents_keep_their_names() {
    for (document, words) in [
        (json!({ "issuer": "https://other.example" }), "says `issuer` `https://other.example`"),
        (json!({}), "has no `jwks_uri`"),
    ] {
        let url = issuer(move |_, _| answer("200 OK", "application/json", &document.to_string()));
        let report = report(&url);
        assert!(report["findings"].to_string().contains(words), "{report}");
    }
}

#[test]
fn text_of_an_issuer_is_escaped() {
    let url = issuer(|path, own| {
        let hostile = "\u{1b}]0;owned\u{7}\u{202e}<script>";
        let document = match path {
            WELL_KNOWN => json!({ "issuer": hostile, "jwks_uri": format!("{own}/keys") }),
            _ => {
                json!({ "keys": [{ "kty": hostile, "kid": hostile, "alg": hostile, "use": hostile }] })
            }
        };
        answer("200 OK", "application/json", &document.to_string())
    });
    for arguments in [&[][..], &["--json"]] {
        let run = check(&url, arguments);
        assert_eq!(run.status, Some(1));
        for raw in ['\u{1b}', '\u{7}', '\u{202e}'] {
            assert!(!run.out.contains(raw) && !run.err.contains(raw), "{}", run.out);
        }
        assert!(!run.out.contains("\\u001b"), "{}", run.out);
    }
}

#[test]
fn addresses_that_are_refused_are_not_asked() {
    for (url, arguments, words) in [
        ("https://169.254.169.254", &["--json"][..], "no option allows it"),
        ("https://10.0.0.1", &["--json", "--private-addresses", "deny"], "`--private-addresses`"),
        ("http://issuer.example", &["--json"], "https"),
    ] {
        let run = check(url, arguments);
        assert_eq!(run.status, Some(1), "{}", run.err);
        assert!(run.out.contains(words), "{words}: {}", run.out);
    }
}

#[test]
fn wrong_usage_is_told() {
    for (arguments, words) in [
        (&["check-issuer"][..], "URL"),
        (&["check-issuer", "issuer.example"], "the issuer"),
        (&["check-issuer", "https://issuer.example/?a=1"], "query"),
        (
            &["check-issuer", "https://issuer.example/.well-known/openid-configuration"],
            "discovery document",
        ),
        (
            &["check-issuer", "https://a.example", "--allowed-network", "10.0.0.1/8"],
            "`--allowed-network`",
        ),
    ] {
        let run = run(&mut wif(arguments));
        assert_eq!((run.status, run.out.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(run.err.contains(words), "{words}: {}", run.err);
    }
}
