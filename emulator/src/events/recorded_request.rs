//! A request and the status of its answer, without bodies, headers and queries, which can hold tokens.

use crate::faults::AppliedFaults;
use serde::Serialize;

/// Longest segment of a path that is shown. A token is longer.
const LONGEST_SEGMENT: usize = 120;

/// A request and its answer.
#[derive(Debug, Serialize)]
pub(super) struct RecordedRequest {
    /// The endpoint, by the name that faults have for it where there are some.
    target: &'static str,
    method: String,
    path: String,
    /// Absent when the connection was reset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) status: Option<u16>,
    /// The faults that applied.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    faults: Vec<String>,
    took_ms: u64,
}

impl RecordedRequest {
    pub(super) fn new<B, R>(
        target: &'static str,
        request: &http::Request<B>,
        response: Option<&http::Response<R>>,
        took_ms: u64,
    ) -> Self {
        let applied = |response: &http::Response<R>| {
            response.extensions().get::<AppliedFaults>().map(AppliedFaults::names)
        };
        let faults = match response {
            Some(response) => applied(response).unwrap_or_default(),
            None => vec!["reset".to_owned()],
        };
        Self {
            target,
            method: request.method().as_str().chars().take(LONGEST_SEGMENT).collect(),
            path: shown_path(request.uri().path()),
            status: response.map(|response| response.status().as_u16()),
            faults,
            took_ms,
        }
    }

    pub(super) fn is_management(&self) -> bool {
        matches!(self.target, "graph" | "arm")
    }

    pub(super) fn bytes(&self) -> usize {
        self.path.len() + self.faults.iter().map(String::len).sum::<usize>() + 256
    }
}

/// A document of another issuer that the host fetched.
#[derive(Debug, Serialize)]
pub(super) struct RecordedFetch {
    url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    took_ms: u64,
}

impl RecordedFetch {
    /// `outcome` is the status, or why there is none.
    pub(super) fn new(url: &str, outcome: Result<u16, &str>, took_ms: u64) -> Self {
        let url = url.split('?').next().unwrap_or_default();
        let error = outcome.err().map(str::to_owned);
        Self { url: shown_path(url), status: outcome.ok(), error, took_ms }
    }

    pub(super) fn bytes(&self) -> usize {
        self.url.len() + self.error.as_ref().map_or(0, String::len) + 256
    }
}

/// A path whose segments cannot be tokens.
fn shown_path(path: &str) -> String {
    let shown = |segment| match segment {
        long if str::len(long) > LONGEST_SEGMENT || long.contains("eyJ") => "...",
        short => short,
    };
    path.split('/').take(20).map(shown).collect::<Vec<_>>().join("/")
}
