//! Any request gets a response, and the next valid request succeeds.

use crate::fixture::{Fixture, Form, Response, WithHeader};
use workload_identity_core::jose::base64url_encode;
use workload_identity_emulator::{Fault, Reply, Request, http};

/// A small deterministic generator (xorshift), so that a failure can be repeated.
pub(crate) struct Rng(pub(crate) u64);

impl Rng {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(bound).unwrap_or(1)).unwrap_or(0)
    }

    pub(crate) fn pick<'a>(&mut self, items: &[&'a str]) -> &'a str {
        items[self.below(items.len())]
    }

    /// Pieces with a meaning in some place, and pieces without any.
    fn text(&mut self) -> String {
        let pieces = [
            "",
            "/",
            "//",
            "?",
            "&",
            "=",
            "%",
            "%4",
            "%ff",
            "+",
            " ",
            ".",
            "..",
            "é",
            "\u{1f511}",
            "\0",
            "common",
            "oauth2",
            "v2.0",
            "token",
            ".well-known",
            "openid-configuration",
            "discovery",
            "keys",
            "api",
            "resource",
            "emulator",
            "rotate",
            "oic",
            "cluster-1",
            "_services",
            "jwks",
            "eyJhbGciOiJSUzI1NiJ9",
            "{}",
            "[]",
            "\"",
            "null",
            "api://x/.default",
            "429*2",
            "a=b",
        ];
        let count = self.below(6);
        (0..count).map(|_| self.pick(&pieces)).collect()
    }

    /// `None` when the text is no request that `http` can represent.
    fn request(&mut self) -> Option<Request> {
        let method = self.pick(&["GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD", "PROPFIND"]);
        let target = format!("/{}", self.text());
        let target = if self.below(2) == 0 { target } else { format!("/{target}") };
        let request = http::Request::builder().method(method).uri(target);
        let mut request = request.body(Vec::new()).ok()?;
        for _ in 0..self.below(3) {
            let names = [
                "authorization",
                "Content-Type",
                "client-request-id",
                "x",
                "Access-Control-Request-Headers",
            ];
            let name = self.pick(&names);
            let start = self.pick(&["Bearer ", "application/x-www-form-urlencoded", ""]);
            let value = format!("{start}{}", self.text());
            if http::HeaderValue::from_str(&value).is_ok() {
                request = request.with_header(name, &value);
            }
        }
        *request.body_mut() =
            (0..self.below(40)).map(|_| u8::try_from(self.next() % 256).unwrap_or(0)).collect();
        Some(request)
    }
}

#[test]
fn any_request_gets_a_response() {
    let mut rng = Rng(0x9e37_79b9_7f4a_7c15);
    let mut fixture = Fixture::new();
    for _ in 0..20_000 {
        let Some(request) = rng.request() else { continue };
        match fixture.emulator.handle(&request, fixture.now) {
            Reply::Fetch { url, .. } => panic!("asks for {url}"),
            reply => {
                let response = Response::of(reply);
                assert!(response.reset || (200..600).contains(&response.status));
            }
        }
    }
    fixture.emulator.clear_faults();
    let token = fixture.access_token();
    assert!(token.starts_with("eyJ"));
}

#[test]
fn any_form_gets_a_response() {
    let mut rng = Rng(0x0123_4567_89ab_cdef);
    let mut fixture = Fixture::new();
    let good = fixture.good_form();
    let names = [
        "grant_type",
        "client_id",
        "client_assertion_type",
        "client_assertion",
        "scope",
        "claims",
        "client_secret",
        "resource",
        "other",
    ];
    for _ in 0..800 {
        let mut form: Form = good.clone();
        for _ in 0..=rng.below(3) {
            let name = rng.pick(&names);
            let value = rng.text();
            form = if rng.below(4) == 0 { form.add(name, &value) } else { form.set(name, &value) };
        }
        let status = fixture.post(&form).status;
        assert!(matches!(status, 200 | 400 | 401), "{status}");
    }
    assert_eq!(fixture.post(&good).status, 200);
}

#[test]
fn any_assertion_gets_a_response() {
    let mut rng = Rng(0xfeed_beef_cafe_f00d);
    let mut fixture = Fixture::new();
    let good = fixture.github_token();
    for _ in 0..800 {
        let mut bytes = good.clone().into_bytes();
        match rng.below(3) {
            0 => bytes.truncate(rng.below(bytes.len())),
            1 => {
                let index = rng.below(bytes.len());
                let old = bytes[index];
                bytes[index] = b"AZaz09-_.="[rng.below(10)];
                if bytes[index] == old {
                    continue;
                }
            }
            _ => {
                let part = base64url_encode(rng.text().as_bytes());
                bytes = format!("{part}.{part}.{part}").into_bytes();
            }
        }
        let assertion = String::from_utf8(bytes).expect("ASCII");
        let status = fixture.exchange(&assertion).status;
        assert!(matches!(status, 400 | 401), "{status} for {assertion}");
    }
    assert_eq!(fixture.exchange(&good).status, 200);
}

#[test]
fn any_fault_text_is_a_fault_or_an_error() {
    let mut rng = Rng(0x1357_9bdf_0246_8ace);
    let mut fixture = Fixture::new();
    let good = fixture.good_form();
    let pieces = [
        "latency",
        "429",
        "503",
        "status",
        "huge",
        "skew",
        "expires_in",
        "reset",
        "=",
        "*",
        ":",
        "-1",
        "0",
        "9999999999",
        "github",
        "é",
        "\"",
        "missing",
        "content_type",
        "token_type",
        "1",
    ];
    for _ in 0..1_000 {
        let text: String = (0..=rng.below(4)).map(|_| rng.pick(&pieces)).collect();
        match text.parse::<Fault>() {
            Ok(fault) => {
                fixture.emulator.fault(fault);
                fixture.post(&good);
                fixture.emulator.clear_faults();
            }
            Err(error) => assert!(error.to_string().contains("fault")),
        }
    }
    assert_eq!(fixture.post(&good).status, 200);
}
