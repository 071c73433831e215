//! Random callers, clocks and answers against the engine; after every step the rules of `docs/protocol.md` hold.

use conformance::Rng;
use std::collections::{BTreeMap, BTreeSet};
use workload_identity_core::http::{Headers, HttpResponse};
use workload_identity_core::{
    Config, Effect, EffectId, Engine, Failure, FlightId, Outcome, Request, Secret, Step, Ticket,
    Timestamp, TokenResult,
};

struct World {
    rng: Rng,
    engine: Engine,
    now: Timestamp,
    /// Open tickets and their deadlines.
    open: BTreeMap<Ticket, Timestamp>,
    /// The effect a flight's leader holds, who leads, and until when others must not lead.
    leading: BTreeMap<FlightId, (Ticket, EffectId, Timestamp)>,
    effects: BTreeMap<EffectId, (FlightId, Effect)>,
    seen: BTreeSet<EffectId>,
    issued: u64,
    exchanges: usize,
}

impl World {
    fn new(seed: u64, per_request: bool) -> Self {
        let flight = if per_request { "per_request" } else { "shared" };
        let config = format!(
            r#"{{"tenant_id":"contoso.com","client_id":"11111111-2222-3333-4444-555555555555",
            "source":{{"kind":"callback"}},"cache_max_entries":3,"flight":"{flight}"}}"#
        );
        let mut engine = Engine::new(Config::parse(config.as_bytes()).expect("a configuration"));
        engine.reseed([7; 32]);
        Self {
            rng: Rng(seed),
            engine,
            now: Timestamp::from_seconds(1_767_225_600),
            open: BTreeMap::new(),
            leading: BTreeMap::new(),
            effects: BTreeMap::new(),
            seen: BTreeSet::new(),
            issued: 0,
            exchanges: 0,
        }
    }

    fn step(&mut self) {
        match self.rng.below(100) {
            0..25 => self.begin(),
            25..60 => self.poll_any(),
            60..85 => self.resolve_any(),
            85..92 => self.end_any(),
            92..99 => {
                let millis = [1, 50, 700, 3_000, 15_000, 400_000][self.rng.below(6) as usize];
                self.now = self.now.plus_millis(millis);
            }
            // Clocks are set back, too.
            _ => self.now = self.now.plus_millis(-2_000),
        }
    }

    fn begin(&mut self) {
        let scope = format!("https://{}.example/.default", self.rng.below(5));
        let limit = i64::try_from(self.rng.below(29_000)).expect("small");
        let deadline = self.now.plus_millis(1 + limit);
        let request = Request {
            deadline: Some(deadline),
            force_refresh: self.rng.below(20) == 0,
            ..Request::new(&scope)
        };
        let ticket = self.engine.begin(Ok(request));
        self.open.insert(ticket, deadline);
    }

    fn any_open(&mut self) -> Option<Ticket> {
        let count = self.open.len() as u64;
        if count == 0 {
            return None;
        }
        let index = self.rng.below(count) as usize;
        self.open.keys().nth(index).copied()
    }

    fn poll_any(&mut self) {
        if let Some(ticket) = self.any_open() {
            self.poll(ticket);
        }
    }

    fn poll(&mut self, ticket: Ticket) {
        // A background refresh has the configured 30 seconds from its first poll.
        let known = self.open[&ticket];
        let deadline = if known == Timestamp::MAX { self.now.plus_seconds(30) } else { known };
        self.open.insert(ticket, deadline);
        match self.engine.poll(ticket, self.now) {
            Step::Done { value: TokenResult { token, fresh_until }, refresh } => {
                assert!(fresh_until <= token.expires_on());
                if let Some(refresh) = refresh {
                    self.open.insert(refresh, Timestamp::MAX);
                }
            }
            Step::Fail(error) => {
                assert!(!error.message.contains("eyJ"));
                self.leading.retain(|_, (leader, ..)| *leader != ticket);
            }
            Step::Wait { until, .. } => {
                assert!(until <= deadline, "a caller waits past its deadline");
                assert!(until > self.now, "a wait that is over");
            }
            Step::Perform { flight, effect_id: id, effect } => {
                assert!(self.now < deadline, "work for a caller whose deadline has passed");
                if let Some((leader, held, lease)) = self.leading.get(&flight) {
                    assert!(
                        *leader == ticket || self.now >= *lease || !self.effects.contains_key(held),
                        "two leaders within one lease"
                    );
                }
                if let Some((_, known)) = self.effects.get(&id) {
                    assert_eq!(known, &effect, "an effect changed under its id");
                    return;
                }
                assert!(self.seen.insert(id), "an effect id was used twice");
                let lease = match &effect {
                    Effect::Http(request) => i64::from(request.timeout_ms),
                    Effect::AskHost { timeout_ms, .. } => i64::from(*timeout_ms),
                    Effect::Sleep { until } => until.since(self.now),
                    other => panic!("{} has no place here", other.kind()),
                };
                self.leading.insert(flight, (ticket, id, self.now.plus_millis(lease)));
                self.effects.insert(id, (flight, effect));
            }
        }
    }

    fn resolve_any(&mut self) {
        let count = self.effects.len() as u64;
        if count == 0 {
            return;
        }
        let index = self.rng.below(count) as usize;
        let Some((&id, _)) = self.effects.iter().nth(index) else { return };
        let Some((_, effect)) = self.effects.remove(&id) else { return };
        let outcome = self.outcome(&effect);
        self.engine.resolve(id, outcome, self.now);
        // A second answer to the same effect never matters.
        assert_eq!(self.engine.resolve(id, Outcome::Elapsed, self.now), None);
    }

    fn outcome(&mut self, effect: &Effect) -> Outcome {
        let choice = self.rng.below(10);
        match effect {
            Effect::Sleep { .. } => Outcome::Elapsed,
            Effect::AskHost { .. } if choice < 9 => {
                let expires = self.now.seconds() + [-100, 30, 600][self.rng.below(3) as usize];
                let token = conformance::workload_token("s", expires);
                Outcome::Answer(Secret::new(token.into_bytes()))
            }
            Effect::Http(_) if choice < 5 => {
                self.exchanges += 1;
                self.issued += 1;
                let life = [60, 700, 3600, 90_000][self.rng.below(4) as usize];
                let refresh = if self.rng.below(2) == 0 { r#","refresh_in":50"# } else { "" };
                let body = format!(
                    r#"{{"access_token":"t{}","token_type":"Bearer","expires_in":{life}{refresh}}}"#,
                    self.issued
                );
                http(200, "", &body)
            }
            Effect::Http(_) if choice == 5 => http(503, "", ""),
            Effect::Http(_) if choice == 6 => http(429, "retry-after: 20", ""),
            Effect::Http(_) if choice == 7 => {
                http(401, "", r#"{"error":"x","error_codes":[700024]}"#)
            }
            Effect::Http(_) if choice == 8 => http(200, "", "<html>"),
            _ => {
                let index = self.rng.below(8) as usize;
                Outcome::Failed { failure: Failure::ALL[index].1, detail: "eyJ.secret".into() }
            }
        }
    }

    fn end_any(&mut self) {
        if let Some(ticket) = self.any_open() {
            self.open.remove(&ticket);
            self.leading.retain(|_, (leader, ..)| *leader != ticket);
            self.engine.end(ticket);
        }
    }

    /// Everybody polls on until done: nobody hangs, and nothing is left behind.
    fn finish(&mut self) {
        for _ in 0..10_000 {
            let Some(&ticket) = self.open.keys().next() else { break };
            match self.engine.poll(ticket, self.now) {
                Step::Done { refresh, .. } => {
                    self.open.extend(refresh.map(|refresh| (refresh, Timestamp::MAX)));
                    self.open.remove(&ticket);
                    self.engine.end(ticket);
                }
                Step::Fail(_) => {
                    self.open.remove(&ticket);
                    self.engine.end(ticket);
                }
                Step::Wait { until, .. } => self.now = until,
                Step::Perform { effect_id: id, effect, .. } => {
                    let outcome = self.outcome(&effect);
                    self.now = self.now.plus_millis(100);
                    self.engine.resolve(id, outcome, self.now);
                }
            }
        }
        assert!(self.open.is_empty(), "somebody hangs");
        assert_eq!(self.engine.open(), (0, 0, 0), "something was left behind");
    }
}

fn http(status: u16, head: &str, body: &str) -> Outcome {
    let (headers, body) = (Headers::from_lines(head), body.as_bytes().to_vec());
    Outcome::Http(HttpResponse { status, headers, body })
}

#[test]
fn the_rules_hold_for_random_callers() {
    let mut exchanges = 0;
    for seed in 0..400 {
        let mut world = World::new(seed, seed % 4 == 0);
        for _ in 0..500 {
            world.step();
        }
        world.finish();
        exchanges += world.exchanges;
    }
    assert!(exchanges > 1000, "the model hardly ever exchanged: {exchanges}");
}

#[test]
fn a_thousand_callers_make_one_exchange() {
    let mut world = World::new(1, false);
    let scope = "https://vault.azure.net/.default";
    let tickets: Vec<Ticket> =
        (0..1000).map(|_| world.engine.begin(Ok(Request::new(scope)))).collect();
    let mut requests = 0;
    let mut done = 0;
    while done < tickets.len() {
        done = 0;
        for ticket in &tickets {
            match world.engine.poll(*ticket, world.now) {
                Step::Done { .. } => done += 1,
                Step::Fail(error) => panic!("{error}"),
                Step::Wait { .. } => {}
                Step::Perform { effect_id: id, effect: Effect::Http(_), .. } => {
                    requests += 1;
                    let body = r#"{"access_token":"t","token_type":"Bearer","expires_in":3600}"#;
                    world.engine.resolve(id, http(200, "", body), world.now);
                }
                Step::Perform { effect_id: id, .. } => {
                    let token = conformance::workload_token("s", world.now.seconds() + 600);
                    let answer = Outcome::Answer(Secret::new(token.into_bytes()));
                    world.engine.resolve(id, answer, world.now);
                }
            }
        }
    }
    assert_eq!(requests, 1);
}

#[test]
fn open_requests_are_bounded() {
    let mut world = World::new(1, false);
    let scope = "https://vault.azure.net/.default";
    let mut begin = || world.engine.begin(Ok(Request::new(scope)));
    let first = begin();
    for _ in 1..100_000 {
        begin();
    }
    let refused = begin();
    let Step::Fail(error) = world.engine.poll(refused, world.now) else { panic!("one too many") };
    assert_eq!(error.code, workload_identity_core::Code::TooManyRequests);
    assert_eq!(world.engine.open().0, 100_000);
    world.engine.end(first);
    let next = world.engine.begin(Ok(Request::new(scope)));
    assert!(matches!(world.engine.poll(next, world.now), Step::Perform { .. }));
}
