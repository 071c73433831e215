//! The help of `wif`.

use crate::process::{run, wif};

const COMMANDS: &[&[&str]] = &[
    &[],
    &["demo"],
    &["token"],
    &["verify"],
    &["emulator"],
    &["completions"],
    &["jwks"],
    &["discovery"],
    &["publish"],
    &["check-issuer"],
    &["issue"],
    &["fic"],
    &["fic", "add"],
    &["fic", "update"],
    &["fic", "plan"],
    &["fic", "apply"],
    &["fic", "snippet"],
];

#[test]
fn every_help_has_examples_that_name_the_command() {
    for command in COMMANDS {
        let run = run(wif(command).arg("--help"));
        assert_eq!(run.status, Some(0), "{command:?}");
        let name = command.first().copied().unwrap_or("token");
        let examples = run.out.split("Examples:").nth(1).unwrap_or_default();
        assert!(examples.contains(&format!("wif {name}")), "{command:?}: {}", run.out);
        assert!(run.err.is_empty() && !run.out.contains('\x1b'), "{command:?}");
    }
}

#[test]
fn the_emulators_help_lists_every_fault() {
    let run = run(wif(&["emulator", "--help"]).env("COLUMNS", "100"));
    for fault in workload_identity_emulator::FAULT_TABLE {
        let line = run.out.lines().find(|line| line.trim_start().starts_with(fault.form));
        let line = line.expect(fault.form);
        assert!(line.contains(fault.meaning), "{line}");
        assert!(fault.limited_to().is_none_or(|names| line.contains(&names)), "{line}");
    }
}

#[test]
fn wrong_usage_ends_with_2_and_says_how() {
    let cases: &[&[&str]] = &[
        &[],
        &["tokn"],
        &["token"],
        &["token", "--scope"],
        &["token", "--scope", "s", "--timeout", "soon"],
        &["token", "--scope", "s", "--scop", "t"],
        &["token", "--scope", "s", "--authority-host", "https://a", "--issuer", "https://b"],
        &["token", "--scope", "s", "extra"],
        &["fic"],
        &["fic", "ad"],
        &["fic", "plan"],
        &["fic", "snippet", "--for", "pulumi"],
        &["emulator", "--port", "70000"],
        &["emulator", "--fault", "explode"],
        &["emulator", "--fault", "graph:token_type"],
        &["emulator", "--credential", "issuer=https://a"],
        &["demo", "--colour"],
    ];
    for arguments in cases {
        let run = run(&mut wif(arguments));
        assert_eq!(run.status, Some(2), "{arguments:?}: {run:?}");
        assert!(run.out.is_empty() && run.err.contains("--help"), "{arguments:?}: {run:?}");
    }
}

#[test]
fn the_version_is_the_packages() {
    let run = run(&mut wif(&["--version"]));
    assert_eq!(run.out.trim(), concat!("wif ", env!("CARGO_PKG_VERSION")));
}
