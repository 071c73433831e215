//! A host that uses the files, the network and the clock of the operating system.

use super::driver::Host;
use super::effect_report;
use super::host_call;
use super::operating_system::{now, read_file};
use super::transport::Transport;
use crate::verbosity;
use std::collections::BTreeMap;
use std::thread;
use std::time::{Duration, Instant};
use workload_identity_core::{Effect, Failure, Outcome, Secret};

/// Performs HTTP requests, file reads, programs and sleeps. It has no keys and no shared store.
pub(crate) struct SystemHost {
    transport: Transport,
    assertion: Option<Secret<String>>,
    /// In place of the process's own, if there are some.
    variables: Option<BTreeMap<String, String>>,
}

impl SystemHost {
    pub(crate) fn new(transport: Transport) -> Self {
        Self { transport, assertion: None, variables: None }
    }

    /// Reads these variables in place of the process's own.
    pub(crate) fn with_variables(mut self, variables: BTreeMap<String, String>) -> Self {
        self.variables = Some(variables);
        self
    }

    /// Gives the workload token that the source `callback` asks for.
    pub(crate) fn with_assertion(mut self, assertion: Option<Secret<String>>) -> Self {
        self.assertion = assertion;
        self
    }
}

impl Host for SystemHost {
    fn perform(&self, effect: &Effect) -> Outcome {
        let start = Instant::now();
        let outcome = self.outcome(effect);
        if verbosity::verbose() {
            eprintln!("{}", effect_report::line(effect, &outcome, start.elapsed()));
        }
        outcome
    }
}

impl SystemHost {
    fn outcome(&self, effect: &Effect) -> Outcome {
        match effect {
            Effect::Http(request) => self.transport.send(request),
            Effect::ReadFile { path, max_bytes } => read_file(path, *max_bytes),
            Effect::Sleep { until } => {
                let millis = u64::try_from(until.since(now())).unwrap_or(0);
                thread::sleep(Duration::from_millis(millis));
                Outcome::Elapsed
            }
            Effect::AskHost { name: "assertion", .. } => match &self.assertion {
                Some(token) => Outcome::Answer(Secret::new(token.expose().clone().into_bytes())),
                None => not_performed(effect),
            },
            Effect::AskHost { name, payload, timeout_ms } => {
                let limit = Duration::from_millis(u64::from(*timeout_ms));
                host_call::call(name, payload, limit, self.variables.as_ref())
            }
            Effect::Sign { .. } | Effect::Verify { .. } | Effect::Store(_) => not_performed(effect),
        }
    }
}

fn not_performed(effect: &Effect) -> Outcome {
    Outcome::Failed {
        failure: Failure::NotFound,
        detail: format!("this host does not perform `{}`", effect.kind()),
    }
}
