//! The committed transcripts replay byte for byte, are up to date, and together show everything the protocol has.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

fn files() -> BTreeMap<String, String> {
    fs::read_dir(conformance::transcripts_folder())
        .expect("the folder of transcripts")
        .map(|entry| {
            let path = entry.expect("an entry").path();
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            (name, fs::read_to_string(&path).expect("a readable file"))
        })
        .collect()
}

#[test]
fn every_transcript_replays() {
    let files = files();
    assert!(files.len() >= 70, "only {} transcripts", files.len());
    for (name, text) in &files {
        match conformance::replay(text) {
            Ok(calls) => assert!(calls > 0, "{name} is empty"),
            Err(difference) => panic!("{difference}"),
        }
    }
}

#[test]
fn a_changed_transcript_does_not_replay() {
    let text = files().remove("exchange-callback.json").expect("the first transcript");
    for (from, to) in [("token-1", "token-2"), ("\"wake\":0", "\"wake\":9"), ("api-version", "x")] {
        let changed = text.replacen(from, to, 1);
        if changed != text {
            assert!(conformance::replay(&changed).is_err(), "{from} -> {to} went unnoticed");
        }
    }
}

#[test]
fn transcripts_are_those_of_the_scenarios() {
    let recorded: BTreeMap<String, String> = conformance::scenarios::all().into_iter().collect();
    assert_eq!(recorded.len(), files().len());
    for (name, text) in files() {
        assert_eq!(Some(&text), recorded.get(&name), "{name} is stale; run `cargo xtask stubs`");
    }
}

#[test]
fn every_step_effect_outcome_and_failure_appears() {
    let mut seen = BTreeSet::new();
    for (name, text) in files() {
        match conformance::kinds(&text) {
            Ok(kinds) => seen.extend(kinds),
            Err(error) => panic!("{name}: {error}"),
        }
    }
    let steps = ["done", "fail", "perform", "wait"].map(|step| format!("step {step}"));
    let effects = ["http", "read_file", "sign", "verify", "ask_host", "store", "sleep"];
    let outcomes = ["http", "file", "signed", "verified", "answer", "stored", "elapsed", "failed"];
    let failures = workload_identity_core::Failure::ALL.map(|(name, _)| format!("failure {name}"));
    let acquiring = ["new", "begin", "poll", "resolve", "end"];
    let verifying = ["check", "signature", "jwk", "complete", "snapshot", "load"];
    let calls = acquiring.into_iter().chain(verifying);
    let own_steps = ["drive", "verify_signature"].map(|step| format!("step {step}"));
    let steps = steps.into_iter().chain(own_steps);
    let wanted = steps
        .chain(calls.map(|call| format!("call {call}")))
        .chain(effects.map(|effect| format!("effect {effect}")))
        .chain(outcomes.map(|outcome| format!("outcome {outcome}")))
        .chain(failures);
    for kind in wanted {
        assert!(seen.contains(&kind), "no transcript shows `{kind}`");
    }
}

/// Codes that no acquisition over the wire can show: they need a million tickets, a megabyte, a token to verify, the documents of
/// an issuer, or a host without the core.
const ELSEWHERE: &[&str] = &[
    "too_many_requests",
    "response_too_large",
    "redirect_loop",
    "issuer_unsuitable",
    "too_many_keys",
    "internal",
    "module_unavailable",
];

#[test]
fn every_code_of_an_acquisition_appears() {
    use workload_identity_core::{Code, Fault};
    let all = files().into_values().collect::<String>();
    for code in Code::ALL {
        let name = code.name();
        if code.fault() == Fault::Input || ELSEWHERE.contains(&name) {
            continue;
        }
        assert!(all.contains(&format!("\"code\":\"{name}\"")), "no transcript shows `{name}`");
    }
}
