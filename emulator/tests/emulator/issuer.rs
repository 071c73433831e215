//! An external issuer played by the test: it answers what the emulator asks the host to fetch.

use crate::fixture::{AUDIENCE, Fixture, Response, SharedSigner};
use serde_json::{Map, Value, json};
use workload_identity_core::Timestamp;
use workload_identity_core::crypto::Signer;
use workload_identity_core::jose::{Jwk, attach, signing_input};
use workload_identity_emulator::{Credential, Fetched, Reply};

pub(crate) const ISSUER: &str = "https://idp.example/realm";
pub(crate) const SUBJECT: &str = "workload-7";

/// What a token says; every member can be changed.
#[derive(Clone)]
pub(crate) struct Token {
    pub(crate) header: Vec<(&'static str, String)>,
    pub(crate) issuer: String,
    pub(crate) subject: String,
    pub(crate) audience: String,
    pub(crate) starts: Option<i64>,
    pub(crate) expires: Option<i64>,
    pub(crate) signer: SharedSigner,
}

impl Token {
    pub(crate) fn new(now: Timestamp) -> Self {
        Self {
            header: vec![
                ("alg", "RS256".to_owned()),
                ("typ", "JWT".to_owned()),
                ("kid", "key-1".to_owned()),
            ],
            issuer: ISSUER.to_owned(),
            subject: SUBJECT.to_owned(),
            audience: AUDIENCE.to_owned(),
            starts: Some(now.seconds()),
            expires: Some(now.seconds() + 300),
            signer: SharedSigner(3),
        }
    }

    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Self {
        self.header.retain(|(known, _)| *known != name);
        self.header.push((name, value.to_owned()));
        self
    }

    pub(crate) fn sign(&self) -> String {
        let header: Map<String, Value> = self
            .header
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.as_str().into()))
            .collect();
        let header = Value::Object(header).to_string();
        let mut claims = json!({ "iss": self.issuer, "sub": self.subject, "aud": self.audience });
        for (name, instant) in [("nbf", self.starts), ("exp", self.expires)] {
            if let Some(instant) = instant {
                claims[name] = instant.into();
            }
        }
        let claims = claims.to_string();
        let input = signing_input(&header, &claims);
        attach(&input, &self.signer.sign(input.as_bytes()).expect("a signature"))
    }
}

/// The issuer's documents.
pub(crate) struct Issuer {
    pub(crate) issuer: String,
    pub(crate) keys: Vec<(String, SharedSigner)>,
    pub(crate) fetched: Vec<String>,
}

impl Issuer {
    pub(crate) fn new() -> Self {
        Self {
            issuer: ISSUER.to_owned(),
            keys: vec![("key-1".to_owned(), SharedSigner(3))],
            fetched: Vec::new(),
        }
    }

    pub(crate) fn answer(&mut self, url: &str) -> Fetched {
        self.fetched.push(url.to_owned());
        let body = if url.ends_with("/.well-known/openid-configuration") {
            json!({ "issuer": self.issuer, "jwks_uri": "https://idp.example/keys" })
        } else {
            assert_eq!(url, "https://idp.example/keys");
            let key = |(kid, signer): &(String, SharedSigner)| {
                let key = Jwk::parse(signer.public_jwk().as_bytes()).expect("a key");
                let key = Jwk::new(key.key(), Some(kid), None).expect("a key").to_json();
                serde_json::from_str::<Value>(&key).expect("JSON")
            };
            json!({ "keys": self.keys.iter().map(key).collect::<Vec<_>>() })
        };
        Fetched { status: 200, body: body.to_string().into_bytes() }
    }
}

impl Fixture {
    /// A fixture that trusts the external issuer.
    pub(crate) fn trusting() -> Self {
        let mut fixture = Self::new();
        fixture.emulator.trust(Credential::exact(ISSUER, SUBJECT, AUDIENCE)).expect("trusted");
        fixture
    }

    /// Exchanges an assertion, with `fetch` answering for the network.
    pub(crate) fn exchange_with(
        &mut self,
        assertion: &str,
        mut fetch: impl FnMut(&str) -> Result<Fetched, String>,
    ) -> Response {
        let request = self.form(assertion).request(&self.token_path());
        let mut reply = self.emulator.handle(&request, self.now);
        for _ in 0..4 {
            reply = match reply {
                Reply::Fetch { exchange, url, accept } => {
                    let keys = "application/jwk-set+json, application/json";
                    let discovery = url.ends_with("/openid-configuration");
                    assert_eq!(accept, if discovery { "application/json" } else { keys });
                    let outcome = fetch(&url);
                    self.emulator.fetched(exchange, outcome, self.now)
                }
                reply => return Response::of(reply),
            };
        }
        panic!("the emulator fetches without end");
    }
}
