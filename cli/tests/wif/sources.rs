//! Which token source is used, and how `wif` says so.

use crate::process::{Emulator, parsed, run, text, wif};

#[test]
fn the_log_names_the_source_and_those_not_used() {
    let emulator = Emulator::start(&[]);
    let token = emulator.workload_token("api://AzureADTokenExchange");
    let client = |arguments: &[&str]| {
        let mut command = emulator.client(arguments);
        command.env("MODAL_IDENTITY_TOKEN", &token).env("SPACELIFT_OIDC_TOKEN", &token);
        run(&mut command)
    };
    let found = client(&["-v"]);
    assert_eq!(found.status, Some(0), "{}", found.err);
    let lines: Vec<_> =
        found.err.lines().filter(|line| line.starts_with("token source ")).collect();
    assert!(lines[0].starts_with("token source spacelift: "), "{lines:?}");
    assert!(lines[0].contains("SPACELIFT_OIDC_TOKEN"), "{lines:?}");
    assert!(lines[1].starts_with("token source modal is not used, spacelift comes first: "));
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(!found.err.contains(&token));

    let named = client(&["-v", "--source", "modal"]);
    assert!(named.err.contains("token source modal: named on the command line\n"), "{}", named.err);
    assert!(named.err.contains("token source spacelift is not used: "), "{}", named.err);
    assert_eq!(client(&[]).err, "");
}

#[test]
fn a_detected_source_is_not_probed_for() {
    let found = run(wif(&["sources", "--probe", "--json", "-v"]).env("MODAL_IDENTITY_TOKEN", "t"));
    assert_eq!((found.status, found.err.as_str()), (Some(0), ""));
    let report = parsed(&found.out);
    let rows = report.as_array().expect("a list");
    let chosen: Vec<_> =
        rows.iter().filter(|row| row["chosen"] == true).map(|row| text(row, "name")).collect();
    assert_eq!(chosen, ["modal"]);
}
