//! `wif token` with bad input: typed errors on standard error, nothing on standard output, no secret anywhere.

use crate::process::{Emulator, Run, parsed, run, text, wif};
use serde_json::Value;
use std::fs;
use std::process::Command;

/// Runs with `--json` and returns the code after checking everything that holds for each failure.
fn code_of(command: &mut Command) -> String {
    let failed = run(command.arg("--json"));
    check(&failed);
    assert_eq!(failed.err.lines().count(), 1, "{failed:?}");
    let error = parsed(&failed.err);
    assert!(!text(&error, "message").is_empty());
    assert!(error.get("retryable").and_then(Value::as_bool).is_some());
    assert!(["caller", "platform", "transport", "service"].contains(&&*text(&error, "fault")));
    text(&error, "code")
}

fn check(failed: &Run) {
    assert_eq!(failed.status, Some(1), "{failed:?}");
    assert_eq!(failed.out, "", "{failed:?}");
    for secret in ["eyJ", "canary", "panicked", "RUST_BACKTRACE"] {
        assert!(!failed.err.contains(secret), "{secret}: {failed:?}");
    }
}

#[test]
fn wrong_options_have_their_codes() {
    let emulator = Emulator::start(&[]);
    let long = "s".repeat(5000);
    let cases: &[(&[&str], &str)] = &[
        (&["--tenant-id", "not a tenant"], "tenant_invalid"),
        (&["--tenant-id", "../../evil"], "tenant_invalid"),
        (&["--tenant-id", "common"], "tenant_reserved"),
        (&["--tenant-id", "Organizations"], "tenant_reserved"),
        (&["--tenant-id", "consumers"], "tenant_reserved"),
        (&["--client-id", "app"], "client_id_invalid"),
        (&["--client-id", "ünïcödé-😀"], "client_id_invalid"),
        (&["--authority-host", "http://login.example"], "authority_insecure"),
        (&["--authority-host", "ftp://login.example"], "authority_invalid"),
        (&["--authority-host", "https://u:p@login.example"], "authority_invalid"),
        (&["--authority-host", "https://169.254.169.254"], "authority_invalid"),
        (&["--authority-host", "https://0xa9fea9fe"], "authority_invalid"),
        (
            &["--authority-host", "https://10.0.0.1", "--private-addresses", "deny"],
            "authority_invalid",
        ),
        (
            &["--authority-host", "https://10.0.0.1", "--allowed-network", "10.1.0.0/16"],
            "authority_invalid",
        ),
        (&["--allowed-network", "10.0.0.1/8"], "config_invalid"),
        (&["--scope", "https://graph.microsoft.com/.default"], "scope_multiple_resources"),
        (&["--claims", "{"], "claims_invalid"),
        (&["--claims", "[]"], "claims_invalid"),
        (&["--claims", r#"{"a":1,"a":2}"#], "claims_invalid"),
    ];
    for (arguments, code) in cases {
        assert_eq!(code_of(&mut emulator.token(arguments)), *code, "{arguments:?}");
    }
    let scopes: &[(&str, &str)] = &[
        ("", "scope_missing scope_invalid"),
        (" ", "scope_missing scope_invalid"),
        ("https://vault.azure.net/\u{e9}/.default", "scope_invalid"),
        (&long, "scope_invalid"),
        ("https://vault.azure.net/read", "scope_not_default"),
    ];
    for (scope, codes) in scopes {
        let code = code_of(&mut emulator.job(&["token", "--scope", scope]));
        assert!(codes.split(' ').any(|known| known == code), "{scope:?}: {code}");
    }
    assert_eq!(emulator.token_requests(), 0);
    assert_eq!(run(&mut emulator.token(&[])).status, Some(0));
}

#[test]
fn an_environment_without_a_source_says_what_to_set() {
    let emulator = Emulator::start(&[]);
    assert_eq!(code_of(&mut emulator.client(&[])), "source_not_found");
    let mut job = emulator.client(&[]);
    job.env("GITHUB_ACTIONS", "true");
    let plain = run(&mut job);
    check(&plain);
    assert!(plain.err.contains("permissions: id-token: write"), "{plain:?}");
    assert!(plain.err.starts_with("error: ") && plain.err.contains("github_permission_missing"));
    assert_eq!(code_of(&mut job), "github_permission_missing");
    let mut half = emulator.client(&[]);
    half.env("ACTIONS_ID_TOKEN_REQUEST_URL", emulator.text("github_request_url"));
    assert_eq!(code_of(&mut half), "environment_incomplete");
    let mut nothing = wif(&["token", "--scope", "s/.default"]);
    assert!(["source_not_found", "environment_incomplete"].contains(&&*code_of(&mut nothing)));
}

#[test]
fn bad_token_files_have_their_codes() {
    let folder = tempfile::tempdir().expect("folder");
    let good = folder.path().join("good");
    let emulator = Emulator::start(&["--token-file", good.to_str().expect("UTF-8")]);
    let token = fs::read_to_string(&good).expect("a token");
    let token = token.trim();
    let file = |name: &str, content: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, content).expect("written");
        path
    };
    let half = &token.as_bytes()[..token.len() / 2];
    let cases = [
        (folder.path().join("missing"), "token_file_missing"),
        (file("empty", b""), "token_file_empty"),
        (file("blank", b" \r\n\t"), "token_file_empty"),
        (file("binary", &[0, 159, 146, 150, 255]), "assertion_malformed"),
        (file("half", half), "assertion_malformed"),
        (file("canary", b"canary.canary.canary"), "assertion_malformed"),
        (file("large", &vec![b'a'; 300 * 1024]), "token_file_too_large"),
        (folder.path().to_owned(), "token_file_unreadable"),
    ];
    for (path, code) in cases {
        let path = path.to_str().expect("UTF-8");
        // What may be a write under way is waited for; not longer than the caller likes.
        let arguments = ["--token-file", path, "--timeout", "120"];
        assert_eq!(code_of(&mut emulator.client(&arguments)), code, "{path}");
    }
    let surrounded = file("surrounded", format!("\n  {token}\r\n").as_bytes());
    let surrounded = surrounded.to_str().expect("UTF-8");
    assert_eq!(run(&mut emulator.client(&["--token-file", surrounded])).status, Some(0));
}

#[test]
fn a_refused_subject_is_explained() {
    let emulator = Emulator::start(&[]);
    let other = Emulator::start(&[]);
    // A token of an issuer that this emulator does not trust.
    let mut command = emulator.client(&[]);
    command
        .env("ACTIONS_ID_TOKEN_REQUEST_URL", other.text("github_request_url"))
        .env("ACTIONS_ID_TOKEN_REQUEST_TOKEN", other.text("github_request_token"));
    let plain = run(&mut command);
    check(&plain);
    assert!(plain.err.contains("AADSTS700211") && plain.err.contains(&other.text("issuer")));
    assert_eq!(code_of(&mut command), "trust_mismatch");
}

#[test]
fn an_unreachable_authority_is_a_transport_error() {
    let emulator = Emulator::start(&[]);
    // A port that no listener of another test gets.
    let arguments = ["--authority-host", "http://127.0.0.1:1", "--timeout", "120"];
    assert_eq!(code_of(&mut emulator.token(&arguments)), "network_refused");
    let arguments = ["--authority-host", "https://nowhere.invalid", "--timeout", "120"];
    let secure = Emulator::start(&["--tls"]);
    // Certificate authorities are loaded before the name is resolved; a machine may have none of its own.
    let mut command = emulator.token(&arguments);
    assert_eq!(code_of(command.env("SSL_CERT_FILE", secure.text("ca_file"))), "network_dns");
}
