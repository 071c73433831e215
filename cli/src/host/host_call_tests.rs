//! Tests of the functions that the core asks this host for: variables and programs.

use super::host_call::call;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};
use workload_identity_core::{Failure, Outcome};

const LIMIT: Duration = Duration::from_millis(400);

/// More than any program of these tests needs on a slow machine. A program that hangs does so for longer.
const LONG: Duration = Duration::from_secs(30);

fn execute(command: &[&str], max_bytes: u32) -> Outcome {
    execute_within(LONG, command, max_bytes)
}

fn execute_within(limit: Duration, command: &[&str], max_bytes: u32) -> Outcome {
    let environment = serde_json::json!({ "WIF_ADDED": "a b" });
    let payload = serde_json::json!({ "command": command, "environment": environment, "max_bytes": max_bytes });
    call("execute", &payload.to_string(), limit, None)
}

fn shell(script: &str) -> Outcome {
    execute(&["/bin/sh", "-c", script], 1000)
}

fn shell_within(limit: Duration, script: &str) -> Outcome {
    execute_within(limit, &["/bin/sh", "-c", script], 1000)
}

fn answer(outcome: Outcome) -> String {
    match outcome {
        Outcome::Answer(answer) => String::from_utf8(answer.expose().clone()).expect("text"),
        other => panic!("{other:?}"),
    }
}

fn failed(outcome: Outcome) -> (Failure, String) {
    match outcome {
        Outcome::Failed { failure, detail } => (failure, detail),
        other => panic!("{other:?}"),
    }
}

/// Waits until a process has ended. It may still be listed, until its parent waits for it.
fn ends(pid: &str) -> bool {
    let runs = || {
        let status = fs::read_to_string(Path::new("/proc").join(pid.trim()).join("stat"));
        status.is_ok_and(|text| {
            let state = text.rsplit(')').next().unwrap_or_default().trim_start().chars().next();
            !matches!(state, Some('Z' | 'X'))
        })
    };
    let deadline = Instant::now() + LONG;
    while runs() && Instant::now() < deadline {
        thread::sleep(Duration::from_millis(10));
    }
    !runs()
}

#[test]
fn a_variable_is_read() {
    let variable =
        |name: &str| call("environment", &format!(r#"{{"variable":"{name}"}}"#), LIMIT, None);
    assert!(!answer(variable("PATH")).is_empty());
    let (failure, detail) = failed(variable("WIF_TEST_NONE"));
    assert_eq!(failure, Failure::NotFound);
    assert!(detail.contains("WIF_TEST_NONE"), "{detail}");
}

#[test]
fn a_function_that_does_not_exist() {
    let (failure, detail) = failed(call("levitate", "{}", LIMIT, None));
    assert_eq!(failure, Failure::Unsupported);
    assert!(detail.contains("levitate"), "{detail}");
}

#[cfg(unix)]
#[test]
fn the_output_of_a_program() {
    // `cat` ends at once, because there is no standard input.
    assert_eq!(answer(shell("cat; echo secret >&2; printf '%s' \"$WIF_ADDED\"")), "a b");
    // No shell looks at the arguments.
    assert_eq!(answer(execute(&["/bin/echo", "$HOME", ";", "ls"], 1000)), "$HOME ; ls\n");
}

#[cfg(unix)]
#[test]
fn a_child_that_keeps_the_output_open() {
    let start = Instant::now();
    let pid = answer(shell("sleep 90 & echo $!"));
    assert!(start.elapsed() < LONG, "{:?}", start.elapsed());
    assert!(ends(&pid), "{pid}");
}

#[cfg(unix)]
#[test]
fn a_child_that_leaves_the_group_keeps_no_output() {
    let start = Instant::now();
    let pid = answer(shell("setsid sleep 60 & echo $!"));
    assert!(start.elapsed() < Duration::from_secs(30), "{:?}", start.elapsed());
    Command::new("kill").arg(pid.trim()).status().expect("it can be ended");
}

#[cfg(unix)]
#[test]
fn a_program_that_hangs_ends_with_its_children() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("pids");
    let script = format!("sleep 90 & echo $$ $! > '{}'; sleep 90", file.display());
    let mut pids = String::new();
    // A busy machine may need more time before the processes run.
    for limit in [LIMIT, LONG / 4, LONG] {
        let start = Instant::now();
        assert_eq!(failed(shell_within(limit, &script)).0, Failure::Timeout);
        assert!(start.elapsed() < limit + LONG, "{:?}", start.elapsed());
        pids = fs::read_to_string(&file).unwrap_or_default();
        if !pids.is_empty() {
            break;
        }
    }
    assert_eq!(pids.split_whitespace().count(), 2, "{pids}");
    assert!(pids.split_whitespace().all(ends), "{pids}");
    assert_eq!(failed(shell_within(LIMIT, "exec >&-; sleep 90")).0, Failure::Timeout);
}

#[cfg(unix)]
#[test]
fn a_program_that_floods_is_cut() {
    let start = Instant::now();
    assert_eq!(answer(execute(&["/bin/sh", "-c", "exec yes"], 5000)).len(), 5001);
    assert!(start.elapsed() < LONG, "{:?}", start.elapsed());
}

#[cfg(unix)]
#[test]
fn programs_that_fail() {
    let (failure, detail) = failed(shell("echo secret; echo secret >&2; exit 3"));
    assert_eq!((failure, detail.as_str()), (Failure::Other, "exit status 3"));
    let folder = tempfile::tempdir().expect("a folder");
    let program = folder.path().join("program");
    let path = program.to_str().expect("a path");
    assert_eq!(failed(execute(&[path], 1000)).0, Failure::NotFound);
    fs::write(&program, "#!/bin/sh\n").expect("a file");
    assert_eq!(failed(execute(&[path], 1000)).0, Failure::Denied);
    assert_eq!(failed(execute(&[], 1000)).0, Failure::NotFound);
}
