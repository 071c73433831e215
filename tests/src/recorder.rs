//! Plays a scenario against a machine, checks that each step is of the expected kind, and writes the transcript.

use crate::player::{MANAGER, Player, SHARED_CACHE, VERIFIER, value};
use crate::recorded_call::{RecordedCall, raw};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;

/// 2026-01-01T00:00:00Z, where every scenario begins.
pub(crate) const START: i64 = 1_767_225_600_000;

/// A scenario being played.
pub struct Recorder {
    name: &'static str,
    about: &'static str,
    kind: Option<&'static str>,
    config: String,
    machine: Option<Player>,
    pub(crate) now: i64,
    calls: Vec<String>,
}

impl Recorder {
    /// Begins with a configuration that must be accepted.
    #[must_use]
    pub fn new(name: &'static str, about: &'static str, config: Value) -> Self {
        Self::of(None, name, about, config)
    }

    /// The same for the verifier.
    #[must_use]
    pub fn verifier(name: &'static str, about: &'static str, config: Value) -> Self {
        Self::of(Some(VERIFIER), name, about, config)
    }

    /// The same for the manager.
    #[must_use]
    pub fn manager(name: &'static str, about: &'static str, config: Value) -> Self {
        Self::of(Some(MANAGER), name, about, config)
    }

    /// The same for an engine that several clients share.
    #[must_use]
    pub fn shared_cache(name: &'static str, about: &'static str, config: Value) -> Self {
        Self::of(Some(SHARED_CACHE), name, about, config)
    }

    fn of(
        kind: Option<&'static str>,
        name: &'static str,
        about: &'static str,
        config: Value,
    ) -> Self {
        let config = config.to_string();
        let mut machine = Player::new(kind, config.as_bytes())
            .unwrap_or_else(|error| panic!("{name}: the configuration is refused: {error}"));
        machine.reseed(&[7; 32]).unwrap_or_else(|error| panic!("{name}: {error}"));
        Self { name, about, kind, config, machine: Some(machine), now: START, calls: Vec::new() }
    }

    /// A configuration that must be refused with a code.
    #[must_use]
    pub fn refused(name: &'static str, about: &'static str, config: Value, code: &str) -> Self {
        Self::of_refused(None, name, about, config, code)
    }

    /// The same for the verifier.
    #[must_use]
    pub fn verifier_refused(
        name: &'static str,
        about: &'static str,
        config: Value,
        code: &str,
    ) -> Self {
        Self::of_refused(Some(VERIFIER), name, about, config, code)
    }

    /// The same for the manager.
    #[must_use]
    pub fn manager_refused(
        name: &'static str,
        about: &'static str,
        config: Value,
        code: &str,
    ) -> Self {
        Self::of_refused(Some(MANAGER), name, about, config, code)
    }

    /// The same for an engine that several clients share.
    #[must_use]
    pub fn shared_cache_refused(
        name: &'static str,
        about: &'static str,
        config: Value,
        code: &str,
    ) -> Self {
        Self::of_refused(Some(SHARED_CACHE), name, about, config, code)
    }

    fn of_refused(
        kind: Option<&'static str>,
        name: &'static str,
        about: &'static str,
        config: Value,
        code: &str,
    ) -> Self {
        let config = config.to_string();
        let error = match Player::new(kind, config.as_bytes()) {
            Ok(_) => panic!("{name}: the configuration is accepted"),
            Err(error) => error,
        };
        assert_eq!(value(&error)["code"], code, "{name}: {error}");
        let call = RecordedCall::New { error: raw(&error) }.to_json();
        Self { name, about, kind, config, machine: None, now: START, calls: vec![call] }
    }

    pub(crate) fn machine(&mut self) -> &mut Player {
        self.machine.as_mut().expect("an accepted configuration")
    }

    /// Writes a call down.
    pub(crate) fn note(&mut self, call: &RecordedCall<'_>) {
        self.calls.push(call.to_json());
    }

    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    /// The scenario's clock, unix milliseconds.
    #[must_use]
    pub fn now(&self) -> i64 {
        self.now
    }

    /// Lets time pass.
    pub fn wait(&mut self, millis: i64) -> &mut Self {
        self.now += millis;
        self
    }

    /// Adds a client and returns its number.
    pub fn client(&mut self, config: Value) -> u64 {
        let config = config.to_string();
        let client = self.machine().client(config.as_bytes());
        let client = client.unwrap_or_else(|error| panic!("{}: {error}", self.name));
        let config = raw(&config);
        self.note(&RecordedCall::Client { config, client: Some(client), error: None });
        client
    }

