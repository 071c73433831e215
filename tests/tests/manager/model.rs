//! Random requests, faults and cancellations against the manager and the emulator.
//!
//! One manager is the only writer, so that the identity has what its requests say: nothing is written twice and nothing is
//! lost.

use super::directory::{Directory, Service, State, is_write};
use conformance::Rng;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use workload_identity_core::http::{Headers, HttpRequest, HttpResponse};
use workload_identity_core::manage::{
    ChangeOutcome, FederatedCredential, Manager, ManagerRequest, ManagerResult,
};
use workload_identity_core::{Effect, EffectId, Error, Failure, Outcome, Step, Ticket};

const NAMES: [&str; 6] = ["alpha", "bravo", "charlie", "delta", "echo-1", "fox_2"];
const MAX_OPEN: usize = 8;

struct World {
    rng: Rng,
    directory: Directory,
    manager: Manager,
    open: BTreeMap<Ticket, Value>,
    /// The effects that were handed out, with the ticket that got them.
    effects: BTreeMap<EffectId, (Ticket, Effect)>,
    /// A write that may have arrived; the next call of the writing flight must be a read.
    in_doubt: Option<String>,
    /// The identity's credentials, as the answers tell.
    known: State,
    /// Whether a request ended without telling what it did.
    unknown: bool,
    writes: usize,
    ended: usize,
}

impl World {
    fn new(seed: u64, service: Service) -> Self {
        let directory = Directory::new(service);
        let manager = directory.manager(seed as u8);
        Self {
            rng: Rng(seed),
            directory,
            manager,
            open: BTreeMap::new(),
            effects: BTreeMap::new(),
            in_doubt: None,
            known: State::new(),
            unknown: false,
            writes: 0,
            ended: 0,
        }
    }

    fn step(&mut self) {
        match self.rng.below(100) {
            0..15 => self.begin(),
            15..58 => self.poll_any(),
            58..98 => self.resolve_any(),
            98 if self.rng.below(4) == 0 => self.end_any(),
            _ => {
                let millis = [1, 50, 700, 3_000, 20_000][self.rng.below(5) as usize];
                self.directory.sim.now = self.directory.sim.now.plus_millis(millis);
            }
        }
        let writing = self.effects.values().filter(|(_, effect)| is_write(effect)).count();
        assert!(writing <= 1, "two writes at the same time");
        let (tickets, flights, effects) = self.manager.open();
        assert_eq!(tickets, self.open.len());
        assert!(flights <= tickets && effects <= flights);
    }

    fn credential(&mut self) -> Value {
        let name = NAMES[self.rng.below(6) as usize];
        let subject = format!("subject-{}", self.rng.below(8));
        let mut credential =
            json!({"name": name, "issuer": "https://issuer.example", "subject": subject});
        if self.directory.service == Service::Graph && self.rng.below(3) == 0 {
            credential["description"] = json!(format!("text {}", self.rng.below(3)));
        }
        credential
    }

    fn begin(&mut self) {
        if self.open.len() >= MAX_OPEN {
            return;
        }
        let mut request = match self.rng.below(9) {
            0 => json!({"operation": "list"}),
            1 => json!({"operation": "get", "name": NAMES[self.rng.below(6) as usize]}),
            2 => json!({"operation": "delete", "name": NAMES[self.rng.below(6) as usize]}),
            3 | 4 => json!({"operation": "create", "credential": self.credential()}),
            5 => json!({"operation": "update", "credential": self.credential()}),
            6 => json!({"operation": "upsert", "credential": self.credential()}),
            kind => {
                let mut credentials: Vec<Value> = Vec::new();
                for _ in 0..self.rng.below(5) {
                    let new = self.credential();
                    if credentials.iter().all(|known| {
                        known["name"] != new["name"] && known["subject"] != new["subject"]
                    }) {
                        credentials.push(new);
                    }
                }
                let prune = self.directory.service == Service::Arm && self.rng.below(2) == 0;
                let operation = if kind == 7 { "plan" } else { "apply" };
                json!({"operation": operation, "credentials": credentials, "prune": prune})
            }
        };
        if self.rng.below(8) == 0 {
            let millis = [2_000, 20_000, 60_000][self.rng.below(3) as usize];
            request["deadline"] = json!(self.directory.sim.now.plus_millis(millis).millis());
        }
        let parsed = ManagerRequest::parse(request.to_string().as_bytes(), self.manager.config());
        self.open.insert(self.manager.begin(parsed), request);
    }

