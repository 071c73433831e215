//! Running `wif` and speaking HTTP to it.

use serde_json::Value;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStderr, ChildStdout, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};
use workload_identity_core::json::strict;

/// The scope that these tests ask for.
pub(crate) const SCOPE: &str = "https://vault.azure.net/.default";

/// `wif` with nothing of this process's environment.
pub(crate) fn wif(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wif"));
    command.args(arguments).env_clear().stdin(Stdio::null());
    command
}

/// What a run left behind.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) status: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// Runs to the end.
pub(crate) fn run(command: &mut Command) -> Run {
    let Output { status, stdout, stderr } = command.output().expect("wif starts");
    Run {
        status: status.code(),
        out: String::from_utf8(stdout).expect("UTF-8"),
        err: String::from_utf8(stderr).expect("UTF-8"),
    }
}

/// The text as JSON.
pub(crate) fn parsed(text: &str) -> Value {
    strict::parse(text.trim().as_bytes()).unwrap_or_else(|fault| panic!("{fault}: {text}"))
}

/// A member that must be text.
pub(crate) fn text(value: &Value, name: &str) -> String {
    let found = value.get(name).and_then(Value::as_str);
    found.unwrap_or_else(|| panic!("no text `{name}` in {value:?}")).to_owned()
}

/// `wif emulator --json`, ended when dropped.
pub(crate) struct Emulator {
    child: Child,
    out: BufReader<ChildStdout>,
    /// Its line of JSON.
    pub(crate) startup_info: Value,
}

impl Emulator {
    pub(crate) fn start(arguments: &[&str]) -> Self {
        Self::spawn(wif(&["emulator", "--json", "--quiet"]).args(arguments))
    }

    /// With a log, whose lines come on the returned reader.
    pub(crate) fn start_with_log(arguments: &[&str]) -> (Self, BufReader<ChildStderr>) {
        let mut command = wif(&["emulator", "--json"]);
        let mut emulator = Self::spawn(command.args(arguments).stderr(Stdio::piped()));
        let log = emulator.child.stderr.take().expect("piped");
        (emulator, BufReader::new(log))
    }

    fn spawn(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().expect("wif starts");
        let mut out = BufReader::new(child.stdout.take().expect("piped"));
        let mut line = String::new();
        out.read_line(&mut line).expect("a line");
        Self { startup_info: parsed(&line), child, out }
    }

    pub(crate) fn text(&self, name: &str) -> String {
        text(&self.startup_info, name)
    }

    /// `wif token` with the environment of a GitHub Actions job and this emulator as authority.
    pub(crate) fn token(&self, arguments: &[&str]) -> Command {
        let mut command = self.job(&["token", "--scope", SCOPE]);
        command.args(arguments);
        command
    }

    /// The same without a token source.
    pub(crate) fn client(&self, arguments: &[&str]) -> Command {
        let mut command = self.application(&["token", "--scope", SCOPE]);
        command.args(arguments);
        command
    }

    /// Any command of `wif` with the environment of a GitHub Actions job and this emulator as authority.
    pub(crate) fn job(&self, arguments: &[&str]) -> Command {
        let mut command = self.application(arguments);
        command
            .env("ACTIONS_ID_TOKEN_REQUEST_URL", self.text("github_request_url"))
            .env("ACTIONS_ID_TOKEN_REQUEST_TOKEN", self.text("github_request_token"));
        command
    }

    fn application(&self, arguments: &[&str]) -> Command {
        let mut command = wif(arguments);
        command
            .env("AZURE_TENANT_ID", self.text("tenant_id"))
            .env("AZURE_CLIENT_ID", self.text("client_id"))
            .env("AZURE_AUTHORITY_HOST", self.text("base_url"));
        if let Some(ca_file) = self.startup_info.get("ca_file").and_then(Value::as_str) {
            command.env("SSL_CERT_FILE", ca_file);
        }
        command
    }

    /// How many token requests came in.
    pub(crate) fn token_requests(&self) -> i64 {
        let answer = get(&self.text("token_requests_url"), None).expect("an answer");
        let body = parsed(&answer.body);
        body.get("token_requests").and_then(Value::as_i64).expect("token_requests")
    }

    /// A workload token as a GitHub job gets it.
    pub(crate) fn workload_token(&self, audience: &str) -> String {
        let url = self.text("github_request_url");
        let separator = if url.contains('?') { '&' } else { '?' };
        let url = format!("{url}{separator}audience={audience}");
        let answer = get(&url, Some(&self.text("github_request_token"))).expect("an answer");
        text(&parsed(&answer.body), "value")
    }

    /// Sends a signal and waits; what it still wrote comes along.
    #[cfg(unix)]
    pub(crate) fn end_with(mut self, signal: &str) -> (ExitStatus, String) {
        assert!(send_signal(&self.child, signal));
        let status = self.child.wait().expect("ended");
        let mut rest = String::new();
        self.out.read_to_string(&mut rest).expect("UTF-8");
        (status, rest)
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        // Asked rather than killed, so that it removes its files.
        let ended = matches!(self.child.try_wait(), Ok(Some(_)));
        if !ended && !send_signal(&self.child, "-TERM") {
            let _ = self.child.kill();
        }
        let _ = self.child.wait();
    }
}

/// Whether the signal could be sent.
pub(crate) fn send_signal(child: &Child, signal: &str) -> bool {
    let kill = Command::new("kill").args([signal, &child.id().to_string()]).status();
    kill.is_ok_and(|status| status.success())
}

/// An HTTP answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
    pub(crate) after: Duration,
}

/// `GET http://...` on a connection of its own.
pub(crate) fn get(url: &str, bearer: Option<&str>) -> io::Result<Answer> {
    send("GET", url, bearer, "")
}

/// Sends one request and reads to the end.
pub(crate) fn send(
    method: &str,
    url: &str,
    bearer: Option<&str>,
    form: &str,
) -> io::Result<Answer> {
    send_as("application/x-www-form-urlencoded", method, url, bearer, form)
}

/// Sends one request with a JSON body.
pub(crate) fn send_json(method: &str, url: &str, body: &Value) -> io::Result<Answer> {
    send_as("application/json", method, url, None, &body.to_string())
}

fn send_as(
    media_type: &str,
    method: &str,
    url: &str,
    bearer: Option<&str>,
    form: &str,
) -> io::Result<Answer> {
    let rest = url.strip_prefix("http://").expect("plain http");
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let start = Instant::now();
    let mut stream = TcpStream::connect(host)?;
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    let authorization =
        bearer.map(|token| format!("authorization: Bearer {token}\r\n")).unwrap_or_default();
    let length = form.len();
    write!(
        stream,
        "{method} /{path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n{authorization}\
         content-type: {media_type}\r\ncontent-length: {length}\r\n\r\n{form}"
    )?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok());
    let status = status.ok_or(io::ErrorKind::UnexpectedEof)?;
    Ok(Answer {
        status,
        head: head.to_ascii_lowercase(),
        body: body.to_owned(),
        after: start.elapsed(),
    })
}
