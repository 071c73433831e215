//! The engine as bindings call it: any calls in any order, any answers. It must not panic, must answer with
//! valid JSON, must keep its final steps, and must not show a secret in an error.
#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use workload_identity_core::http::Url;
use workload_identity_core::jose::{attach, signing_input};
use workload_identity_core::json;
use workload_identity_core::wire::Engine;

const CLIENT: &str = r#""client_id":"11111111-2222-3333-4444-555555555555""#;
const SECRET: &str = "c2VjcmV0LXNpZ25hdHVyZS1ieXRlcw";

const PUBLIC_KEY: &str = r#","public_jwk":{"kty":"EC","crv":"P-256",
    "x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#;

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    config: Config<'a>,
    seed: [u8; 32],
    calls: Vec<Call<'a>>,
}

#[derive(Arbitrary, Debug)]
enum Config<'a> {
    Callback { store: bool, per_request: bool },
    File,
    Github,
    Signed { checked: bool },
    Discovered,
    Raw(&'a [u8]),
}

#[derive(Arbitrary, Debug)]
enum Call<'a> {
    Begin {
        scope: u8,
        refresh: bool,
        deadline: Option<i64>,
        context: Option<&'a str>,
    },
    BeginRaw(&'a [u8]),
    Poll {
        ticket: u8,
        later: u32,
    },
    /// Answers the effect that was handed out last.
    Resolve {
        answer: Answer<'a>,
        later: u16,
    },
    ResolveRaw {
        effect: u8,
        kind: &'a str,
        status: u32,
        head: &'a [u8],
        body: &'a [u8],
        now: i64,
    },
    End {
        ticket: u8,
    },
    Reseed(&'a [u8]),
}

#[derive(Arbitrary, Debug)]
enum Answer<'a> {
    Token { expires_in: i32, refresh_in: Option<i32> },
    Assertion { lifetime: i32, broken: bool },
    Discovery,
    Refused { status: u16, aadsts: u32, retry_after: Option<&'a str> },
    Http { status: u16, head: &'a [u8], body: &'a [u8] },
    Failed(&'a str),
    Elapsed,
    Stored(Option<&'a [u8]>),
    Signed(&'a [u8]),
    SignedWell,
    Verified(bool),
}

fuzz_target!(|input: Input<'_>| {
    let Ok(mut machine) = Engine::new(&input.config.text()) else { return };
    machine.reseed(&input.seed).expect("32 bytes are a seed");
    let mut run =
        Run { now: 1_700_000_000_000, tickets: Vec::new(), last: None, finals: BTreeMap::new() };
    for call in input.calls.iter().take(200) {
        run.call(&mut machine, call);
    }
    for ticket in run.tickets {
        machine.end(ticket);
    }
});

impl Config<'_> {
    fn text(&self) -> Vec<u8> {
        let with = |members: String| format!("{{{CLIENT},{members}}}").into_bytes();
        let tenant = r#""tenant_id":"contoso.com""#;
        match self {
            Config::Callback { store, per_request } => {
                let flight = if *per_request { "per_request" } else { "shared" };
                with(format!(
                    r#"{tenant},"source":{{"kind":"callback"}},"store":{store},"flight":"{flight}""#
                ))
            }
            Config::File => with(format!(r#"{tenant},"source":{{"kind":"file","path":"/t"}}"#)),
            Config::Github => with(format!(
                r#"{tenant},"source":{{"kind":"github","request_url":"https://g.example/t?x=1","request_token":"{SECRET}"}}"#
            )),
            Config::Signed { checked } => {
                let key = if *checked { PUBLIC_KEY } else { "" };
                with(format!(
                    r#"{tenant},"source":{{"kind":"signed","key":"k","algorithm":"ES256"{key}}}"#
                ))
            }
            Config::Discovered => with(
                r#""authority":{"issuer":"https://as.example"},"source":{"kind":"callback"}"#
                    .to_owned(),
            ),
            Config::Raw(bytes) => bytes.to_vec(),
        }
    }
}

struct Run {
    now: i64,
    tickets: Vec<u64>,
    /// Id and kind of the effect that was handed out last.
    last: Option<(u64, String)>,
    finals: BTreeMap<u64, String>,
}

impl Run {
    fn call(&mut self, machine: &mut Engine, call: &Call<'_>) {
        match call {
            Call::Begin { scope, refresh, deadline, context } => {
                let request = json!({
                    "scopes": [format!("https://r{}.example/.default", scope % 4)],
                    "force_refresh": refresh,
                    "context": context,
                    "deadline": deadline.map(|ms| ms.saturating_add(self.now)),
                });
                self.tickets.push(machine.begin(request.to_string().as_bytes()));
            }
            Call::BeginRaw(bytes) => self.tickets.push(machine.begin(bytes)),
            Call::Poll { ticket, later } => {
                self.now += i64::from(*later);
                if let Some(ticket) = self.ticket(*ticket) {
                    self.poll(machine, ticket);
                }
            }
            Call::Resolve { answer, later } => {
                self.now += i64::from(*later);
                if let Some((effect, wanted)) = self.last.clone() {
                    let (kind, status, head, body) = answer.outcome(&wanted, self.now);
                    machine.resolve(effect, kind, status, &head, &body, self.now);
                }
            }
            Call::ResolveRaw { effect, kind, status, head, body, now } => {
                machine.resolve(u64::from(*effect), kind, *status, head, body, *now);
            }
            Call::End { ticket } => {
                if let Some(ticket) = self.ticket(*ticket) {
                    machine.end(ticket);
                    self.finals.remove(&ticket);
                    self.tickets.retain(|known| *known != ticket);
                }
            }
            Call::Reseed(seed) => assert_eq!(machine.reseed(seed).is_ok(), seed.len() == 32),
        }
    }

    fn ticket(&self, choice: u8) -> Option<u64> {
        self.tickets.get(usize::from(choice) % self.tickets.len().max(1)).copied()
    }

    fn poll(&mut self, machine: &mut Engine, ticket: u64) {
        let text = machine.poll(ticket, self.now);
        let step = json::parse(text.as_bytes()).expect("a step is strict JSON");
        let number = |value: Option<&Value>| value.and_then(Value::as_u64);
        match step.get("step").and_then(Value::as_str) {
            Some("perform") => {
                let effect = step.get("effect").expect("an effect");
                let kind = effect.get("kind").and_then(Value::as_str).expect("a kind");
                let id = number(effect.get("id")).expect("an id");
                if kind == "http" {
                    let url = effect.get("url").and_then(Value::as_str).expect("a URL");
                    Url::parse(url).expect("credentials go to safe URLs only");
                }
                self.last = Some((id, kind.to_owned()));
            }
            Some("wait") => {
                assert!(number(step.get("flight")).is_some());
                assert!(number(step.get("until")).is_some());
            }
            Some("done") => {
                assert!(step.get("fresh_until").and_then(Value::as_i64).is_some());
                if let Some(refresh) = number(step.get("refresh")) {
                    if !self.tickets.contains(&refresh) {
                        self.tickets.push(refresh);
                    }
                }
                self.settle(ticket, text);
            }
            Some("fail") => {
                assert!(!text.contains(SECRET), "an error shows a secret: {text}");
                self.settle(ticket, text);
            }
            _ => panic!("an unknown step: {text}"),
        }
    }

    /// A final step stays as it is until the ticket ends.
    fn settle(&mut self, ticket: u64, step: String) {
        let first = self.finals.entry(ticket).or_insert_with(|| step.clone());
        assert_eq!(*first, step);
    }
}

type Outcome<'a> = (&'a str, u32, Vec<u8>, Vec<u8>);

impl<'a> Answer<'a> {
    fn outcome(&'a self, wanted: &'a str, now: i64) -> Outcome<'a> {
        let http = |status: u16, head: String, body: String| {
            ("http", u32::from(status), head.into_bytes(), body.into_bytes())
        };
        let json_type = || "content-type: application/json\n".to_owned();
        match self {
            Answer::Token { expires_in, refresh_in } => {
                let body = json!({
                    "token_type": "Bearer",
                    "access_token": SECRET,
                    "expires_in": expires_in,
                    "refresh_in": refresh_in,
                });
                http(200, json_type(), body.to_string())
            }
            Answer::Assertion { lifetime, broken } => {
                let expires = now / 1000 + i64::from(*lifetime);
                let claims = format!(r#"{{"iss":"i","sub":"s","aud":"a","exp":{expires}}}"#);
                let input = signing_input(r#"{"alg":"RS256"}"#, &claims);
                let mut token = attach(&input, b"secret-signature-bytes");
                assert!(token.ends_with(SECRET));
                if *broken {
                    token.truncate(token.len() / 2);
                }
                match wanted {
                    "read_file" => ("file", 0, Vec::new(), token.into_bytes()),
                    "http" => http(200, json_type(), format!(r#"{{"value":"{token}"}}"#)),
                    _ => ("answer", 0, Vec::new(), token.into_bytes()),
                }
            }
            Answer::Discovery => http(
                200,
                json_type(),
                r#"{"issuer":"https://as.example","token_endpoint":"https://as.example/token"}"#
                    .to_owned(),
            ),
            Answer::Refused { status, aadsts, retry_after } => {
                let head = match retry_after {
                    Some(value) => format!("{}retry-after: {value}\n", json_type()),
                    None => json_type(),
                };
                let numbers = [700_024, 700_027, 700_213, 70_021, 50_053, *aadsts];
                let number = numbers[*aadsts as usize % numbers.len()];
                let body = format!(
                    r#"{{"error":"invalid_client","error_description":"AADSTS{number}: no","error_codes":[{number}]}}"#
                );
                http(*status, head, body)
            }
            Answer::Http { status, head, body } => {
                ("http", u32::from(*status), head.to_vec(), body.to_vec())
            }
            Answer::Failed(reason) => ("failed", 0, reason.as_bytes().to_vec(), Vec::new()),
            Answer::Elapsed => ("elapsed", 0, Vec::new(), Vec::new()),
            Answer::Stored(value) => (
                "stored",
                u32::from(value.is_some()),
                Vec::new(),
                value.unwrap_or_default().to_vec(),
            ),
            Answer::Signed(signature) => ("signed", 0, Vec::new(), signature.to_vec()),
            Answer::SignedWell => ("signed", 0, Vec::new(), vec![1; 64]),
            Answer::Verified(good) => ("verified", u32::from(*good), Vec::new(), Vec::new()),
        }
    }
}
