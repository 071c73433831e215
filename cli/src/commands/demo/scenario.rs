//! The steps of the demo with their facts.

use super::request_log::{LoggedRequest, RequestLog};
use super::running_emulator::RunningEmulator;
use super::timeline::{Fact, Marker, Timeline};
use crate::commands::emulator::{self, Service};
use crate::explain;
use crate::host::{self, Driver, SystemHost, Transport};
use crate::serve::Listener;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::error::Error;
use std::fmt::Write as _;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use workload_identity_core::crypto::KeySet;
use workload_identity_core::http::{Connection, HttpRequest, HttpResponse, Method};
use workload_identity_core::jose::{Jwks, UnverifiedClaims};
use workload_identity_core::json::strict;
use workload_identity_core::verify::{Policy, VerifiedToken, verify};
use workload_identity_core::{AccessToken, Config, Engine, Outcome, Request};
use workload_identity_crypto_native::AwsLc;
use workload_identity_emulator::Facts;

/// The resource that the demo's API is.
const RESOURCE: &str = "https://vault.azure.net";
const TIMEOUT_MS: u32 = 10_000;
const MAX_BYTES: u32 = 1024 * 1024;

pub(super) type StepResult = Result<(), Box<dyn Error>>;

/// Runs the steps and prints them. An error means that the demo itself failed.
pub(super) fn print<W: Write>(
    timeline: &mut Timeline<W>,
) -> Result<RunningEmulator, Box<dyn Error>> {
    timeline.remark("Workload identity federation, all of it on this machine\n")?;
    let listener = Listener::bind(0, false)?;
    let emulator = emulator::create(&listener, |_| {})?;
    let facts = emulator.facts();
    let trusted = emulator.credentials().first().and_then(|known| known.credential.subject());
    let trusted = trusted.unwrap_or_default().to_owned();
    let service = Arc::new(Service::new(emulator, Transport::new(None)));
    let server = listener.serve(service);
    let inspector_url = facts.inspector_url.clone();
    Scenario::new(timeline, facts, None).print(&trusted)?;
    Ok(RunningEmulator { server, inspector_url, _platforms: None })
}

/// The steps that each story has.
pub(super) struct Scenario<'a, W: Write> {
    timeline: &'a mut Timeline<W>,
    pub(super) facts: Facts,
    transport: Transport,
}

impl<'a, W: Write> Scenario<'a, W> {
    /// The authority of the file signed the emulator's certificate, with TLS.
    pub(super) fn new(
        timeline: &'a mut Timeline<W>,
        facts: Facts,
        ca_file: Option<PathBuf>,
    ) -> Self {
        Self { timeline, facts, transport: Transport::new(ca_file) }
    }

    fn print(mut self, trusted: &str) -> StepResult {
        let facts = self.facts.clone();
        self.good(
            "emulator",
            "a token endpoint, an issuer and an API on loopback",
            [
                ("authority", facts.authority.clone()),
                ("application", facts.client_id.clone()),
                ("trusts issuer", facts.issuer.clone()),
                ("trusts subject", trusted.to_owned()),
                ("trusts audience", facts.audience.clone()),
            ],
        )?;
        self.workload_token()?;
        let driver = self.driver(&facts.github_request_url)?;
        let token = self.exchange(&driver)?;
        self.validate(&token)?;
        self.call_api(&token)?;
        self.cache_hit(&driver)?;
        self.refusal(trusted)?;
        self.timeline.remark(
            "\nNo secret was stored anywhere. Next: `wif token --help`, `wif emulator --help`",
        )?;
        Ok(())
    }

    /// Shows the workload token that the platform issues. The engine fetches its own.
    fn workload_token(&mut self) -> StepResult {
        let url = format!("{}&audience={}", self.facts.github_request_url, self.facts.audience);
        let document = self.get_json(url, Some(&self.facts.github_request_token))?;
        let token = document["value"].as_str().unwrap_or_default();
        let claims = UnverifiedClaims::peek(token)?;
        let life = claims.expires.map(|expires| seconds(expires.since(host::now())));
        self.good(
            "workload",
            "GitHub Actions' endpoint gives the job a short-lived token",
            [
                ("issuer", claims.issuer.unwrap_or_default()),
                ("subject", claims.subject.unwrap_or_default()),
                ("audience", claims.audience.join(", ")),
                ("algorithm", claims.algorithm.unwrap_or_default()),
                ("valid for", life.unwrap_or_default()),
                ("sha-256", digest(token)),
            ],
        )
    }