    /// A client that must be refused with a code.
    pub fn client_refused(&mut self, config: Value, code: &str) {
        let config = config.to_string();
        let error = match self.machine().client(config.as_bytes()) {
            Ok(_) => panic!("{}: the client is accepted", self.name),
            Err(error) => error,
        };
        assert_eq!(value(&error)["code"], code, "{}: {error}", self.name);
        let (config, error) = (raw(&config), Some(raw(&error)));
        self.note(&RecordedCall::Client { config, client: None, error });
    }

    /// `begin`
    pub fn begin(&mut self, request: Value) -> u64 {
        self.begin_of(0, request)
    }

    /// `begin` for a client.
    pub fn begin_of(&mut self, client: u64, request: Value) -> u64 {
        let request = request.to_string();
        let ticket = self.machine().begin(client, request.as_bytes());
        let client = (client != 0).then_some(client);
        self.note(&RecordedCall::Begin { client, request: raw(&request), ticket });
        ticket
    }

    /// `poll`, which must give a step of the kind.
    pub fn poll(&mut self, ticket: u64, kind: &str) -> Value {
        let now = self.now;
        let step = self.machine().poll(ticket, now);
        self.note(&RecordedCall::Poll { ticket, now, step: raw(&step) });
        let read = value(&step);
        assert_eq!(read["step"], kind, "{}: {step}", self.name);
        read
    }

    /// Whether the ticket has failed, without recording the look.
    pub fn peek_is_fail(&mut self, ticket: u64) -> bool {
        let now = self.now;
        self.machine().poll(ticket, now).starts_with(r#"{"step":"fail""#)
    }

    /// Whether the ticket is done, without recording the look.
    pub(crate) fn peek_is_done(&mut self, ticket: u64) -> bool {
        let now = self.now;
        self.machine().poll(ticket, now).starts_with(r#"{"step":"done""#)
    }

    /// `poll`, which must hand out an effect of the kind; returns its id.
    pub fn perform(&mut self, ticket: u64, kind: &str) -> u64 {
        let step = self.poll(ticket, "perform");
        assert_eq!(step["effect"]["kind"], kind, "{}: {step}", self.name);
        step["effect"]["id"].as_u64().expect("an id")
    }

    /// `poll`, which must give a token.
    pub fn done(&mut self, ticket: u64, token: &str) -> Value {
        let step = self.poll(ticket, "done");
        assert_eq!(step["value"]["token"], token, "{}: {step}", self.name);
        step
    }

    /// `poll`, which must fail with the code.
    pub fn fail(&mut self, ticket: u64, code: &str) -> Value {
        let step = self.poll(ticket, "fail");
        assert_eq!(step["error"]["code"], code, "{}: {step}", self.name);
        step
    }

    /// `resolve`; returns the flight to wake.
    pub fn resolve(
        &mut self,
        effect: u64,
        kind: &str,
        status: u32,
        head: &str,
        body: &[u8],
    ) -> u64 {
        let now = self.now;
        let wake = self.machine().resolve(effect, kind, status, head.as_bytes(), body, now);
        let text = std::str::from_utf8(body).ok();
        let body_base64 = text.is_none().then(|| BASE64_STANDARD.encode(body));
        self.note(&RecordedCall::Resolve {
            effect,
            kind,
            status,
            head,
            body: text,
            body_base64,
            now,
            wake,
        });
        wake
    }

    /// An HTTP answer with a JSON body.
    pub fn http(&mut self, effect: u64, status: u32, body: Value) -> u64 {
        self.resolve(
            effect,
            "http",
            status,
            "content-type: application/json",
            body.to_string().as_bytes(),
        )
    }

    /// `end`; returns the flight to wake.
    pub fn end(&mut self, ticket: u64) -> u64 {
        let wake = self.machine().end(ticket);
        self.note(&RecordedCall::End { ticket, wake });
        wake
    }

    /// File name and text.
    #[must_use]
    pub fn finish(&self) -> (String, String) {
        let text = format!(
            "{{\n\"name\": \"{}\",\n\"about\": {},\n{}\"seed\": \"{}\",\n\"config\": {},\n\"calls\": [\n{}\n]\n}}\n",
            self.name,
            Value::from(self.about),
            self.kind.map(|kind| format!("\"machine\": \"{kind}\",\n")).unwrap_or_default(),
            "07".repeat(32),
            self.config,
            self.calls.join(",\n")
        );
        (format!("{}.json", self.name), text)
    }
}
