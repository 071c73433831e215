//! The whole federation on a virtual clock: a day of tokens, rotations and faults.

use conformance::Simulation;
use workload_identity_core::{Code, Origin, Request};
use workload_identity_emulator::Rotation;

const SCOPE: &str = "https://vault.azure.net/.default";

fn ask(simulation: &mut Simulation) -> Result<Origin, Code> {
    simulation.token(Request::new(SCOPE)).map(|t| t.origin()).map_err(|e| e.code)
}

#[test]
fn a_day_of_calls_needs_one_exchange_an_hour() {
    let mut simulation = Simulation::github(|_| {});
    for _ in 0..24 * 60 {
        let token = simulation.token(Request::new(SCOPE)).expect("a token");
        assert!(token.expires_on() > simulation.now);
        simulation.now = simulation.now.plus_seconds(60);
    }
    // A token of an hour is used for 55 minutes: 24 hours need 26 or 27 exchanges, each with a fresh GitHub token.
    let exchanges = simulation.emulator.token_request_count();
    assert!((26..=27).contains(&exchanges), "{exchanges}");
    assert_eq!(simulation.engine.open(), (0, 0, 0));
}

#[test]
fn proactive_refresh_keeps_callers_from_waiting() {
    let mut simulation = Simulation::github(|settings| settings.refresh_in_seconds = Some(1800));
    assert_eq!(ask(&mut simulation), Ok(Origin::Network));
    for _ in 0..12 * 60 {
        simulation.now = simulation.now.plus_seconds(60);
        assert_eq!(ask(&mut simulation), Ok(Origin::Cache), "a caller had to wait");
    }
    assert!(simulation.emulator.token_request_count() >= 24);
}

#[test]
fn rotated_keys_are_survived() {
    let mut simulation = Simulation::github(|_| {});
    for withdraw in [false, true] {
        for rotation in [Rotation::Workload, Rotation::AccessToken] {
            simulation.emulator.rotate(rotation, withdraw).expect("a rotation");
            simulation.now = simulation.now.plus_seconds(4000);
            assert_eq!(ask(&mut simulation), Ok(Origin::Network));
        }
    }
}

#[test]
fn passing_faults_are_bridged_and_lasting_ones_reported() {
    for (fault, expected) in [
        ("503*2", Ok(Origin::Network)),
        ("reset*2", Ok(Origin::Network)),
        ("latency=60000*1", Ok(Origin::Network)),
        ("throttle=5*1", Ok(Origin::Network)),
        ("throttle=60*1", Err(Code::Throttled)),
        ("503", Err(Code::ServiceUnavailable)),
        ("reset", Err(Code::NetworkRefused)),
        ("truncated", Err(Code::ResponseNotJson)),
        ("duplicate", Err(Code::ResponseDuplicateMember)),
        ("html", Err(Code::ResponseNotJson)),
        ("empty", Err(Code::ResponseEmpty)),
        ("huge", Err(Code::ResponseTooLarge)),
        ("redirect", Err(Code::ResponseRedirect)),
    ] {
        let mut simulation = Simulation::github(|_| {});
        simulation.emulator.fault(fault.parse::<workload_identity_emulator::Fault>().expect(fault));
        assert_eq!(ask(&mut simulation), expected, "{fault}");
        simulation.emulator.clear_faults();
        simulation.now = simulation.now.plus_seconds(3600);
        assert!(ask(&mut simulation).is_ok(), "a good call after {fault}");
        assert_eq!(simulation.engine.open(), (0, 0, 0));
    }
}

#[test]
fn a_refusal_names_what_was_presented() {
    let mut simulation = Simulation::github(|_| {});
    let facts = simulation.emulator.facts();
    let subject = simulation.emulator.settings().github_job.subject();
    assert!(simulation.emulator.distrust(&facts.issuer, &subject));
    let error = simulation.token(Request::new(SCOPE)).expect_err("nobody trusts it");
    assert_eq!(error.code, Code::TrustMismatch);
    let presented = error.presented.as_ref().expect("what was presented");
    assert_eq!(presented.issuer.as_deref(), Some(facts.issuer.as_str()));
    assert_eq!(presented.subject.as_deref(), Some(subject.as_str()));
    assert_eq!(presented.audience, [facts.audience]);
}
