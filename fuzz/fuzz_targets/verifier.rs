//! The verifier as bindings call it: any configuration, any calls in any order, any answers. It must not panic, must answer with valid
//! JSON, must keep its final steps, must fetch from the configured addresses only, and must not show a part of a token.
#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use workload_identity_core::Error;
use workload_identity_core::crypto::{Prepared, PreparedKey, Provider};
use workload_identity_core::jose::{Algorithm, Jwk, attach, signing_input};
use workload_identity_core::json;
use workload_identity_core::wire;

const KEY: &str = r#"{"kty":"EC","crv":"P-256","kid":"k",
    "x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#;
const SECRET: &str = "c2VjcmV0LXNpZ25hdHVyZS1ieXRlcw";
const ISSUERS: [&str; 5] = [
    r#"{"issuer":"https://i.example","audience":"a"}"#,
    r#"{"issuer":"https://j.example","audience":["a","b"],"jwks_uri":"https://j.example/keys","max_age_seconds":60}"#,
    r#"{"profile":"entra-common","tenants":"any","audience":"a"}"#,
    r#"{"profile":"spiffe-jwt-svid","trust_domain":"d.example","audience":"a","jwks_uri":"https://d.example/bundle"}"#,
    r#"{"profile":"kubernetes","issuer":"https://k.example","audience":"a","claims":[{"claim":"sub","glob":"system:*:?"}]}"#,
];

/// Where these issuers' keys are.
const ADDRESSES: [&str; 6] = [
    "https://i.example/.well-known/openid-configuration",
    "https://i.example/keys",
    "https://j.example/keys",
    "https://login.microsoftonline.com/common/v2.0/.well-known/openid-configuration",
    "https://d.example/bundle",
    "https://k.example/.well-known/openid-configuration",
];

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    issuers: [bool; 5],
    raw: Option<&'a [u8]>,
    host: bool,
    remember: bool,
    seed: [u8; 32],
    calls: Vec<Call<'a>>,
}

