//! An emulator with its clock and keys, and the requests that tests send.

use serde_json::Value;
use std::sync::LazyLock;
use std::time::Duration;
use workload_identity_core::crypto::Signer;
use workload_identity_core::jose::{Algorithm, UnverifiedClaims};
use workload_identity_core::json::strict::parse;
use workload_identity_core::{Error, Timestamp};
use workload_identity_crypto_native::{AwsLc, AwsLcSigner};
use workload_identity_emulator::{Emulator, Keys, Reply, Request, Settings, http};

pub(crate) const BASE: &str = "http://127.0.0.1:8400";
pub(crate) const AUDIENCE: &str = "api://AzureADTokenExchange";
pub(crate) const SCOPE: &str = "https://vault.azure.net/.default";
pub(crate) const NOW: Timestamp = Timestamp::from_seconds(1_795_354_145);

/// Making RSA keys is slow, so all tests share a few.
static SIGNERS: LazyLock<Vec<AwsLcSigner>> =
    LazyLock::new(|| (0..4).map(|_| AwsLcSigner::generate_rsa(2048).expect("a key")).collect());

/// One of the shared keys.
#[derive(Clone, Copy)]
pub(crate) struct SharedSigner(pub(crate) usize);

impl SharedSigner {
    fn signer(self) -> &'static AwsLcSigner {
        &SIGNERS[self.0]
    }
}

impl Signer for SharedSigner {
    fn algorithm(&self) -> Algorithm {
        self.signer().algorithm()
    }

    fn key_id(&self) -> &str {
        self.signer().key_id()
    }

    fn public_jwk(&self) -> String {
        self.signer().public_jwk()
    }

    fn sign(&self, input: &[u8]) -> Result<Vec<u8>, Error> {
        self.signer().sign(input)
    }
}

pub(crate) struct Fixture {
    pub(crate) emulator: Emulator,
    pub(crate) now: Timestamp,
}

impl Fixture {
    pub(crate) fn new() -> Self {
        Self::with(|_| {})
    }

    pub(crate) fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = Settings::new(BASE, [9; 32]);
        change(&mut settings);
        let keys = Keys {
            workload: Box::new(SharedSigner(0)),
            access_token: Box::new(SharedSigner(1)),
            next: Box::new(|| Ok(Box::new(SharedSigner(2)))),
            verification: Box::new(AwsLc),
        };
        Self { emulator: Emulator::new(settings, keys).expect("an emulator"), now: NOW }
    }

    pub(crate) fn send(&mut self, request: &Request) -> Response {
        Response::of(self.emulator.handle(request, self.now))
    }

    pub(crate) fn get(&mut self, path: &str) -> Response {
        self.send(&request("GET", path))
    }

    pub(crate) fn token_path(&self) -> String {
        format!("/{}/oauth2/v2.0/token", self.emulator.settings().tenant_id)
    }

    /// A token of the emulator's own GitHub-style issuer.
    pub(crate) fn github_token(&mut self) -> String {
        let job = self.emulator.settings().github_job.clone();
        self.emulator.github_token(&job, Some(AUDIENCE), self.now).expect("a token")
    }

    /// The form that clients send, with this assertion.
    pub(crate) fn form(&self, assertion: &str) -> Form {
        let client_id = self.emulator.settings().client_id.clone();
        Form(vec![
            ("grant_type".to_owned(), "client_credentials".to_owned()),
            ("client_id".to_owned(), client_id),
            (
                "client_assertion_type".to_owned(),
                "urn:ietf:params:oauth:client-assertion-type:jwt-bearer".to_owned(),
            ),
            ("client_assertion".to_owned(), assertion.to_owned()),
            ("scope".to_owned(), SCOPE.to_owned()),
        ])
    }

    pub(crate) fn good_form(&mut self) -> Form {
        let assertion = self.github_token();
        self.form(&assertion)
    }

    pub(crate) fn post(&mut self, form: &Form) -> Response {
        let path = self.token_path();
        self.send(&form.request(&path))
    }

    pub(crate) fn exchange(&mut self, assertion: &str) -> Response {
        let form = self.form(assertion);
        self.post(&form)
    }

    /// An access token for [`SCOPE`].
    pub(crate) fn access_token(&mut self) -> String {
        let form = self.good_form();
        let response = self.post(&form);
        text(&response, "access_token")
    }

    pub(crate) fn fault(&mut self, fault: &str) {
        let fault: workload_identity_emulator::Fault = fault.parse().expect("a fault");
        self.emulator.fault(fault);
    }
}

