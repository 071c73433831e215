//! Plan and apply: a second apply changes nothing, and two appliers end with the credentials of one of them.

use super::directory::{Directory, Service, State, is_write};
use conformance::Rng;
use serde_json::{Value, json};
use workload_identity_core::manage::{Manager, ManagerRequest, ManagerResult};
use workload_identity_core::{Effect, EffectId, Error, Step, Ticket, Timestamp};

const ISSUER: &str = "https://issuer.example";
const AUDIENCE: &str = "api://AzureADTokenExchange";
const NAMES: [&str; 7] = ["alpha", "bravo", "charlie", "delta", "echo-1", "fox_2", "golf"];

/// The credentials of a file: no two with the same subject. What is not pruned is named, since it could have a subject of the
/// others.
fn file(rng: &mut Rng, prune: bool) -> Vec<Value> {
    let mut subjects: Vec<u64> = (0..9).collect();
    let mut credentials = Vec::new();
    for name in NAMES {
        if prune && rng.below(3) == 0 {
            continue;
        }
        let subject = subjects.remove(rng.below(subjects.len() as u64) as usize);
        let mut credential = json!({"name": name, "issuer": ISSUER});
        if rng.below(6) == 0 {
            credential["issuer"] = json!("https://token.actions.githubusercontent.com");
            credential["expression"] =
                json!(format!("claims['sub'] matches 'repo:octo/{subject}*'"));
        } else {
            credential["subject"] = json!(format!("subject-{subject}"));
        }
        credentials.push(credential);
    }
    credentials
}

fn state_of(file: &[Value]) -> State {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    file.iter()
        .map(|credential| {
            let condition = credential.get("subject").or(credential.get("expression"));
            let condition = condition.map(text).unwrap_or_default();
            let value =
                (text(&credential["issuer"]), condition, AUDIENCE.to_owned(), String::new());
            (text(&credential["name"]), value)
        })
        .collect()
}

fn apply(file: &[Value], prune: bool) -> Value {
    json!({"operation": "apply", "credentials": file, "prune": prune})
}

/// Prune would remove what gives the access token.
fn may_prune(service: Service, rng: &mut Rng) -> bool {
    service == Service::Arm && rng.below(2) == 0
}

fn is_complete(result: &Result<ManagerResult, Error>) -> bool {
    matches!(result, Ok(ManagerResult::Report(report)) if report.complete)
}

#[test]
fn a_second_apply_changes_nothing() {
    for seed in 0..8 {
        let mut rng = Rng(seed);
        let service = if seed % 2 == 0 { Service::Graph } else { Service::Arm };
        let mut directory = Directory::new(service);
        let prune = may_prune(service, &mut rng);
        let mut manager = directory.manager(1);
        for _ in 0..3 {
            let wanted = file(&mut rng, prune);
            let plan = json!({"operation": "plan", "credentials": wanted, "prune": prune});
            let (planned, writes) = directory.run(&mut manager, &plan);
            assert_eq!(writes, 0);
            let Ok(ManagerResult::Plan(planned)) = planned else { panic!("{seed}: {planned:?}") };
            let before = directory.state();
            let (result, writes) = directory.run(&mut manager, &apply(&wanted, prune));
            assert!(is_complete(&result), "{seed}: {result:?}");
            assert!(writes >= planned.changes.len());
            let state = directory.state();
            let mut expected = if prune { State::new() } else { before };
            expected.extend(state_of(&wanted));
            assert_eq!(state, expected, "{seed}");
            let (again, writes) = directory.run(&mut manager, &apply(&wanted, prune));
            assert_eq!(writes, 0, "{seed}");
            let Ok(ManagerResult::Report(report)) = again else { panic!("{seed}: {again:?}") };
            assert!(report.complete && report.changes.is_empty(), "{seed}: {report:?}");
        }
    }
}

/// One of two appliers.
struct Applier {
    manager: Manager,
    ticket: Ticket,
    /// The effect that is performed next.
    pending: Option<(EffectId, Effect)>,
    result: Option<Result<ManagerResult, Error>>,
}

