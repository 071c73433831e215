//! A host that tells what it was asked to do.

use crate::host::{Host, Machine};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use workload_identity_core::http::Url;
use workload_identity_core::{Effect, Outcome};

/// One effect, without anything secret.
pub(super) struct Sight {
    /// What was done, e.g. `POST /tenant/oauth2/v2.0/token`.
    pub(super) what: String,
    /// What came of it, e.g. `200`.
    pub(super) outcome: String,
    /// How long it took.
    pub(super) took: Duration,
}

/// This machine, watched.
pub(super) struct Witness {
    machine: Machine,
    sights: Mutex<Vec<Sight>>,
}

impl Witness {
    pub(super) fn new(machine: Machine) -> Self {
        Self { machine, sights: Mutex::default() }
    }

    /// What was done since the last call.
    pub(super) fn take(&self) -> Vec<Sight> {
        std::mem::take(&mut self.sights.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Host for Witness {
    fn perform(&self, effect: &Effect) -> Outcome {
        let start = Instant::now();
        let outcome = self.machine.perform(effect);
        let sight = Sight { what: name(effect), outcome: result(&outcome), took: start.elapsed() };
        self.sights.lock().unwrap_or_else(PoisonError::into_inner).push(sight);
        outcome
    }
}

fn name(effect: &Effect) -> String {
    match effect {
        Effect::Http(request) => {
            // Queries can carry secrets; the path says enough.
            let url = Url::parse(&request.url).ok();
            let target = url.as_ref().map_or("", Url::path_and_query);
            let path = target.split('?').next().unwrap_or_default();
            let parts: Vec<String> = path.split('/').map(shortened).collect();
            format!("{} {}", request.method.name(), parts.join("/"))
        }
        other => other.kind().to_owned(),
    }
}

/// Identifiers in paths are long and say little.
fn shortened(part: &str) -> String {
    match part.split_once('-') {
        Some((start, _)) if part.len() == 36 => format!("{start}..."),
        _ => part.to_owned(),
    }
}

fn result(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Http(response) => response.status.to_string(),
        Outcome::Failed { failure, .. } => failure.name().to_owned(),
        _ => "done".to_owned(),
    }
}