/// The fields of a token request.
#[derive(Clone)]
pub(crate) struct Form(Vec<(String, String)>);

impl Form {
    pub(crate) fn set(mut self, name: &str, value: &str) -> Self {
        self = self.without(name);
        self.0.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn add(mut self, name: &str, value: &str) -> Self {
        self.0.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.0.retain(|(known, _)| known != name);
        self
    }

    pub(crate) fn request(&self, path: &str) -> Request {
        form_request(path, &self.0)
    }
}

/// A request without headers and body.
pub(crate) fn request(method: &str, path: &str) -> Request {
    http::Request::builder().method(method).uri(path).body(Vec::new()).expect("a request")
}

/// A `POST` of a form.
pub(crate) fn form_request(path: &str, fields: &[(String, String)]) -> Request {
    let mut request = request("POST", path);
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    *request.body_mut() = body.into_bytes();
    request.with_header("content-type", "application/x-www-form-urlencoded")
}

pub(crate) trait WithHeader {
    /// The request with one more header.
    fn with_header(self, name: &str, value: &str) -> Self;
}

impl WithHeader for Request {
    fn with_header(mut self, name: &str, value: &str) -> Self {
        let name = http::HeaderName::from_bytes(name.as_bytes()).expect("a name");
        let value = http::HeaderValue::from_bytes(value.as_bytes()).expect("a value");
        self.headers_mut().append(name, value);
        self
    }
}

/// A reply that needs no fetch.
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) headers: http::HeaderMap,
    pub(crate) body: Vec<u8>,
    pub(crate) delay_ms: u128,
    pub(crate) reset: bool,
}

impl Response {
    pub(crate) fn of(reply: Reply) -> Self {
        match reply {
            Reply::Respond { response, delay } => {
                let (parts, body) = response.into_parts();
                Self {
                    status: parts.status.as_u16(),
                    headers: parts.headers,
                    body,
                    delay_ms: delay.as_millis(),
                    reset: false,
                }
            }
            Reply::Reset { delay } => Self {
                status: 0,
                headers: http::HeaderMap::new(),
                body: Vec::new(),
                delay_ms: delay.as_millis(),
                reset: true,
            },
            Reply::Sign(unsigned) => Self::of(unsigned.sign()),
            Reply::Stream { head, .. } => {
                Self::of(Reply::Respond { response: head, delay: Duration::ZERO })
            }
            Reply::Fetch { url, .. } => panic!("asks for {url}"),
        }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

pub(crate) fn json(response: &Response) -> Value {
    parse(&response.body).expect("JSON")
}

pub(crate) fn text(response: &Response, name: &str) -> String {
    let document = json(response);
    let member = document.get(name).and_then(Value::as_str);
    member.unwrap_or_else(|| panic!("no {name} in {document:?}")).to_owned()
}

/// Status, `error` and first AADSTS number of an error answer.
pub(crate) fn refusal(response: &Response) -> (u16, String, i64) {
    let document = json(response);
    let codes = document.get("error_codes").and_then(Value::as_array);
    let code = codes.and_then(|codes| codes.first()).and_then(Value::as_i64);
    (response.status, text(response, "error"), code.unwrap_or(0))
}

/// The AADSTS number of an error answer.
pub(crate) fn aadsts(response: &Response) -> i64 {
    refusal(response).2
}

pub(crate) fn claims(token: &str) -> Value {
    let payload = token.split('.').nth(1).expect("a payload");
    let bytes = workload_identity_core::jose::base64url_decode(payload).expect("base64url");
    parse(&bytes).expect("claims")
}

pub(crate) fn header(token: &str) -> Value {
    let part = token.split('.').next().expect("a header");
    let bytes = workload_identity_core::jose::base64url_decode(part).expect("base64url");
    parse(&bytes).expect("header")
}

pub(crate) fn key_id(token: &str) -> String {
    UnverifiedClaims::peek(token).expect("a token").key_id.expect("a kid")
}
