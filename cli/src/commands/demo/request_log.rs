//! A host that logs the effects it performs.

use crate::host::{Host, SystemHost, effect_report};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use workload_identity_core::http::Url;
use workload_identity_core::{Effect, Outcome};

/// One performed effect. Contains no secret.
pub(super) struct LoggedRequest {
    /// The effect, e.g. `POST /tenant/oauth2/v2.0/token`.
    pub(super) effect: String,
    /// The outcome, e.g. `200`.
    pub(super) outcome: String,
    /// How long it took.
    pub(super) took: Duration,
}

/// Performs effects on this machine and logs them.
pub(super) struct RequestLog {
    system: SystemHost,
    requests: Mutex<Vec<LoggedRequest>>,
}

impl RequestLog {
    pub(super) fn new(system: SystemHost) -> Self {
        Self { system, requests: Mutex::default() }
    }

    /// The effects performed since the last call.
    pub(super) fn take(&self) -> Vec<LoggedRequest> {
        std::mem::take(&mut self.requests.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Host for RequestLog {
    fn perform(&self, effect: &Effect) -> Outcome {
        let start = Instant::now();
        let outcome = self.system.perform(effect);
        let request = LoggedRequest {
            effect: name(effect),
            outcome: effect_report::result(&outcome),
            took: start.elapsed(),
        };
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).push(request);
        outcome
    }
}

fn name(effect: &Effect) -> String {
    match effect {
        Effect::Http(request) => {
            // Only the path, because queries can contain secrets.
            let url = Url::parse(&request.url).ok();
            let target = url.as_ref().map_or("", Url::path_and_query);
            let path = target.split('?').next().unwrap_or_default();
            let parts: Vec<String> = path.split('/').map(shortened).collect();
            format!("{} {}", request.method.name(), parts.join("/"))
        }
        other => other.kind().to_owned(),
    }
}

/// Shortens identifiers in paths.
fn shortened(part: &str) -> String {
    match part.split_once('-') {
        Some((start, _)) if part.len() == 36 => format!("{start}..."),
        _ => part.to_owned(),
    }
}
