//! What a terminal and a shell get: colours, `-v`, `--quiet`, completions and manual pages.

use crate::process::{Emulator, run, wif};
use std::fs;

const COMMANDS: [&str; 5] = ["demo", "token", "verify", "emulator", "completions"];

#[test]
fn colours_follow_the_variables_of_the_terminal() {
    for (variables, coloured) in [
        (vec![("CLICOLOR_FORCE", "1")], true),
        (vec![("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], false),
        (vec![("TERM", "xterm-256color")], false),
    ] {
        let demo = run(wif(&["demo"]).envs(variables.clone()));
        assert_eq!(demo.out.contains('\x1b'), coloured, "{variables:?}: {}", demo.out);
        let token = run(wif(&["token", "--scope", "a/.default"]).envs(variables.clone()));
        assert_eq!(token.err.contains('\x1b'), coloured, "{variables:?}: {}", token.err);
        assert!(token.err.contains("error:"), "{}", token.err);
        let usage = run(wif(&["verify", "--jwks", "-"]).envs(variables.clone()));
        assert_eq!(usage.err.contains('\x1b'), coloured, "{variables:?}: {}", usage.err);
    }
    let json = run(wif(&["demo", "--json"]).env("CLICOLOR_FORCE", "1"));
    assert!(!json.out.contains('\x1b'));
}

#[test]
fn verbose_reports_each_effect_on_standard_error_without_secrets() {
    let emulator = Emulator::start(&[]);
    let run = run(&mut emulator.token(&["-v"]));
    assert_eq!(run.status, Some(0), "{run:?}");
    let lines: Vec<&str> = run.err.lines().collect();
    assert_eq!(lines.len(), 3, "{}", run.err);
    assert!(lines[0].starts_with("token source github: "), "{}", run.err);
    assert!(lines[1].starts_with("GET http://127.0.0.1:"), "{}", run.err);
    assert!(lines[2].starts_with("POST ") && lines[2].contains("/oauth2/v2.0/token -> 200 in "));
    assert!(!run.err.contains('?') && !run.err.contains("eyJ") && !run.err.contains("ghs_"));
    assert_eq!(run.out.lines().count(), 1, "the token alone");
}

#[test]
fn quiet_leaves_the_result_and_errors() {
    let demo = run(&mut wif(&["demo", "--quiet"]));
    assert_eq!((demo.status, demo.err.as_str()), (Some(0), ""));
    assert!(demo.out.contains(" emulator ") && !demo.out.contains("Next:"), "{}", demo.out);
    // Before the command as well as after it.
    let failed = run(&mut wif(&["--quiet", "token", "--scope", "a/.default"]));
    assert!(failed.err.starts_with("error: "), "{}", failed.err);
    assert_eq!(run(&mut wif(&["demo", "--quiet", "--verbose"])).status, Some(2));
}

#[test]
fn each_shell_gets_a_script_that_completes_every_command() {
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let run = run(&mut wif(&["completions", shell]));
        assert_eq!((run.status, run.err.as_str()), (Some(0), ""), "{shell}");
        for word in COMMANDS.iter().chain(&["token-file", "quiet"]) {
            assert!(run.out.contains(word), "{shell}: {word}");
        }
    }
    assert_eq!(run(&mut wif(&["completions", "tcsh"])).status, Some(2));
}

#[test]
fn manual_pages_exist_for_every_command() {
    let printed = run(&mut wif(&["man"]));
    assert!(printed.out.contains(".TH wif 1"), "{}", printed.out);
    let folder = tempfile::tempdir().expect("a folder");
    let pages = folder.path().join("man/man1");
    let written = run(wif(&["man"]).arg(&pages));
    assert_eq!((written.status, written.out.as_str()), (Some(0), ""), "{written:?}");
    for command in COMMANDS {
        let page = fs::read_to_string(pages.join(format!("wif-{command}.1"))).expect(command);
        assert!(page.contains("Examples:"), "{command}");
    }
    assert!(fs::read_to_string(pages.join("wif.1")).expect("wif.1").contains("SUBCOMMANDS"));
}