    pub(super) fn exchange(
        &mut self,
        driver: &Arc<Driver<Engine, RequestLog>>,
    ) -> Result<AccessToken, Box<dyn Error>> {
        let token = driver.request(Ok(request()))?.token;
        let mut facts = effects(driver.host());
        facts.extend(named([
            ("scope", token.scopes().join(" ")),
            ("valid for", seconds(token.expires_on().since(host::now()))),
            ("from", token.origin().name().to_owned()),
            ("sha-256", digest(token.secret())),
        ]));
        let summary = "the workload token buys an access token";
        self.timeline.step(Marker::Good, "exchange", summary, &facts)?;
        self.report("cache_store", "the cache keeps the token for the next call")?;
        Ok(token)
    }

    pub(super) fn validate(&mut self, token: &AccessToken) -> StepResult {
        let issuer = format!("{}/v2.0", self.facts.authority);
        let found = self.get_json(format!("{issuer}/.well-known/openid-configuration"), None)?;
        let location = found["jwks_uri"].as_str();
        let location = location.ok_or("the discovery document names no jwks_uri")?.to_owned();
        let keys = Jwks::parse(&self.get(location.clone(), None)?.body)?;
        let keys = std::sync::Arc::new(KeySet::import(keys, &AwsLc));
        let policy = Policy::new(issuer, RESOURCE);
        let claims = verify(token.secret(), &keys, &policy, host::now())?;
        self.good(
            "validate",
            "the access token's signature, issuer, audience and dates hold",
            [
                ("keys from", location),
                ("key", claims.key_id().unwrap_or_default().to_owned()),
                ("algorithm", claims.algorithm().name().to_owned()),
                ("issuer", claim(&claims, "iss")),
                ("audience", claim(&claims, "aud")),
                ("application", claim(&claims, "azp")),
                ("roles", claim(&claims, "roles")),
            ],
        )
    }

    pub(super) fn call_api(&mut self, token: &AccessToken) -> StepResult {
        let url = self.facts.api_url.clone();
        let without = self.get(url.clone(), None)?.status;
        let with = self.get(url.clone(), Some(token.secret()))?.status;
        if (without, with) != (401, 200) {
            return Err(format!("the API answered {without} and {with}").into());
        }
        self.good(
            "call",
            "the protected API lets the workload in",
            [
                ("GET", url),
                ("without token", without.to_string()),
                ("with token", with.to_string()),
            ],
        )
    }

    pub(super) fn cache_hit(&mut self, driver: &Arc<Driver<Engine, RequestLog>>) -> StepResult {
        let start = Instant::now();
        let token = driver.request(Ok(request()))?.token;
        let took = start.elapsed();
        let effects = driver.host().take().len();
        self.report("cache_hit", "the same token comes from memory")?;
        let count = self.get_json(self.facts.token_requests_url.clone(), None)?;
        let count = count["token_requests"].as_i64().unwrap_or_default();
        self.good(
            "cache",
            "asked again, the same token comes from memory",
            [
                ("from", token.origin().name().to_owned()),
                ("took", micros(took)),
                ("effects", effects.to_string()),
                ("token requests so far", count.to_string()),
                ("sha-256", digest(token.secret())),
            ],
        )
    }

    /// The same workflow on a branch that no credential names.
    fn refusal(&mut self, trusted: &str) -> StepResult {
        let url = format!("{}&ref=refs/heads/experiment", self.facts.github_request_url);
        let driver = self.driver(&url)?;
        let error = match driver.request(Ok(request())) {
            Ok(_) => return Err("a subject that nobody trusts was accepted".into()),
            Err(error) => error,
        };
        let mut facts = effects(driver.host());
        facts.extend(named([
            ("code", error.code.name().to_owned()),
            ("message", error.message.clone()),
            ("trusted subject", trusted.to_owned()),
        ]));
        facts.extend(named(explain::facts(&error)));
        let summary = "another branch's token is refused, and the error says why";
        self.timeline.step(Marker::Refused, "refused", summary, &facts)?;
        Ok(())
    }

