//! Engine and emulator on one virtual clock: the whole federation without a socket.

use workload_identity_core::http::{Headers, HttpRequest, HttpResponse};
use workload_identity_core::{
    AccessToken, Config, Effect, Engine, Error, Failure, Outcome, Request, Secret, Step, Ticket,
    Timestamp,
};
use workload_identity_crypto_native::AwsLcSigner;
use workload_identity_emulator::{Emulator, Keys, Reply, Settings, http};

const BASE: &str = "http://127.0.0.1:8080";

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
}

impl Simulation {
    /// A GitHub job against an emulator with the given settings changed.
    #[must_use]
    pub fn github(change: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = Settings::new(BASE, [9; 32]);
        change(&mut settings);
        let rsa = || AwsLcSigner::generate_rsa(2048).expect("a key");
        let keys = Keys {
            workload: Box::new(rsa()),
            access_token: Box::new(rsa()),
            next: Box::new(move || Ok(Box::new(rsa()))),
        };
        let emulator = Emulator::new(settings, keys).expect("an emulator");
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
        let config = Config::parse(config.to_string().as_bytes()).expect("a configuration");
        let mut engine = Engine::new(config);
        engine.reseed([3; 32]);
        let now = Timestamp::from_seconds(1_767_225_600);
        Self { emulator, engine, now, requests: 0 }
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
            Effect::AskHost { .. } => Outcome::Answer(Secret::new(Vec::new())),
            _ => Outcome::Failed { failure: Failure::Other, detail: String::new() },
        }
    }

    fn http(&mut self, request: &HttpRequest) -> Outcome {
        self.requests += 1;
        let path = request.url.strip_prefix(BASE).expect("only the emulator is asked");
        let mut received = http::Request::builder().method(request.method.name()).uri(path);
        for (name, value) in &request.headers {
            received = received.header(name, value);
        }
        let received = received.body(request.body.clone().into_bytes()).expect("a valid request");
        let reply = self.emulator.handle(&received, self.now);
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
