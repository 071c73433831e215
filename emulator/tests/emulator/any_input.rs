//! Whatever comes in, an answer goes out and the next good request works.

use crate::stage::{Form, Stage};
use workload_identity_core::jose::base64url_encode;
use workload_identity_emulator::{Fault, Reply, Request};

/// A small deterministic generator (xorshift), so that a failure can be repeated.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(bound).unwrap_or(1)).unwrap_or(0)
    }

    fn pick<'a>(&mut self, items: &[&'a str]) -> &'a str {
        items[self.below(items.len())]
    }

    /// Pieces that mean something somewhere, and some that mean nothing anywhere.
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

    fn request(&mut self) -> Request {
        let method = self.pick(&["GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD", "", "\u{e9}"]);
        let mut request = Request::new(method, &self.text());
        if self.below(2) == 0 {
            request.path_and_query = format!("/{}", request.path_and_query);
        }
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
            request = request.with_header(name, &value);
        }
        request.body =
            (0..self.below(40)).map(|_| u8::try_from(self.next() % 256).unwrap_or(0)).collect();
        request
    }
}

#[test]
fn any_request_is_answered() {
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let mut stage = Stage::new();
    for _ in 0..20_000 {
        let request = dice.request();
        match stage.emulator.handle(&request, stage.now) {
            Reply::Respond(response) => assert!((200..600).contains(&response.status)),
            Reply::Fetch { url, .. } => panic!("asks for {url}"),
        }
    }
    stage.emulator.clear_faults();
    let token = stage.access_token();
    assert!(token.starts_with("eyJ"));
}

#[test]
fn any_form_is_answered() {
    let mut dice = Dice(0x0123_4567_89ab_cdef);
    let mut stage = Stage::new();
    let good = stage.good_form();
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
        for _ in 0..=dice.below(3) {
            let name = dice.pick(&names);
            let value = dice.text();
            form = if dice.below(4) == 0 { form.add(name, &value) } else { form.set(name, &value) };
        }
        let status = stage.post(&form).status;
        assert!(matches!(status, 200 | 400 | 401), "{status}");
    }
    assert_eq!(stage.post(&good).status, 200);
}

#[test]
fn any_assertion_is_answered() {
    let mut dice = Dice(0xfeed_beef_cafe_f00d);
    let mut stage = Stage::new();
    let good = stage.github_token();
    for _ in 0..800 {
        let mut bytes = good.clone().into_bytes();
        match dice.below(3) {
            0 => bytes.truncate(dice.below(bytes.len())),
            1 => {
                let place = dice.below(bytes.len());
                let old = bytes[place];
                bytes[place] = b"AZaz09-_.="[dice.below(10)];
                if bytes[place] == old {
                    continue;
                }
            }
            _ => {
                let part = base64url_encode(dice.text().as_bytes());
                bytes = format!("{part}.{part}.{part}").into_bytes();
            }
        }
        let assertion = String::from_utf8(bytes).expect("ASCII");
        let status = stage.exchange(&assertion).status;
        assert!(matches!(status, 400 | 401), "{status} for {assertion}");
    }
    assert_eq!(stage.exchange(&good).status, 200);
}

#[test]
fn any_fault_text_is_a_fault_or_an_error() {
    let mut dice = Dice(0x1357_9bdf_0246_8ace);
    let mut stage = Stage::new();
    let good = stage.good_form();
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
        let text: String = (0..=dice.below(4)).map(|_| dice.pick(&pieces)).collect();
        match text.parse::<Fault>() {
            Ok(fault) => {
                stage.emulator.fault(fault);
                stage.post(&good);
                stage.emulator.clear_faults();
            }
            Err(error) => assert!(error.to_string().contains("fault")),
        }
    }
    assert_eq!(stage.post(&good).status, 200);
}