    fn driver(
        &self,
        github_request_url: &str,
    ) -> Result<Arc<Driver<Engine, RequestLog>>, Box<dyn Error>> {
        let configuration = json!({
            "authority_host": self.facts.base_url,
            "tenant_id": self.facts.tenant_id,
            "client_id": self.facts.client_id,
            "source": {
                "kind": "github",
                "request_url": github_request_url,
                "request_token": self.facts.github_request_token,
            },
        })
        .to_string();
        let mut engine = Engine::new(Config::parse(configuration.as_bytes())?);
        engine.reseed(host::seed()?);
        Ok(Driver::new(engine, RequestLog::new(SystemHost::new(Transport::new(None)))))
    }

    /// Reports an event of the cache to the emulator, for its inspector.
    fn report(&self, event: &str, message: &str) -> StepResult {
        let scope = format!("{RESOURCE}/.default");
        let report = json!({
            "event": event,
            "client": "wif demo",
            "scope": scope,
            "message": message,
        });
        let request = HttpRequest {
            method: Method::Post,
            url: format!("{}/emulator/client-events", self.facts.base_url),
            headers: vec![("content-type", "application/json".to_owned())].into(),
            body: report.to_string(),
            timeout_ms: TIMEOUT_MS,
            max_bytes: MAX_BYTES,
            connection: Connection::default(),
        };
        match self.transport.send(&request) {
            Outcome::Http(HttpResponse { status: 200, .. }) => Ok(()),
            _ => Err("the emulator takes no events".into()),
        }
    }

    fn get(&self, url: String, bearer: Option<&str>) -> Result<HttpResponse, Box<dyn Error>> {
        let bearer = bearer.map(|token| ("authorization", format!("Bearer {token}")));
        let request = HttpRequest {
            method: Method::Get,
            url,
            headers: bearer.into_iter().collect(),
            body: String::new(),
            timeout_ms: TIMEOUT_MS,
            max_bytes: MAX_BYTES,
            connection: Connection::default(),
        };
        match self.transport.send(&request) {
            Outcome::Http(response) => Ok(response),
            Outcome::Failed { failure, detail } => {
                Err(format!("{}: {detail}", failure.name()).into())
            }
            _ => Err("the transport gave no response".into()),
        }
    }

    fn get_json(&self, url: String, bearer: Option<&str>) -> Result<Value, Box<dyn Error>> {
        let answer = self.get(url, bearer)?;
        Ok(strict::parse(&answer.body).map_err(|fault| format!("an answer is {fault}"))?)
    }

    pub(super) fn remark(&mut self, text: &str) -> StepResult {
        Ok(self.timeline.remark(text)?)
    }

    pub(super) fn step(
        &mut self,
        marker: Marker,
        name: &str,
        summary: &str,
        facts: &[Fact],
    ) -> StepResult {
        Ok(self.timeline.step(marker, name, summary, facts)?)
    }

    pub(super) fn good(
        &mut self,
        name: &str,
        summary: &str,
        facts: impl IntoIterator<Item = (&'static str, String)>,
    ) -> StepResult {
        Ok(self.timeline.step(Marker::Good, name, summary, &named(facts))?)
    }
}

pub(super) fn request() -> Request {
    Request::new(&format!("{RESOURCE}/.default"))
}

pub(super) fn named(facts: impl IntoIterator<Item = (&'static str, String)>) -> Vec<Fact> {
    facts.into_iter().map(|(name, value)| (name.into(), value)).collect()
}

pub(super) fn effects(log: &RequestLog) -> Vec<Fact> {
    let requests = log.take().into_iter().zip(1..);
    let line = |(request, number): (LoggedRequest, u32)| {
        let took = micros(request.took);
        (
            format!("effect {number}").into(),
            format!("{} -> {} in {took}", request.effect, request.outcome),
        )
    };
    requests.map(line).collect()
}

fn claim(claims: &VerifiedToken, name: &str) -> String {
    let payload = serde_json::from_str::<Value>(claims.payload()).unwrap_or_default();
    match &payload[name] {
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", ")
        }
        _ => String::new(),
    }
}

/// Enough of a token's digest to see whether two are the same.
pub(super) fn digest(token: &str) -> String {
    Sha256::digest(token.as_bytes()).iter().take(8).fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    }) + "..."
}

fn seconds(millis: i64) -> String {
    format!("{} s", (millis + 500) / 1000)
}

fn micros(duration: Duration) -> String {
    match duration.as_micros() {
        micros if micros < 1000 => format!("{micros} µs"),
        micros => format!("{}.{} ms", micros / 1000, micros % 1000 / 100),
    }
}
