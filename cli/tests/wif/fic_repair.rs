//! The commands that an explanation prints repair the trust: they run as they are, and then the exchange succeeds.

use crate::directory::{Directory, file, piped};
use crate::process::{parsed, run, text, wif};
use std::process::Command;

/// Runs the printed `wif fic ...` in a shell, with the application's id, the address and the access token of the emulator.
fn repair(directory: &Directory, workload_token: &str) {
    let credentials = file(&directory.fic(&["list", "--json"]).out);
    let path = credentials.path().to_str().expect("text");
    let verdict = run(&mut wif(&["explain", workload_token, "--credentials", path, "--json"]));
    assert_eq!(verdict.status, Some(1), "{verdict:?}");
    let verdict = parsed(&verdict.out);
    let fix = verdict["fix"].as_array().expect("a list");
    let printed = fix.iter().filter_map(serde_json::Value::as_str);
    let printed = printed.into_iter().find(|line| line.starts_with("wif fic ")).expect("a command");
    let command = printed.replace("APP_ID", &directory.emulator.text("client_id"));
    let program = directory.command(&[]);
    let options: Vec<_> = program.get_args().skip(1).collect();
    let mut shell = Command::new("sh");
    let script =
        format!("wif() {{ \"$WIF\" \"$@\" {}; }}\n{command}", r#""$O1" "$O2" "$O3" "$O4""#);
    shell.args(["-ec", &script]).env_clear().env("WIF", env!("CARGO_BIN_EXE_wif"));
    for (index, option) in options.iter().enumerate() {
        shell.env(format!("O{}", index + 1), option);
    }
    let repaired = piped(&mut shell, "");
    assert_eq!(repaired.status, Some(0), "{command}: {repaired:?}");
}

#[test]
fn a_printed_command_makes_the_exchange_succeed() {
    let directory = Directory::start(&[]);
    let token = directory.emulator.workload_token("api://AzureADTokenExchange");
    let exchanged = || run(&mut directory.emulator.token(&["--json"]));
    assert_eq!(exchanged().status, Some(0));
    let name = "repo-octo-org-octo-repo-ref-refs-heads-main";
    let breaks: [&[&str]; 3] = [
        &["update", name, "--subject", "repo:octo-org/octo-repo:ref:refs/heads/Main"],
        &["update", name, "--audience", "api://azureadtokenexchange"],
        &["remove", name],
    ];
    for broken in breaks {
        assert_eq!(directory.fic(broken).status, Some(0));
        let refused = exchanged();
        assert_eq!(refused.status, Some(1), "{broken:?}");
        assert_eq!(text(&parsed(&refused.err), "code"), "trust_mismatch", "{broken:?}");
        repair(&directory, &token);
        let accepted = exchanged();
        assert_eq!(accepted.status, Some(0), "{broken:?}: {accepted:?}");
    }
}