    fn any_ticket(&mut self) -> Option<Ticket> {
        let count = self.open.len() as u64;
        (count > 0)
            .then(|| *self.open.keys().nth(self.rng.below(count) as usize).expect("a ticket"))
    }

    fn poll_any(&mut self) {
        if let Some(ticket) = self.any_ticket() {
            self.poll(ticket);
        }
    }

    fn poll(&mut self, ticket: Ticket) {
        match self.manager.poll(ticket, self.directory.sim.now) {
            Step::Perform { effect_id, effect, .. } => self.handed_out(ticket, effect_id, effect),
            Step::Wait { .. } => {}
            Step::Done { value, .. } => {
                let request = self.open.get(&ticket).cloned().unwrap_or_default();
                self.done(&request, &value);
                self.end(ticket);
            }
            Step::Fail(error) => {
                self.failed(&error);
                self.end(ticket);
            }
        }
    }

    fn handed_out(&mut self, ticket: Ticket, id: EffectId, effect: Effect) {
        let lost: Vec<EffectId> = self
            .effects
            .iter()
            .filter(|(known, (owner, _))| **known != id && *owner == ticket)
            .map(|(known, _)| *known)
            .collect();
        for known in lost {
            self.effects.remove(&known);
        }
        if self.effects.contains_key(&id) {
            return;
        }
        // A write whose leader fell silent is taken over by a look.
        if is_write(&effect) {
            let stale: Vec<EffectId> = self
                .effects
                .iter()
                .filter(|(_, (_, effect))| is_write(effect))
                .map(|(known, _)| *known)
                .collect();
            assert!(stale.is_empty() || self.in_doubt.is_none());
            for known in stale {
                self.effects.remove(&known);
            }
            let text = describe(&effect);
            assert_ne!(self.in_doubt.as_ref(), Some(&text), "written twice");
            self.in_doubt = None;
        }
        self.effects.insert(id, (ticket, effect));
    }

    fn resolve_any(&mut self) {
        let count = self.effects.len() as u64;
        if count == 0 {
            return;
        }
        let id = *self.effects.keys().nth(self.rng.below(count) as usize).expect("an effect");
        let (_, effect) = self.effects.remove(&id).expect("an effect");
        let outcome = match &effect {
            Effect::Http(_) => self.http(&effect),
            Effect::AskHost { .. } if self.rng.below(60) == 0 => failed(Failure::Other),
            other => self.directory.perform(&other.clone()),
        };
        // Ends are looked at in the order in which they come.
        if self.manager.resolve(id, &outcome, self.directory.sim.now).is_some() {
            for ticket in self.open.keys().copied().collect::<Vec<_>>() {
                self.poll(ticket);
            }
        }
    }

