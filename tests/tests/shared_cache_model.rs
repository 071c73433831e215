//! Random requests of several clients of one cache: none of them gets the token of another.

use conformance::Rng;
use conformance::engine::http;
use serde_json::json;
use std::collections::BTreeMap;
use workload_identity_core::{
    CacheConfig, Client, Config, Effect, EffectId, Engine, Failure, Outcome, Request, Secret, Step,
    Ticket, Timestamp,
};

/// Clients of one shared cache: the name of each, and how it asks.
struct Shared {
    rng: Rng,
    engine: Engine,
    now: Timestamp,
    clients: Vec<Client>,
    /// The client and the path of each open ticket.
    open: BTreeMap<Ticket, (usize, Option<&'static str>)>,
    hits: usize,
}

/// Tenant and client id of each client. The last two are two objects of one client with different sources.
const CLIENTS: [(&str, &str, &str); 5] = [
    ("contoso.com", "11111111-2222-3333-4444-555555555555", "callback"),
    ("contoso.com", "99999999-2222-3333-4444-555555555555", "callback"),
    ("fabrikam.com", "11111111-2222-3333-4444-555555555555", "callback"),
    ("fabrikam.com", "99999999-2222-3333-4444-555555555555", "callback"),
    ("fabrikam.com", "99999999-2222-3333-4444-555555555555", "file"),
];

impl Shared {
    fn new(seed: u64) -> Self {
        let config = CacheConfig { max_entries: Some(4), ..CacheConfig::default() };
        let mut engine = Engine::shared(config);
        engine.reseed([7; 32]);
        let clients = CLIENTS.map(|(tenant, id, kind)| {
            let path = if kind == "file" { r#","path":"/t""# } else { "" };
            let config = format!(
                r#"{{"tenant_id":"{tenant}","client_id":"{id}","source":{{"kind":"{kind}"{path}}}}}"#
            );
            Client::new(Config::parse(config.as_bytes()).expect("a configuration")).expect("a client")
        });
        Self {
            rng: Rng(seed),
            engine,
            now: Timestamp::from_seconds(1_767_225_600),
            clients: clients.into(),
            open: BTreeMap::new(),
            hits: 0,
        }
    }

    /// Whose token it is: tenant, client id and path.
    fn owner(client: usize, path: Option<&str>) -> String {
        let (tenant, id, _) = CLIENTS[client];
        format!("{tenant}/{id}/{}", path.unwrap_or("-"))
    }

    fn step(&mut self) {
        match self.rng.below(10) {
            0..4 => {
                let client = self.rng.below(CLIENTS.len() as u64) as usize;
                let path = [None, Some("agent")][self.rng.below(2) as usize];
                let request = Request {
                    fmi_path: path.map(Into::into),
                    force_refresh: self.rng.below(9) == 0,
                    ..Request::new("https://vault.azure.net/.default")
                };
                let ticket = self.engine.begin_for(&self.clients[client], Ok(request));
                self.open.insert(ticket, (client, path));
            }
            4..9 => self.poll_any(),
            _ => self.now = self.now.plus_millis([10, 2_500, 900_000][self.rng.below(3) as usize]),
        }
    }

    fn poll_any(&mut self) {
        let index = self.rng.below(self.open.len().max(1) as u64) as usize;
        let Some((&ticket, &(client, path))) = self.open.iter().nth(index) else { return };
        match self.engine.poll(ticket, self.now) {
            Step::Done { value, refresh } => {
                assert_eq!(
                    value.token.secret(),
                    Self::owner(client, path),
                    "another client's token"
                );
                self.hits += 1;
                self.open.extend(refresh.map(|refresh| (refresh, (client, path))));
                self.end(ticket);
            }
            Step::Fail(_) => self.end(ticket),
            Step::Wait { .. } => {}
            Step::Perform { effect_id, effect, .. } => {
                self.perform(ticket, client, effect_id, &effect)
            }
        }
    }

    fn perform(&mut self, ticket: Ticket, client: usize, id: EffectId, effect: &Effect) {
        let assertion = conformance::workload_token("s", self.now.seconds() + 600).into_bytes();
        let outcome = match effect {
            Effect::Sleep { .. } => Outcome::Elapsed,
            Effect::AskHost { .. } | Effect::ReadFile { .. } => {
                let reads = matches!(effect, Effect::ReadFile { .. });
                assert_eq!(reads, CLIENTS[client].2 == "file", "another source's effect");
                let assertion = Secret::new(assertion);
                if reads { Outcome::File(assertion) } else { Outcome::Answer(assertion) }
            }
            // The service issues to the client that the request names.
            Effect::Http(request) => {
                let field = |name: &str| {
                    let fields = request.body.split('&').filter_map(|field| field.split_once('='));
                    fields.clone().find(|(known, _)| *known == name).map(|(_, value)| value)
                };
                let tenant = request.url.split('/').nth(3).expect("a tenant");
                let (id, path) = (field("client_id").expect("a client"), field("fmi_path"));
                let token = format!("{tenant}/{id}/{}", path.unwrap_or("-"));
                let life = json!({"access_token": token, "token_type": "Bearer", "expires_in": 3600, "refresh_in": 600});
                http(200, &[], life)
            }
            other => panic!("{} has no place here", other.kind()),
        };
        match self.rng.below(8) {
            // The leader vanishes, is closed, or its request fails.
            0 => self.end(ticket),
            1 => drop(self.engine.resolve(id, failed(Failure::Cancelled), self.now)),
            2 => drop(self.engine.resolve(id, failed(Failure::Refused), self.now)),
            _ => drop(self.engine.resolve(id, outcome, self.now)),
        }
    }

    fn end(&mut self, ticket: Ticket) {
        self.open.remove(&ticket);
        self.engine.end(ticket);
    }
}

fn failed(failure: Failure) -> Outcome {
    Outcome::Failed { failure, detail: String::new() }
}

#[test]
fn clients_of_one_cache_never_get_the_tokens_of_others() {
    let mut hits = 0;
    for seed in 0..100 {
        let mut shared = Shared::new(seed);
        for _ in 0..600 {
            shared.step();
        }
        while let Some(&ticket) = shared.open.keys().next() {
            shared.end(ticket);
        }
        assert_eq!(shared.engine.open(), (0, 0, 0), "something was left behind");
        hits += shared.hits;
    }
    assert!(hits > 5_000, "the model hardly ever answered: {hits}");
}
