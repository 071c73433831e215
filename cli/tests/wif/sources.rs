//! `wif sources`, `wif token --source`, `wif demo --platform`, and the log of the chosen source.

use crate::process::{Emulator, parsed, run, text, wif};
use serde_json::Value;

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

#[test]
fn every_source_is_listed_in_the_order_of_detection() {
    let run = run(wif(&["sources", "--json"]).env("AZURE_FEDERATED_TOKEN_FILE", "/t"));
    assert_eq!(run.status, Some(0), "{run:?}");
    let report = parsed(&run.out);
    let report = report.as_array().expect("a list");
    for source in report {
        let members: Vec<&String> = source.as_object().expect("an object").keys().collect();
        for name in ["name", "detected", "chosen", "why", "variables"] {
            assert!(members.iter().any(|member| *member == name), "{source}");
        }
    }
    let names = |wanted: &str| -> Vec<String> {
        let listed = report.iter().filter(|source| source[wanted] == true);
        listed.map(|source| text(source, "name")).collect()
    };
    assert_eq!((names("detected"), names("chosen")), (vec!["file".into()], vec!["file".into()]));
}

#[test]
fn two_sources_are_both_shown_and_the_first_is_chosen() {
    let mut command = wif(&["sources"]);
    let run = run(command.env("AZURE_FEDERATED_TOKEN_FILE", "/t").env("GITHUB_ACTIONS", "true"));
    let lines: Vec<&str> = run.out.lines().collect();
    assert!(lines[0].starts_with("* file ") && lines[1].starts_with("+ github "), "{}", run.out);
    assert!(run.out.contains("`--source NAME`"), "{}", run.out);
}

#[test]
fn a_source_is_named_with_its_options() {
    let emulator = Emulator::start(&[]);
    let mut command = emulator.token(&["--source", "github"]);
    let run = run(command.args(["--source-option", "audience=api://AzureADTokenExchange"]));
    assert_eq!(run.status, Some(0), "{}", run.err);
    for (arguments, named) in [
        (&["--source", "githab"][..], "`--source`"),
        (&["--source", "github", "--source-option", "audiense=x"], "--source-option audiense"),
        (&["--source-option", "audience=x"], "`--source NAME`"),
        (&["--source", "file", "--token-file", "/t"], "--token-file"),
    ] {
        let refused = crate::process::run(&mut emulator.token(arguments));
        assert!(
            refused.status != Some(0) && refused.err.contains(named),
            "{arguments:?}: {refused:?}"
        );
    }
}

#[test]
fn each_platform_has_its_story() {
    for platform in ["github", "gitlab", "gcp"] {
        let run = run(&mut wif(&["demo", "--platform", platform, "--json"]));
        assert_eq!((run.status, run.err.as_str()), (Some(0), ""), "{platform}");
        let steps: Vec<String> = run
            .out
            .lines()
            .map(parsed)
            .filter_map(|line: Value| Some(line.get("step")?.as_str()?.to_owned()))
            .collect();
        assert!(steps.ends_with(&["refused".to_owned()]), "{platform}: {steps:?}");
        assert!(steps.contains(&"source".to_owned()), "{platform}: {steps:?}");
        assert!(!run.out.contains("eyJ"), "{platform}");
    }
}
