//! `wif demo`: the timeline has all its steps and shows no token.

use crate::process::{parsed, run, text, wif};
use serde_json::Value;
use std::thread;
use workload_identity_core::json::strict;
use workload_identity_emulator::{PLATFORMS, Platform, Reach};

const STAGES: [&str; 7] =
    ["emulator", "workload", "exchange", "validate", "call", "cache", "refused"];

#[test]
fn the_timeline_tells_every_stage_in_order() {
    let run = run(wif(&["demo"]).env("TERM", "xterm-256color"));
    assert_eq!((run.status, run.err.as_str()), (Some(0), ""));
    let steps: Vec<&str> = run
        .out
        .lines()
        .filter(|line| line.contains(" ms  "))
        .filter_map(|line| line.split_whitespace().nth(3))
        .collect();
    assert_eq!(steps, STAGES, "{}", run.out);
    for part in [
        "repo:octo-org/octo-repo:ref:refs/heads/main",
        "api://AzureADTokenExchange",
        "/oauth2/v2.0/token -> 200",
        "/oauth2/v2.0/token -> 401",
        "RS256",
        "trust_mismatch",
        "AADSTS700213",
        "repo:octo-org/octo-repo:ref:refs/heads/experiment",
    ] {
        assert!(run.out.contains(part), "{part}: {}", run.out);
    }
    assert!(!run.out.contains("eyJ") && !run.out.contains("ghs_"), "{}", run.out);
    assert!(!run.out.contains('\x1b'), "no colours into a pipe");
}

#[test]
fn json_lines_carry_the_same_story() {
    let run = run(&mut wif(&["demo", "--json"]));
    assert_eq!((run.status, run.err.as_str()), (Some(0), ""));
    assert!(!run.out.contains("eyJ") && !run.out.contains("ghs_"), "{}", run.out);
    let steps: Vec<Value> = run.out.lines().map(parsed).collect();
    let names: Vec<String> = steps.iter().map(|step| text(step, "step")).collect();
    assert_eq!(names, STAGES);
    let times: Vec<i64> =
        steps.iter().filter_map(|step| step.get("ms").and_then(Value::as_i64)).collect();
    assert!(times.len() == steps.len() && times.is_sorted(), "{times:?}");
    let fact = |step: usize, name: &str| text(steps[step].get("facts").expect("facts"), name);
    assert_eq!(fact(2, "from"), "network");
    assert_eq!(fact(5, "from"), "cache");
    assert_eq!(fact(5, "effects"), "0");
    assert_eq!(fact(5, "token requests so far"), "1");
    assert_eq!(fact(2, "sha-256"), fact(5, "sha-256"));
    assert_eq!((fact(4, "without token"), fact(4, "with token")), ("401".into(), "200".into()));
    assert_eq!(fact(6, "code"), "trust_mismatch");
    let refused: Vec<bool> =
        steps.iter().filter_map(|step| step.get("refused").and_then(Value::as_bool)).collect();
    assert_eq!(refused.iter().filter(|refused| **refused).count(), 1);
    assert!(run.out.lines().all(|line| strict::check(line.as_bytes()).is_ok()), "no member twice");
}

#[test]
fn every_platform_has_a_story() {
    thread::scope(|scope| {
        for chunk in PLATFORMS.chunks(PLATFORMS.len().div_ceil(4)) {
            scope.spawn(move || chunk.iter().for_each(tells_its_story));
        }
    });
}

fn tells_its_story(platform: &Platform) {
    let run = run(&mut wif(&["demo", "--json", "--platform", platform.name]));
    assert_eq!((run.status, run.err.as_str()), (Some(0), ""), "{}: {}", platform.name, run.out);
    let steps: Vec<Value> = run.out.lines().map(parsed).collect();
    let names: Vec<String> = steps.iter().map(|step| text(step, "step")).collect();
    let whole =
        ["emulator", "source", "workload", "exchange", "validate", "call", "cache", "refused"];
    match platform.reach {
        Reach::Refused(code) => {
            let last = steps.last().expect("a step");
            assert_eq!(text(last, "step"), "refused", "{}", platform.name);
            assert_eq!(last["facts"]["code"], code.name(), "{}", platform.name);
        }
        _ => assert_eq!(names, whole, "{}", platform.name),
    }
}

#[cfg(unix)]
#[test]
fn it_stays_with_the_inspector_and_opens_it() {
    use std::io::{BufRead, BufReader};
    use std::os::unix::fs::PermissionsExt;
    use std::process::{Command, Stdio};
    let folder = tempfile::tempdir().expect("a folder");
    let (browser, opened) = (folder.path().join("browser"), folder.path().join("opened"));
    let script = format!("#!/bin/sh\nprintf %s \"$1\" > {}\n", opened.display());
    std::fs::write(&browser, script).expect("written");
    std::fs::set_permissions(&browser, std::fs::Permissions::from_mode(0o700)).expect("allowed");
    let mut demo = wif(&["demo", "--open", "--json"])
        .env("BROWSER", &browser)
        .stdout(Stdio::piped())
        .spawn()
        .expect("started");
    let lines = BufReader::new(demo.stdout.take().expect("piped")).lines();
    let last = lines.map(|line| line.expect("text")).nth(STAGES.len()).expect("one more step");
    let step = parsed(&last);
    assert_eq!(text(&step, "step"), "inspector");
    let url = text(step.get("facts").expect("facts"), "url");
    let end = std::time::Instant::now() + std::time::Duration::from_secs(30);
    while std::fs::read_to_string(&opened).unwrap_or_default() != url {
        assert!(std::time::Instant::now() < end, "the browser does not open {url}");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let signal = Command::new("kill").args(["-INT", &demo.id().to_string()]).status();
    assert!(signal.expect("sent").success());
    assert_eq!(demo.wait().expect("ended").code(), Some(0));
}
