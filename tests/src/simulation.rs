//! Engine and emulator on one virtual clock: the whole federation without a socket.

use serde_json::Value;
use workload_identity_core::http::{Headers, HttpRequest, HttpResponse};
use workload_identity_core::{
    AccessToken, Config, Effect, Engine, Error, Failure, Outcome, Request, Secret, Step, Ticket,
    Timestamp,
};
use workload_identity_crypto_native::{AwsLc, AwsLcSigner};
use workload_identity_emulator::{Emulator, Keys, Platform, Reply, Settings, http};

const BASE: &str = "http://127.0.0.1:8080";
/// 2026-01-01T00:00:00Z
const START: Timestamp = Timestamp::from_seconds(1_767_225_600);

/// A workload, its platform and its token service.
pub struct Simulation {
    /// The token service and issuers.
    pub emulator: Emulator,
    /// The engine under test.
    pub engine: Engine,
    /// The clock.
    pub now: Timestamp,
    /// HTTP requests performed so far.
    pub requests: usize,
    /// Paths and contents of the files that a workload can read.
    pub files: Vec<(String, String)>,
}

/// Where a platform's files are.
const FOLDER: &str = "/platform";

impl Simulation {
    /// A GitHub job against an emulator with the given settings changed.
    #[must_use]
    pub fn github(change: impl FnOnce(&mut Settings)) -> Self {
        let emulator = emulator(change);
        let facts = emulator.facts();
        let config = serde_json::json!({
            "tenant_id": facts.tenant_id,
            "client_id": facts.client_id,
            "authority_host": BASE,
            "source": {
                "kind": "github",
                "request_url": facts.github_request_url,
                "request_token": facts.github_request_token
            }
        });
        Self::new(emulator, &config, Vec::new())
    }

    /// A workload on a platform of the emulator. `change` gets the configuration with the platform's environment.
    #[must_use]
    pub fn platform(name: &str, change: impl FnOnce(&mut Value)) -> Self {
        let mut emulator = emulator(|_| {});
        let platform = Platform::named(name).expect("a platform");
        emulator.trust_platform(platform).expect("a credential");
        let setup = emulator.platform_setup(platform, FOLDER, START).expect("a setup");
        let variables =
            setup.variables.into_iter().map(|(name, value)| (name.into(), value.into()));
        let facts = emulator.facts();
        let mut config = serde_json::json!({
            "tenant_id": facts.tenant_id,
            "client_id": facts.client_id,
            "authority_host": BASE,
            "environment": variables.collect::<serde_json::Map<String, Value>>()
        });
        change(&mut config);
        let files = setup.files.into_iter().map(|(path, text)| (format!("{FOLDER}/{path}"), text));
        Self::new(emulator, &config, files.collect())
    }

    fn new(emulator: Emulator, config: &Value, files: Vec<(String, String)>) -> Self {
        let config = Config::parse(config.to_string().as_bytes()).expect("a configuration");
        let mut engine = Engine::new(config);
        engine.reseed([3; 32]);
        Self { emulator, engine, now: START, requests: 0, files }
    }

    /// Gets a token as a host would, driving a background refresh too.
    ///
    /// # Errors
    /// What the engine reports.
    pub fn token(&mut self, request: Request) -> Result<AccessToken, Error> {
        let ticket = self.engine.begin(Ok(request));
        let (result, refresh) = self.drive(ticket);
        if let Some(refresh) = refresh {
            let _ = self.drive(refresh);
        }
        result
    }

    fn drive(&mut self, ticket: Ticket) -> (Result<AccessToken, Error>, Option<Ticket>) {
        let done = loop {
            match self.engine.poll(ticket, self.now) {
                Step::Done { value, refresh } => break (Ok(value.token), refresh),
                Step::Fail(error) => break (Err(error), None),
                Step::Wait { until, .. } => self.now = until,
                Step::Perform { effect_id: id, effect, .. } => {
                    let outcome = self.perform(&effect);
                    self.engine.resolve(id, outcome, self.now);
                }
            }
        };
        self.engine.end(ticket);
        done
    }

    fn perform(&mut self, effect: &Effect) -> Outcome {
        match effect {
            Effect::Http(request) => self.http(request),
            Effect::Sleep { until } => {
                self.now = (*until).max(self.now);
                Outcome::Elapsed
            }
            Effect::ReadFile { path, .. } => {
                match self.files.iter().find(|(known, _)| known == path) {
                    Some((_, text)) => Outcome::File(Secret::new(text.clone().into_bytes())),
                    None => Outcome::Failed { failure: Failure::NotFound, detail: String::new() },
                }
            }
            Effect::AskHost { .. } => Outcome::Answer(Secret::new(Vec::new())),
            _ => Outcome::Failed { failure: Failure::Other, detail: String::new() },
        }
    }

    /// Sends a request to the emulator.
    pub fn http(&mut self, request: &HttpRequest) -> Outcome {
        self.requests += 1;
        let path = request.url.strip_prefix(BASE).expect("only the emulator is asked");
        let mut received = http::Request::builder().method(request.method.name()).uri(path);
        received = received.header("host", BASE.trim_start_matches("http://"));
        for (name, value) in &request.headers {
            received = received.header(name, value);
        }
        let received = received.body(request.body.clone().into_bytes()).expect("a valid request");
        let reply = match self.emulator.handle(&received, self.now) {
            Reply::Sign(unsigned) => unsigned.sign(),
            reply => reply,
        };
        let (Reply::Respond { delay, .. } | Reply::Reset { delay }) = &reply else {
            panic!("the emulator's own issuer needs no fetch");
        };
        let took = i64::try_from(delay.as_millis()).expect("a short delay");
        self.now = self.now.plus_millis(took.min(i64::from(request.timeout_ms)) + 20);
        if took > i64::from(request.timeout_ms) {
            return Outcome::Failed { failure: Failure::Timeout, detail: String::new() };
        }
        let Reply::Respond { response, .. } = reply else {
            return Outcome::Failed { failure: Failure::Refused, detail: "reset".into() };
        };
        let headers = response.headers().iter().map(|(name, value)| {
            (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        });
        let (status, headers) = (response.status().as_u16(), Headers::from_pairs(headers));
        let mut body = response.into_body();
        body.truncate(request.max_bytes as usize + 1);
        Outcome::Http(HttpResponse { status, headers, body })
    }
}

fn emulator(change: impl FnOnce(&mut Settings)) -> Emulator {
    let mut settings = Settings::new(BASE, [9; 32]);
    change(&mut settings);
    let rsa = || AwsLcSigner::generate_rsa(2048).expect("a key");
    let keys = Keys {
        workload: Box::new(rsa()),
        access_token: Box::new(rsa()),
        next: Box::new(move || Ok(Box::new(rsa()))),
        verification: Box::new(AwsLc),
    };
    Emulator::new(settings, keys).expect("an emulator")
}