    /// A call with faults on its way and on the way back.
    fn http(&mut self, effect: &Effect) -> Outcome {
        let writes = is_write(effect);
        let (arrives, answer) = match self.rng.below(100) {
            0..76 => (true, None),
            76..80 => (true, Some(failed(Failure::Timeout))),
            80..82 => (true, Some(status(502, ""))),
            82..84 => (true, Some(status(200, "<html>"))),
            84..87 => (false, Some(failed(Failure::Refused))),
            87..89 => (false, Some(status(500, "{}"))),
            89..92 => (false, Some(status(429, ""))),
            92..94 => (false, Some(status(401, ""))),
            94..97 => (false, Some(failed(Failure::Dns))),
            _ => (false, Some(status(409, r#"{"error":{"code":"Conflict"}}"#))),
        };
        let performed = arrives.then(|| self.directory.perform(effect));
        if writes {
            self.writes += usize::from(arrives);
            let doubtful = matches!(
                &answer,
                Some(Outcome::Failed { failure: Failure::Timeout | Failure::Refused, .. })
            ) || matches!(&answer, Some(Outcome::Http(response)) if matches!(response.status, 200 | 500..));
            if doubtful {
                self.in_doubt = Some(describe(effect));
            }
        } else if matches!(effect, Effect::Http(HttpRequest { .. })) {
            self.in_doubt = None;
        }
        answer.or(performed).unwrap_or_else(|| failed(Failure::Other))
    }

    fn set(&mut self, credential: &FederatedCredential) {
        let value = (
            credential.issuer.clone(),
            credential.subject.clone().unwrap_or_default(),
            credential.audience.clone(),
            credential.description.clone().unwrap_or_default(),
        );
        self.known.insert(credential.name.clone(), value);
    }

    fn done(&mut self, request: &Value, value: &ManagerResult) {
        match (request["operation"].as_str().unwrap_or_default(), value) {
            ("create" | "update" | "upsert", ManagerResult::Credential { credential }) => {
                self.set(credential);
            }
            ("delete", ManagerResult::Deleted { .. }) => {
                self.known.remove(request["name"].as_str().unwrap_or_default());
            }
            ("apply", ManagerResult::Report(report)) => {
                for change in &report.changes {
                    match (&change.change.after, change.outcome) {
                        (Some(after), ChangeOutcome::Done) => self.set(after),
                        (None, ChangeOutcome::Done) => {
                            self.known.remove(&change.change.name);
                        }
                        _ => self.unknown = true,
                    }
                }
            }
            _ => {}
        }
    }

    /// A request that fails has done nothing unless it says so.
    fn failed(&mut self, error: &Error) {
        self.unknown |=
            error.hint.as_deref().is_some_and(|hint| hint.contains("may have been made"));
    }

    fn end_any(&mut self) {
        if let Some(ticket) = self.any_ticket() {
            self.unknown |= self.open.get(&ticket).is_some_and(writes);
            self.end(ticket);
        }
    }

    fn end(&mut self, ticket: Ticket) {
        self.open.remove(&ticket);
        self.effects.retain(|_, (owner, _)| *owner != ticket);
        self.manager.end(ticket);
        self.ended += 1;
    }

    /// Lets all requests end without further faults, and compares.
    fn settle(&mut self) {
        for _ in 0..10_000 {
            let Some(ticket) = self.any_ticket() else { break };
            match self.manager.poll(ticket, self.directory.sim.now) {
                Step::Perform { effect_id, effect, .. } => {
                    let outcome = self.directory.perform(&effect);
                    if self.manager.resolve(effect_id, &outcome, self.directory.sim.now).is_some() {
                        for ticket in self.open.keys().copied().collect::<Vec<_>>() {
                            self.poll(ticket);
                        }
                    }
                }
                Step::Wait { .. } => {}
                Step::Done { value, .. } => {
                    let request = self.open.get(&ticket).cloned().unwrap_or_default();
                    self.done(&request, &value);
                    self.end(ticket);
                }
                Step::Fail(error) => {
                    self.failed(&error);
                    self.end(ticket);
                }
            }
        }
        assert_eq!(self.manager.open(), (0, 0, 0));
        self.effects.clear();
        self.in_doubt = None;
        let state = self.directory.state();
        if !self.unknown {
            assert_eq!(state, self.known);
        }
        self.known = state;
        self.unknown = false;
    }
}

/// Whether a request may change something.
fn writes(request: &Value) -> bool {
    !matches!(request["operation"].as_str(), Some("list" | "get" | "plan"))
}

fn describe(effect: &Effect) -> String {
    match effect {
        Effect::Http(request) => {
            format!("{} {} {}", request.method.name(), request.url, request.body)
        }
        _ => String::new(),
    }
}

fn failed(failure: Failure) -> Outcome {
    Outcome::Failed { failure, detail: String::new() }
}

fn status(status: u16, body: &str) -> Outcome {
    let retry_after = (status == 429).then_some(("retry-after", "1"));
    Outcome::Http(HttpResponse {
        status,
        headers: Headers::from_pairs(retry_after),
        body: body.as_bytes().to_vec(),
    })
}

#[test]
fn twenty_thousand_steps_lose_nothing_and_write_nothing_twice() {
    let (mut writes, mut ended, mut compared) = (0, 0, 0);
    for seed in 0..10 {
        let service = if seed % 2 == 0 { Service::Graph } else { Service::Arm };
        let mut world = World::new(seed, service);
        for round in 0..80 {
            for _ in 0..25 {
                world.step();
            }
            if round % 4 == 3 {
                compared += usize::from(!world.unknown);
                world.settle();
            }
        }
        writes += world.writes;
        ended += world.ended;
    }
    assert!(writes > 300 && ended > 1_000 && compared > 20, "{writes} {ended} {compared}");
}
