//! `wif token` when all is well.

use crate::process::{Emulator, SCOPE, parsed, run, text, wif};
use serde_json::Value;
use workload_identity_core::jose::UnverifiedClaims;

#[test]
fn standard_output_is_the_token_and_nothing_else() {
    let emulator = Emulator::start(&[]);
    let run = run(&mut emulator.token(&[]));
    assert_eq!((run.status, run.err.as_str()), (Some(0), ""));
    assert_eq!(run.out.lines().count(), 1);
    let claims = UnverifiedClaims::peek(run.out.trim()).expect("a JWT");
    assert!(claims.issuer.expect("iss").contains(&emulator.text("tenant_id")));
    assert_eq!(emulator.token_requests(), 1);
}

#[test]
fn json_has_the_metadata() {
    let emulator = Emulator::start(&[]);
    let run = run(&mut emulator.token(&["--json"]));
    assert_eq!((run.status, run.err.as_str()), (Some(0), ""));
    let token = parsed(&run.out);
    assert!(UnverifiedClaims::peek(&text(&token, "token")).is_ok());
    assert_eq!(text(&token, "token_type"), "Bearer");
    assert_eq!(text(&token, "tenant_id"), emulator.text("tenant_id"));
    assert_eq!(text(&token, "from"), "network");
    assert!(token.get("expires_on").and_then(Value::as_i64).expect("expires_on") > 1_700_000_000);
    let scopes = token.get("scopes").and_then(Value::as_array).expect("scopes");
    assert_eq!(*scopes, [Value::from(SCOPE)]);
}

#[test]
fn options_win_over_the_environment() {
    let emulator = Emulator::start(&[]);
    let (tenant, client) = (emulator.text("tenant_id"), emulator.text("client_id"));
    let mut command = emulator.token(&[
        "--tenant-id",
        &tenant,
        "--client-id",
        &client,
        "--authority-host",
        &emulator.text("base_url"),
    ]);
    command
        .env("AZURE_TENANT_ID", "common")
        .env("AZURE_CLIENT_ID", "nonsense")
        .env("AZURE_AUTHORITY_HOST", "http://nowhere.invalid");
    let run = run(&mut command);
    assert_eq!((run.status, run.err.as_str()), (Some(0), ""));
}

#[test]
fn a_token_file_is_a_source() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("token");
    let path = path.to_str().expect("UTF-8");
    let emulator = Emulator::start(&["--token-file", path]);
    let named = run(&mut emulator.client(&["--token-file", path]));
    assert_eq!((named.status, named.err.as_str()), (Some(0), ""));
    let found = run(emulator.client(&[]).env("AZURE_FEDERATED_TOKEN_FILE", path));
    assert_eq!((found.status, found.err.as_str()), (Some(0), ""));
}

#[test]
fn a_generic_authority_is_discovered_or_named() {
    let emulator = Emulator::start(&[]);
    let issuer = format!("{}/v2.0", emulator.text("authority"));
    let endpoint = format!("{}/oauth2/v2.0/token", emulator.text("authority"));
    for place in [["--issuer", issuer.as_str()], ["--token-endpoint", endpoint.as_str()]] {
        let mut command = wif(&["token", "--scope", SCOPE]);
        command
            .args(place)
            .args(["--client-id", &emulator.text("client_id")])
            .args(["--audience", &emulator.text("audience")])
            .env("ACTIONS_ID_TOKEN_REQUEST_URL", emulator.text("github_request_url"))
            .env("ACTIONS_ID_TOKEN_REQUEST_TOKEN", emulator.text("github_request_token"));
        let run = run(&mut command);
        assert_eq!((run.status, run.err.as_str()), (Some(0), ""), "{place:?}");
    }
}

#[test]
fn claims_and_capabilities_are_sent() {
    let emulator = Emulator::start(&[]);
    let claims = r#"{"access_token":{"nbf":{"essential":true,"value":"1"}}}"#;
    let run = run(&mut emulator.token(&["--claims", claims, "--enable-cae"]));
    assert_eq!((run.status, run.err.as_str()), (Some(0), ""));
}

#[test]
fn proxies_are_not_asked_for_loopback() {
    let emulator = Emulator::start(&[]);
    let run = run(emulator
        .token(&[])
        .env("HTTP_PROXY", "http://127.0.0.1:1")
        .env("HTTPS_PROXY", "http://127.0.0.1:1")
        .env("ALL_PROXY", "http://127.0.0.1:1"));
    assert_eq!((run.status, run.err.as_str()), (Some(0), ""));
}

#[test]
fn a_federated_managed_identity_is_named_by_its_path() {
    let emulator = Emulator::start(&[]);
    let good = run(&mut emulator.token(&["--fmi-path", "agents/a"]));
    assert_eq!((good.status, good.err.as_str()), (Some(0), ""));
    let bad = run(&mut emulator.token(&["--fmi-path", " "]));
    assert_eq!(bad.status, Some(1));
    assert!(bad.err.contains("--fmi-path"), "{}", bad.err);
    assert_eq!(emulator.token_requests(), 1);
}
