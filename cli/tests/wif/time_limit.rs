//! `--timeout` bounds the whole command, whatever the other side does.

use crate::keys::{AUDIENCE, ISSUER, Keys, NOW};
use crate::process::{Run, parsed, run, text, wif};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

/// Beyond the time limit, on a busy machine.
const BEYOND: Duration = Duration::from_secs(30);
/// How long a server goes on if its client does.
const MOST: Duration = Duration::from_secs(90);

/// A server that answers every connection with `start`, then with a byte every 50 ms.
fn drip(start: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || {
                let mut stream = stream;
                let _ = stream.read(&mut [0; 4096]);
                let _ = stream.write_all(start.as_bytes());
                let end = Instant::now() + MOST;
                while stream.write_all(b"x").is_ok() && Instant::now() < end {
                    thread::sleep(Duration::from_millis(50));
                }
            });
        }
    });
    address
}

/// Runs, and checks that the command ended in time.
fn run_in_time(command: &mut Command, phase: &str) -> Run {
    let start = Instant::now();
    let run = run(command.args(["--timeout", "1", "--json"]));
    assert!(start.elapsed() < Duration::from_secs(1) + BEYOND, "{phase}: {:?}", start.elapsed());
    run
}

const PHASES: [(&str, &str); 3] = [
    ("head", "HTTP/1.1 200 OK\r\nx-a: "),
    ("body", "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n"),
    ("chunk", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nffff\r\n"),
];

#[test]
fn a_dripping_token_endpoint_ends_with_its_time() {
    for (phase, start) in PHASES {
        let address = drip(start);
        let mut command = wif(&["token", "--scope", "s", "--client-id", "c"]);
        command
            .args(["--token-endpoint", &format!("http://{address}/"), "--token-env", "TOKEN"])
            .env("TOKEN", "eyJhbGciOiJSUzI1NiJ9.eyJleHAiOjk5OTk5OTk5OTl9.c2ln");
        let failed = run_in_time(&mut command, phase);
        let code = text(&parsed(&failed.err), "code");
        assert!(["network_timeout", "deadline_exceeded"].contains(&&*code), "{phase}: {code}");
    }
}

#[test]
fn dripping_keys_end_with_their_time() {
    let keys = Keys::new();
    for (phase, start) in PHASES {
        let place = format!("http://{}/", drip(start));
        let mut command = wif(&["verify", &keys.token, "--issuer", ISSUER, "--jwks", &place]);
        command.args(["--audience", AUDIENCE, "--allow-loopback-http", "--now", NOW]);
        let failed = run_in_time(&mut command, phase);
        assert_eq!(failed.status, Some(3), "{phase}: {failed:?}");
        let code = text(&parsed(&failed.out), "code");
        assert!(["network_timeout", "deadline_exceeded"].contains(&&*code), "{phase}: {code}");
    }
}

#[cfg(unix)]
#[test]
fn a_pipe_as_token_file_ends_with_its_time() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("token");
    let made = Command::new("mkfifo").arg(&path).status().expect("mkfifo starts");
    assert!(made.success());
    let mut command = wif(&["token", "--scope", "s", "--client-id", "c"]);
    command.args(["--token-endpoint", "http://127.0.0.1:1/", "--token-file"]).arg(&path);
    let failed = run_in_time(&mut command, "file");
    assert_eq!(text(&parsed(&failed.err), "code"), "deadline_exceeded");
}
