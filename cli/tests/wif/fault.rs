//! Faults of the emulator, seen on the wire and through `wif token`.

use crate::process::{Emulator, get, parsed, run, send, text};
use serde_json::Value;
use std::io::ErrorKind;
use std::time::{Duration, Instant};

/// The code of `wif token` against an emulator with that fault, and that no token shows.
fn code_under(fault: &str, timeout: &str) -> String {
    let emulator = Emulator::start(&["--fault", fault]);
    let failed = run(&mut emulator.token(&["--json", "--timeout", timeout]));
    assert_eq!((failed.status, failed.out.as_str()), (Some(1), ""), "{fault}: {failed:?}");
    assert!(!failed.err.contains("eyJ"), "{fault}: {failed:?}");
    text(&parsed(&failed.err), "code")
}

#[test]
fn broken_answers_have_their_codes() {
    let cases = [
        ("html", "response_not_json"),
        ("truncated", "response_not_json"),
        ("empty", "response_empty"),
        ("huge", "response_too_large"),
        ("redirect", "response_redirect"),
        ("duplicate", "response_duplicate_member"),
        ("token_type=pop", "token_type_unsupported"),
        ("expires_in=missing", "expires_in_invalid"),
        ("expires_in=-5", "expires_in_invalid"),
        ("reset", "network_refused"),
        ("status=503", "service_unavailable"),
        ("throttle=3600", "throttled"),
    ];
    for (fault, code) in cases {
        assert_eq!(code_under(fault, "120"), code, "{fault}");
    }
}

#[test]
fn a_passing_fault_is_retried() {
    let emulator = Emulator::start(&["--fault", "reset*1", "--fault", "503*1"]);
    let run = run(&mut emulator.token(&[]));
    assert_eq!((run.status, run.err.as_str()), (Some(0), ""));
    assert_eq!(emulator.token_requests(), 3);
}

#[test]
fn throttling_is_waited_for() {
    let emulator = Emulator::start(&["--fault", "throttle=1*1"]);
    let start = Instant::now();
    let run = run(&mut emulator.token(&[]));
    assert_eq!((run.status, run.err.as_str()), (Some(0), ""));
    assert!(start.elapsed() >= Duration::from_secs(1), "{:?}", start.elapsed());
}

#[test]
fn a_deadline_ends_a_slow_exchange() {
    let start = Instant::now();
    let code = code_under("latency=90000", "1");
    assert!(["deadline_exceeded", "network_timeout"].contains(&&*code), "{code}");
    assert!(start.elapsed() < Duration::from_secs(45), "{:?}", start.elapsed());
}

#[test]
fn a_failing_github_endpoint_is_the_platforms_fault() {
    let emulator = Emulator::start(&["--fault", "github:status=403"]);
    let failed = run(&mut emulator.token(&["--json"]));
    let error = parsed(&failed.err);
    assert_eq!(
        (text(&error, "code"), text(&error, "fault")),
        ("source_rejected".into(), "platform".into())
    );
    assert_eq!(emulator.token_requests(), 0);
}

#[test]
fn the_wire_shows_delay_throttling_and_reset() {
    let emulator =
        Emulator::start(&["--fault", "reset*1", "--fault", "latency=300", "--fault", "429=7*1"]);
    let endpoint = format!("{}/oauth2/v2.0/token", emulator.text("authority"));
    let reset = send("POST", &endpoint, None, "a=b").expect_err("no answer");
    assert_eq!(reset.kind(), ErrorKind::ConnectionReset);
    let throttled = send("POST", &endpoint, None, "a=b").expect("an answer");
    assert_eq!(throttled.status, 429);
    assert!(throttled.head.contains("retry-after: 7"), "{}", throttled.head);
    assert!(throttled.after >= Duration::from_millis(300), "{:?}", throttled.after);
    let after = send("POST", &endpoint, None, "a=b").expect("an answer");
    assert_eq!(after.status, 400, "the fault was for one request");
    assert!(parsed(&after.body).get("error_codes").and_then(Value::as_array).is_some());
    assert_eq!(get(&emulator.text("api_url"), None).expect("an answer").status, 401);
}
