//! What a recorder can do with a verifier alone (`docs/protocol.md`, section 8).

use crate::Recorder;
use crate::player::value;
use crate::recorded_call::{RecordedCall, raw};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as URL_SAFE_NO_PAD;
use serde_json::{Value, json};

impl Recorder {
    /// `check`, which must give a step of the kind.
    pub fn check(&mut self, token: &str, kind: &str) -> Value {
        let now = self.now;
        let machine = self.machine().verifier().expect("a verifier");
        let step = machine.check(token.as_bytes(), now);
        self.note(&RecordedCall::Check { token, now, step: raw(&step) });
        let read = value(&step);
        assert_eq!(read["step"], kind, "{}: {step}", self.name());
        read
    }

    /// `check`, which must refuse with the code.
    pub fn check_refuses(&mut self, token: &str, code: &str) {
        let step = self.check(token, "fail");
        assert_eq!(step["error"]["code"], code, "{}: {step}", self.name());
    }

    /// `signature` of a `verify_signature` step, in base64url.
    pub fn signature(&mut self, verification: u64) -> String {
        let machine = self.machine().verifier().expect("a verifier");
        let signature = URL_SAFE_NO_PAD.encode(machine.signature(verification));
        self.note(&RecordedCall::Signature { verification, signature: &signature });
        signature
    }

    /// `jwk` of a `verify_signature` step.
    pub fn jwk(&mut self, verification: u64) -> Option<String> {
        let jwk = self.machine().verifier().expect("a verifier").jwk(verification);
        self.note(&RecordedCall::Jwk { verification, jwk: jwk.as_deref().map(raw) });
        jwk
    }

    /// `complete` with the host's result, which must give the payload or, where `code` is given, that error.
    pub fn complete(&mut self, verification: u64, result: &str, code: Option<&str>) {
        let machine = self.machine().verifier().expect("a verifier");
        let completed = machine.complete(verification, result);
        self.note(&RecordedCall::Complete {
            verification,
            result,
            payload: completed.as_deref().ok().map(raw),
            error: completed.as_ref().err().map(|error| raw(error)),
        });
        let got = completed.as_ref().err().map(|error| value(error)["code"].clone());
        assert_eq!(got, code.map(Value::from), "{}: {completed:?}", self.name());
    }

    /// `begin` with a token.
    pub fn begin_token(&mut self, token: &str) -> u64 {
        self.begin(json!({"token": token}))
    }

    /// `poll`, which must accept the token; returns the step.
    pub fn accepted(&mut self, ticket: u64) -> Value {
        let step = self.poll(ticket, "done");
        assert!(step["value"]["claims"].is_object(), "{}: {step}", self.name());
        step
    }

    /// `poll`, which must hand out an HTTP request to the address; returns the effect.
    pub fn asks(&mut self, ticket: u64, url: &str) -> (u64, Value) {
        let step = self.poll(ticket, "perform");
        assert_eq!(step["effect"]["url"], url, "{}: {step}", self.name());
        let id = step["effect"]["id"].as_u64().expect("an id");
        (id, step["effect"]["headers"].clone())
    }

    /// `snapshot`; returns its text.
    pub fn snapshot(&mut self) -> String {
        let now = self.now;
        let text = self.machine().verifier().expect("a verifier").snapshot(now);
        self.note(&RecordedCall::Snapshot { now, snapshot: raw(&text) });
        text
    }

    /// `load`, which must be refused with the code, or not at all.
    pub fn load(&mut self, snapshot: &str, code: Option<&str>) {
        let now = self.now;
        let loaded = self.machine().verifier().expect("a verifier").load(snapshot.as_bytes(), now);
        let error = loaded.err();
        self.note(&RecordedCall::Load {
            snapshot: raw(snapshot),
            now,
            error: error.as_deref().map(raw),
        });
        let got = error.as_deref().map(|error| value(error)["code"].clone());
        assert_eq!(got, code.map(Value::from), "{}: {error:?}", self.name());
    }
}
