//! The log of the emulator on standard error: one line for each request and each fetch. Never bodies, headers or queries.

use crate::host;
use clap::ValueEnum;
use serde::Serialize;
use serde_json::Value;
use std::io::{self, Write};
use std::sync::mpsc::{self, SyncSender};
use std::thread;
use std::time::Instant;
use workload_identity_core::Timestamp;
use workload_identity_emulator::http::{Method, Uri};

/// Lines that wait for a reader of standard error. More are dropped, so that no request waits for it.
const WAITING: usize = 1024;
/// Longest segment of a path that is shown. A token is longer.
const LONGEST_SEGMENT: usize = 80;

/// The form of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum LogForm {
    /// For people
    Text,
    /// One JSON object a line
    Json,
}

/// Writes lines on a thread of its own.
pub(super) struct Log {
    form: LogForm,
    lines: SyncSender<String>,
}

/// One request to the emulator, or one fetch by it.
#[derive(Serialize)]
pub(super) struct Entry {
    /// Unix milliseconds.
    time: i64,
    kind: &'static str,
    method: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    /// The code of an error response, or the failure of the transport.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    ms: u64,
}

impl Log {
    /// Starts the thread that writes to standard error.
    pub(super) fn to_standard_error(form: LogForm) -> Self {
        let (sender, lines) = mpsc::sync_channel::<String>(WAITING);
        thread::spawn(move || {
            for line in lines {
                // Nobody may read standard error any more, which does not concern the emulator.
                let _ = io::stderr().lock().write_all(line.as_bytes());
            }
        });
        Self { form, lines: sender }
    }

    /// Adds an entry.
    pub(super) fn add(&self, entry: &Entry) {
        let line = match self.form {
            LogForm::Text => entry.text(),
            // The names of members are strings, so this cannot fail.
            LogForm::Json => serde_json::to_string(entry).unwrap_or_default(),
        };
        let _ = self.lines.try_send(line + "\n");
    }
}

impl Entry {
    /// A request and its response. `None` when the connection was reset.
    pub(super) fn request(
        method: &Method,
        uri: &Uri,
        response: Option<(u16, &[u8])>,
        start: Instant,
    ) -> Self {
        let error = match response {
            Some((status, body)) => (status >= 400).then(|| error_code(body)).flatten(),
            None => Some("reset".to_owned()),
        };
        Self {
            path: Some(shown_path(uri.path())),
            status: response.map(|(status, _)| status),
            error,
            ..Self::new("request", method.as_str(), start)
        }
    }

    /// A fetch of an issuer's document.
    pub(super) fn fetch(url: &str, outcome: Result<u16, &str>, start: Instant) -> Self {
        Self {
            url: Some(shown_url(url)),
            status: outcome.ok(),
            error: outcome.err().map(str::to_owned),
            ..Self::new("fetch", "GET", start)
        }
    }

    fn new(kind: &'static str, method: &str, start: Instant) -> Self {
        Self {
            time: host::now().millis(),
            kind,
            method: method.to_owned(),
            path: None,
            url: None,
            status: None,
            error: None,
            ms: u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX),
        }
    }

    /// `13:29:05 POST /tenant/oauth2/v2.0/token 401 AADSTS700213 (2 ms)`; times are UTC.
    fn text(&self) -> String {
        let seconds = Timestamp::from_millis(self.time).seconds().rem_euclid(86_400);
        let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        let target = match (&self.path, &self.url) {
            (Some(path), _) => format!("{} {path}", self.method),
            (None, Some(url)) => format!("  fetched {url}"),
            (None, None) => String::new(),
        };
        let status = self.status.map(|status| format!(" {status}")).unwrap_or_default();
        let error = self.error.as_deref().map(|error| format!(" {error}")).unwrap_or_default();
        format!("{hour:02}:{minute:02}:{second:02} {target}{status}{error} ({} ms)", self.ms)
    }
}

/// The number of an Entra error, or the `error` of another response.
fn error_code(body: &[u8]) -> Option<String> {
    let document: Value = serde_json::from_slice(body).ok()?;
    if let Some(number) = document["error_codes"][0].as_u64() {
        return Some(format!("AADSTS{number}"));
    }
    let is_code = |text: &&str| text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    document["error"].as_str().filter(is_code).map(str::to_owned)
}

/// A path whose segments cannot be tokens.
fn shown_path(path: &str) -> String {
    let shown = |segment| match segment {
        long if str::len(long) > LONGEST_SEGMENT || long.contains("eyJ") => "...",
        short => short,
    };
    path.split('/').map(shown).collect::<Vec<_>>().join("/")
}

/// An address without its query.
fn shown_url(url: &str) -> String {
    match url.split_once('?') {
        Some((url, _)) => format!("{}?...", shown_path(url)),
        None => shown_path(url),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_part_of_a_line_is_a_token() {
        let token = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln";
        let uri: Uri = format!("/a/{token}/b?token={token}").parse().expect("a URI");
        let body = format!(r#"{{"error":"{token}"}}"#);
        let response = Some((404, body.as_bytes()));
        let entry = Entry::request(&Method::GET, &uri, response, Instant::now());
        assert!(entry.text().contains(" GET /a/.../b 404 ("), "{}", entry.text());
        let long = "x".repeat(LONGEST_SEGMENT + 1);
        let url = format!("https://a.example/{long}?key=secret");
        let entry = Entry::fetch(&url, Ok(200), Instant::now());
        assert!(
            entry.text().contains("fetched https://a.example/...?... 200 ("),
            "{}",
            entry.text()
        );
    }

    #[test]
    fn errors_have_their_code() {
        for (body, code) in [
            (r#"{"error":"invalid_client","error_codes":[700213]}"#, Some("AADSTS700213")),
            (r#"{"error":"not_found"}"#, Some("not_found")),
            (r#"{"error":{"code":"x"}}"#, None),
            (r#"{"error":"a text for people"}"#, None),
            ("<html>", None),
            ("", None),
        ] {
            assert_eq!(error_code(body.as_bytes()).as_deref(), code, "{body}");
        }
    }
}
