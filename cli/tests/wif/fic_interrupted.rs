//! `wif fic apply` that a signal ends: what was changed is reported.

use crate::directory::file;
use crate::process::{send_signal, wif};
use crate::server::{answer, serve};
use std::io::{BufRead, BufReader, Read};
use std::process::Stdio;
use std::sync::mpsc;

const TRUST: &str = "version: 1
identity: {app_id: 11111111-2222-3333-4444-555555555555}
credentials:
  - {name: one, issuer: 'https://i', subject: a}
  - {name: two, issuer: 'https://i', subject: b}
  - {name: three, issuer: 'https://i', subject: c}
";

/// Standard output and standard error of an apply whose first write is under way when the signal comes.
fn interrupted(signal: &str) -> (Option<i32>, String, String) {
    let (began, write) = mpsc::channel();
    let (go_on, answered) = mpsc::channel::<()>();
    let (address, requests) = serve(move |request| match request.line.starts_with("GET ") {
        true => answer("200 OK", "application/json", "{\"value\":[]}"),
        false => {
            let _ = began.send(());
            let _ = answered.recv();
            answer("204 No Content", "application/json", "")
        }
    });
    let (trust, token) = (file(TRUST), file("access-token"));
    let mut command = wif(&["fic", "apply", "--yes"]);
    command.arg(trust.path()).arg("--access-token-file").arg(token.path());
    command.args(["--graph-url", &format!("http://{address}")]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("starts");
    write.recv().expect("a write");
    assert!(send_signal(&child, signal));
    let mut err = BufReader::new(child.stderr.take().expect("piped"));
    let mut told = String::new();
    err.read_line(&mut told).expect("UTF-8");
    assert!(told.contains("once more to end at once"), "{told}");
    go_on.send(()).expect("the server waits");
    let mut out = String::new();
    child.stdout.take().expect("piped").read_to_string(&mut out).expect("UTF-8");
    err.read_to_string(&mut told).expect("UTF-8");
    let status = child.wait().expect("ended");
    let writes = requests.try_iter().filter(|request| !request.line.starts_with("GET "));
    assert_eq!(writes.count(), 1, "no write after the signal");
    (status.code(), out, told)
}

#[test]
fn what_was_changed_before_a_signal_is_reported() {
    for signal in ["-INT", "-TERM"] {
        let (status, out, err) = interrupted(signal);
        assert_eq!(status, Some(1), "{out}{err}");
        for line in
            ["done       add     one\n", "failed     add     two: ", "not tried  add     three\n"]
        {
            assert!(out.contains(line), "{line}: {out}");
        }
        assert!(err.contains("(cancelled)"), "{err}");
    }
}
