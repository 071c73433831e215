//! `wif token --token-env`: a workload token in an environment variable.

use crate::process::{Emulator, parsed, run, text};

#[test]
fn a_variable_is_a_source() {
    let emulator = Emulator::start(&[]);
    let token = emulator.workload_token("api://AzureADTokenExchange");
    let named = run(emulator
        .client(&["--token-env", "CI_ID_TOKEN"])
        .env("CI_ID_TOKEN", format!(" {token}\n"))
        .env("AZURE_FEDERATED_TOKEN_FILE", "/no/such/file"));
    assert_eq!((named.status, named.err.as_str()), (Some(0), ""));
    assert_eq!(emulator.token_requests(), 1);
}

#[test]
fn a_variable_without_a_token_is_named() {
    let emulator = Emulator::start(&[]);
    let absent = run(&mut emulator.client(&["--token-env", "CI_ID_TOKEN", "--json"]));
    let blank =
        run(emulator.client(&["--token-env", "CI_ID_TOKEN", "--json"]).env("CI_ID_TOKEN", " "));
    for failed in [absent, blank] {
        assert_eq!((failed.status, failed.out.as_str()), (Some(1), ""));
        let error = parsed(&failed.err);
        assert_eq!(text(&error, "code"), "environment_incomplete");
        assert!(text(&error, "message").contains("`CI_ID_TOKEN`"), "{error:?}");
    }
    let canary = run(emulator
        .client(&["--token-env", "CI_ID_TOKEN", "--json"])
        .env("CI_ID_TOKEN", "canary"));
    assert_eq!(text(&parsed(&canary.err), "code"), "assertion_malformed");
    assert!(!canary.err.contains("canary"), "{}", canary.err);
    let both = run(&mut emulator.client(&["--token-env", "A", "--token-file", "b"]));
    assert_eq!(both.status, Some(2));
}
