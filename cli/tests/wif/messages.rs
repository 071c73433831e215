//! Messages in the words of the command line.

use crate::process::{Emulator, parsed, run, text, wif};

#[test]
fn options_are_named_and_not_members() {
    let cases: &[(&[&str], &str)] = &[
        (&["verify", "t", "--audience", "a"], "`--issuer`"),
        (&["verify", "t", "--audience", "a", "--profile", "nonsense"], "`--profile`"),
        (&["verify", "t", "--audience", "a", "--profile", "entra-v2"], "`--tenant-id`"),
        (&["verify", "t", "--audience", "a", "--profile", "alb"], "`--issuer`"),
        (
            &["verify", "t", "--audience", "a", "--issuer", "https://i", "--leeway", "999"],
            "`--leeway`",
        ),
        (
            &["verify", "t", "--audience", "a", "--issuer", "https://i", "--algorithms", "x"],
            "`--algorithms`",
        ),
        (
            &["verify", "t", "--audience", "a", "--issuer", "https://i", "--cloud", "public"],
            "`--cloud` is not an option",
        ),
        (
            &["verify", "t", "--audience", "a", "--issuer", "http://127.0.0.1:1"],
            "`--allow-loopback-http`",
        ),
        (
            &[
                "verify",
                "t",
                "--audience",
                "a",
                "--issuer",
                "https://10.0.0.1",
                "--private-addresses",
                "deny",
            ],
            "`--private-addresses`",
        ),
        (&["token", "--scope", "s"], "pass `--source`"),
        (&["token", "--scope", "s", "--token-file", "f"], "--tenant-id"),
        (&["token", "--scope", "s", "--token-file", "f", "--issuer", "nonsense"], "--issuer"),
    ];
    for (arguments, option) in cases {
        let failed = run(&mut wif(arguments));
        assert!(failed.err.contains(option), "{arguments:?}: {}", failed.err);
        for member in ["issuers.", "`source", "authority.", "tenant_id", "leeway_seconds"] {
            assert!(!failed.err.contains(member), "{arguments:?}: {}", failed.err);
        }
    }
}

#[test]
fn the_json_form_says_the_same() {
    let emulator = Emulator::start(&[]);
    let failed = run(&mut emulator.client(&["--json"]));
    let error = parsed(&failed.err);
    assert_eq!(text(&error, "code"), "source_not_found");
    assert!(text(&error, "message").contains("`--source`"), "{error:?}");
}

#[test]
fn the_last_line_has_the_whole_message() {
    let emulator = Emulator::start(&[]);
    let token = emulator.workload_token("api://orders");
    let long = format!("{}/{}", emulator.text("base_url"), "segment/".repeat(30));
    drop(emulator);
    let mut command = wif(&["verify", &token, "--audience", "api://orders", "--jwks", &long]);
    command.args(["--profile", "github", "--issuer", "https://issuer.example"]);
    let refused = run(command.arg("--allow-loopback-http"));
    assert_eq!(refused.status, Some(1), "{}", refused.out);
    let last = refused.out.lines().last().expect("a line");
    assert!(last.starts_with("refused: ") && !last.ends_with("..."), "{last}");
}

#[test]
fn the_place_of_the_workload_token_is_the_one_that_was_named() {
    let emulator = Emulator::start(&[]);
    let file = run(&mut emulator.client(&["--token-file", "/no/such/file"]));
    assert!(file.err.contains("`--token-file`"), "{}", file.err);
    assert!(!file.err.contains("AZURE_FEDERATED_TOKEN_FILE"), "{}", file.err);
    let found = run(emulator.client(&[]).env("AZURE_FEDERATED_TOKEN_FILE", "/no/such/file"));
    assert!(found.err.contains("AZURE_FEDERATED_TOKEN_FILE"), "{}", found.err);
    let long = "x".repeat(20_000);
    let variable = run(emulator.client(&["--token-env", "CI_TOKEN"]).env("CI_TOKEN", long));
    assert!(variable.err.contains("`CI_TOKEN`"), "{}", variable.err);
}