impl Applier {
    fn new(directory: &Directory, seed: u8, request: &Value) -> Self {
        let mut manager = directory.manager(seed);
        let request = ManagerRequest::parse(request.to_string().as_bytes(), manager.config());
        let ticket = manager.begin(request);
        Self { manager, ticket, pending: None, result: None }
    }

    fn poll(&mut self, now: Timestamp) {
        match self.manager.poll(self.ticket, now) {
            Step::Done { value, .. } => self.result = Some(Ok(value)),
            Step::Fail(error) => self.result = Some(Err(error)),
            Step::Wait { .. } => panic!("nobody else leads"),
            Step::Perform { effect_id, effect, .. } => self.pending = Some((effect_id, effect)),
        }
    }

    /// When its pause ends; `None` if it does not pause.
    fn until(&self) -> Option<Timestamp> {
        match self.pending {
            Some((_, Effect::Sleep { until })) => Some(until),
            _ => None,
        }
    }

    fn step(&mut self, directory: &mut Directory) -> bool {
        let Some((id, effect)) = self.pending.take() else {
            self.poll(directory.sim.now);
            return false;
        };
        let outcome = directory.perform(&effect);
        self.manager.resolve(id, &outcome, directory.sim.now);
        self.poll(directory.sim.now);
        is_write(&effect)
    }
}

#[test]
fn two_appliers_end_with_the_credentials_of_one() {
    let mut interleaved = 0;
    for seed in 0..20 {
        let mut rng = Rng(1_000 + seed);
        let service = if seed % 2 == 0 { Service::Graph } else { Service::Arm };
        let mut directory = Directory::new(service);
        let prune = may_prune(service, &mut rng);
        let first = file(&mut rng, prune);
        let mut manager = directory.manager(9);
        let (result, _) = directory.run(&mut manager, &apply(&first, prune));
        assert!(is_complete(&result), "{seed}: {result:?}");
        let delay = rng.below(3);
        if delay > 0 {
            let surface = if service == Service::Graph { "graph" } else { "arm" };
            let fault: workload_identity_emulator::Fault =
                format!("{surface}:delay={delay}").parse().expect("a fault");
            directory.sim.emulator.fault(fault);
        }
        let files = [file(&mut rng, prune), file(&mut rng, prune)];
        let mut appliers: Vec<Applier> = files
            .iter()
            .enumerate()
            .map(|(index, file)| Applier::new(&directory, index as u8, &apply(file, prune)))
            .collect();
        let mut last_writer = None;
        for _ in 0..5_000 {
            let open: Vec<usize> =
                (0..2).filter(|index| appliers[*index].result.is_none()).collect();
            let Some(_) = open.first() else { break };
            let now = directory.sim.now;
            let ready: Vec<usize> = open
                .iter()
                .copied()
                .filter(|index| appliers[*index].until().is_none_or(|until| until <= now))
                .collect();
            let index = match ready.as_slice() {
                // Time passes when all wait.
                [] => {
                    let next = open.iter().filter_map(|index| appliers[*index].until()).min();
                    directory.sim.now = next.expect("a pause");
                    continue;
                }
                ready => ready[rng.below(ready.len() as u64) as usize],
            };
            if appliers[index].step(&mut directory) {
                interleaved += usize::from(last_writer.is_some_and(|last| last != index));
                last_writer = Some(index);
            }
        }
        directory.sim.emulator.clear_faults();
        directory.sim.now = directory.sim.now.plus_seconds(60);
        let state = directory.state();
        let fits = |file: &[Value]| {
            let wanted = state_of(file);
            if prune {
                return wanted == state;
            }
            wanted.iter().all(|(name, value)| state.get(name) == Some(value))
        };
        let results: Vec<_> = appliers.iter().map(|applier| applier.result.as_ref()).collect();
        let ends: Vec<bool> =
            results.iter().map(|result| is_complete(&result.expect("an end").clone())).collect();
        assert!(
            fits(&files[0]) || fits(&files[1]),
            "{seed} prune {prune} delay {delay} {ends:?}: {state:?}\n{files:?}\n{results:?}"
        );
    }
    assert!(interleaved > 40, "{interleaved}");
}