#[derive(Arbitrary, Debug)]
enum Call<'a> {
    Check {
        token: Token<'a>,
        later: u32,
    },
    Complete {
        result: u8,
    },
    Begin {
        token: Token<'a>,
        deadline: Option<i64>,
    },
    BeginKeys(u8),
    BeginRaw(&'a [u8]),
    Poll {
        ticket: u8,
        later: u32,
    },
    Resolve {
        answer: Answer<'a>,
        later: u32,
    },
    End {
        ticket: u8,
    },
    Refresh,
    /// Loads what was saved just before.
    SaveAndLoad {
        later: u32,
    },
    Load(&'a [u8]),
}

#[derive(Arbitrary, Debug)]
enum Token<'a> {
    Text(&'a str),
    Claims { header: &'a str, claims: &'a str },
    Good { issuer: u8, kid: u8, lifetime: i16 },
}

#[derive(Arbitrary, Debug)]
enum Answer<'a> {
    Discovery { other: bool },
    Keys { count: u8, head: Option<&'a str> },
    Http { status: u16, head: &'a [u8], body: &'a [u8] },
    Failed(&'a str),
    Elapsed,
    Verified(bool),
}

/// Accepts every signature that passed the checks, so that the rest of the verdict is reached.
struct Gullible;

impl Provider for Gullible {
    fn prepare(&self, _: &Jwk) -> Result<Prepared, Error> {
        Ok(Prepared::Here(Box::new(Gullible)))
    }
}

impl PreparedKey for Gullible {
    fn verify(&self, _: Algorithm, _: &[u8], _: &[u8]) -> Result<(), Error> {
        Ok(())
    }
}

fuzz_target!(|input: Input<'_>| {
    let config = match input.raw {
        Some(bytes) => bytes.to_vec(),
        None => {
            let chosen = ISSUERS.iter().zip(input.issuers).filter(|(_, chosen)| *chosen);
            let issuers: Vec<&str> = chosen.map(|(issuer, _)| *issuer).collect();
            let signatures = if input.host { "host" } else { "core" };
            let bytes = if input.remember { 20_000 } else { 0 };
            format!(
                r#"{{"issuers":[{}],"signatures":"{signatures}","cache_max_bytes":{bytes}}}"#,
                issuers.join(",")
            )
            .into_bytes()
        }
    };
    let Ok(mut machine) = wire::Verifier::new(&config, Arc::new(Gullible)) else { return };
    machine.reseed(&input.seed).expect("32 bytes are a seed");
    let mut run = Run {
        now: 1_700_000_000_000,
        free: input.raw.is_some(),
        tickets: Vec::new(),
        last: None,
        verification: None,
        finals: BTreeMap::new(),
    };
    for call in input.calls.iter().take(200) {
        run.call(&mut machine, call);
    }
    for ticket in run.tickets {
        machine.end(ticket);
    }
    assert_eq!(machine.verifier().open(), (0, 0, 0));
});

struct Run {
    now: i64,
    /// Configuration or answers are not ours, so addresses may be any.
    free: bool,
    tickets: Vec<u64>,
    last: Option<u64>,
    verification: Option<u64>,
    finals: BTreeMap<u64, String>,
}

impl Run {
    fn call(&mut self, machine: &mut wire::Verifier, call: &Call<'_>) {
        match call {
            Call::Check { token, later } => {
                self.now += i64::from(*later);
                self.look(&machine.check(token.text(self.now).as_bytes(), self.now));
            }
            Call::Complete { result } => {
                if let Some(verification) = self.verification {
                    let result =
                        ["valid", "invalid", "not_found", "other"][usize::from(result % 4)];
                    match machine.complete(verification, result) {
                        Ok(payload) => assert_eq!(result, "valid", "{payload}"),
                        Err(error) => assert!(!error.contains(SECRET), "{error}"),
                    }
                }
            }
            Call::Begin { token, deadline } => {
                let token = token.text(self.now);
                let deadline = deadline.map(|ms| ms.saturating_add(self.now));
                let request = json!({ "token": token, "deadline": deadline });
                self.tickets.push(machine.begin(request.to_string().as_bytes()));
            }
            Call::BeginKeys(index) => {
                self.tickets.push(machine.begin(format!(r#"{{"keys_of":{index}}}"#).as_bytes()));
            }
            Call::BeginRaw(bytes) => self.tickets.push(machine.begin(bytes)),
            Call::Poll { ticket, later } => {
                self.now += i64::from(*later);
                if let Some(ticket) = self.ticket(*ticket) {
                    let step = machine.poll(ticket, self.now);
                    if self.look(&step) {
                        let first = self.finals.entry(ticket).or_insert_with(|| step.clone());
                        assert_eq!(*first, step, "a final step stays until the ticket ends");
                    }
                }
            }
            Call::Resolve { answer, later } => {
                self.now += i64::from(*later);
                if let Some(effect) = self.last {
                    // A discovery document names an address, and so does a redirect.
                    self.free |= matches!(answer, Answer::Http { .. });
                    let (kind, status, head, body) = answer.outcome();
                    machine.resolve(effect, kind, status, &head, &body, self.now);
                }
            }
            Call::End { ticket } => {
                if let Some(ticket) = self.ticket(*ticket) {
                    machine.end(ticket);
                    self.finals.remove(&ticket);
                    self.tickets.retain(|known| *known != ticket);
                }
            }
            Call::Refresh => {
                let ticket = machine.refresh(self.now);
                self.tickets.extend((ticket != 0).then_some(ticket));
            }
            Call::SaveAndLoad { later } => {
                let saved = machine.snapshot(self.now);
                self.now += i64::from(*later);
                machine.load(saved.as_bytes(), self.now).expect("what was saved can be loaded");
            }
            Call::Load(bytes) => {
                if let Err(error) = machine.load(bytes, self.now) {
                    json::parse(error.as_bytes()).expect("an error is strict JSON");
                }
            }
        }
    }

    fn ticket(&self, choice: u8) -> Option<u64> {
        self.tickets.get(usize::from(choice) % self.tickets.len().max(1)).copied()
    }

    /// Looks at a step; true when it is final.
    fn look(&mut self, text: &str) -> bool {
        let step = json::parse(text.as_bytes()).expect("a step is strict JSON");
        let number = |value: Option<&Value>| value.and_then(Value::as_u64);
        match step.get("step").and_then(Value::as_str) {
            Some("perform") => {
                let effect = step.get("effect").expect("an effect");
                self.last = Some(number(effect.get("id")).expect("an id"));
                if let (Some(url), false) = (effect.get("url").and_then(Value::as_str), self.free) {
                    assert!(ADDRESSES.contains(&url), "a token or a snapshot led to {url}");
                }
                false
            }
            Some("done") => {
                if let Some(refresh) = number(step.get("refresh"))
                    && !self.tickets.contains(&refresh)
                {
                    self.tickets.push(refresh);
                }
                true
            }
            Some("fail") => {
                assert!(!text.contains(SECRET), "an error shows a part of a token: {text}");
                true
            }
            Some("verify_signature") => {
                self.verification = number(step.get("verification"));
                false
            }
            Some("wait" | "drive") => false,
            _ => panic!("an unknown step: {text}"),
        }
    }
}

impl Token<'_> {
    fn text(&self, now: i64) -> String {
        let signed = |header: &str, claims: &str| {
            let mut signature = b"secret-signature-bytes".to_vec();
            signature.resize(64, 1);
            attach(&signing_input(header, claims), &signature)
        };
        match self {
            Token::Text(text) => (*text).to_owned(),
            Token::Claims { header, claims } => signed(header, claims),
            Token::Good { issuer, kid, lifetime } => {
                let header = format!(
                    r#"{{"alg":"ES256","kid":"{}"}}"#,
                    ["k", "l", "m"][usize::from(kid % 3)]
                );
                let expires = now / 1000 + i64::from(*lifetime);
                let issuer = ["https://i.example", "https://j.example", "https://k.example"]
                    [usize::from(issuer % 3)];
                let sub = "spiffe://d.example/w";
                let iat = now / 1000;
                signed(
                    &header,
                    &format!(
                        r#"{{"iss":"{issuer}","aud":"a","sub":"{sub}","iat":{iat},"exp":{expires}}}"#
                    ),
                )
            }
        }
    }
}

impl Answer<'_> {
    fn outcome(&self) -> (&'static str, u32, Vec<u8>, Vec<u8>) {
        match self {
            Answer::Discovery { other } => {
                let issuer = if *other { "https://j.example" } else { "https://i.example" };
                let body =
                    format!(r#"{{"issuer":"{issuer}","jwks_uri":"https://i.example/keys"}}"#);
                ("http", 200, Vec::new(), body.into_bytes())
            }
            Answer::Keys { count, head } => {
                let names = ["k", "l", "m"].iter().take(usize::from(count % 4));
                let keys: Vec<String> = names
                    .map(|name| KEY.replace(r#""kid":"k""#, &format!(r#""kid":"{name}""#)))
                    .collect();
                let head = head.map(|value| format!("cache-control: {value}\netag: \"1\"\n"));
                let body = format!(r#"{{"keys":[{}]}}"#, keys.join(","));
                ("http", 200, head.unwrap_or_default().into_bytes(), body.into_bytes())
            }
            Answer::Http { status, head, body } => {
                ("http", u32::from(*status), head.to_vec(), body.to_vec())
            }
            Answer::Failed(reason) => ("failed", 0, reason.as_bytes().to_vec(), Vec::new()),
            Answer::Elapsed => ("elapsed", 0, Vec::new(), Vec::new()),
            Answer::Verified(good) => ("verified", u32::from(*good), Vec::new(), Vec::new()),
        }
    }
}
