//! The format of `docs/protocol.md`, sections 7 and 8, and its replay.

use crate::player::Player;
use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::BTreeSet;

/// One file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Transcript<'a> {
    /// File name without ending.
    pub name: &'a str,
    /// What it shows.
    pub about: String,
    /// `verifier`, `manager`, `shared_cache`, or nothing.
    #[serde(default)]
    pub machine: Option<&'a str>,
    /// 64 hexadecimal digits.
    pub seed: &'a str,
    /// The configuration.
    #[serde(borrow)]
    pub config: &'a RawValue,
    /// Calls in order.
    #[serde(borrow)]
    pub calls: Vec<Call<'a>>,
}

/// One call and what it gives. Which members there are depends on `call`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Call<'a> {
    /// `new`, `client`, `begin`, `poll`, `resolve` or `end`; of a verifier also `check`, `snapshot` or `load`.
    pub call: &'a str,
    /// Expected error of `new`, `client` and `load`.
    #[serde(borrow, default)]
    pub error: Option<&'a RawValue>,
    /// Argument of `client`, sent as it stands.
    #[serde(borrow, default)]
    pub config: Option<&'a RawValue>,
    /// Argument of `begin`, expected result of `client`.
    #[serde(default)]
    pub client: u64,
    /// Argument of `begin`, sent as it stands.
    #[serde(borrow, default)]
    pub request: Option<&'a RawValue>,
    /// Argument of `poll` and `end`, expected result of `begin`.
    #[serde(default)]
    pub ticket: u64,
    /// Unix milliseconds.
    #[serde(default)]
    pub now: i64,
    /// Expected text of `poll` and `check`.
    #[serde(borrow, default)]
    pub step: Option<&'a RawValue>,
    /// Arguments of `resolve`.
    #[serde(default)]
    pub effect: u64,
    /// Kind of outcome.
    #[serde(default)]
    pub kind: String,
    /// Status.
    #[serde(default)]
    pub status: u32,
    /// Headers or failure word.
    #[serde(default)]
    pub head: String,
    /// Body that is text.
    #[serde(default)]
    pub body: String,
    /// Body that is not.
    #[serde(default)]
    pub body_base64: Option<String>,
    /// Expected flight of `resolve` and `end`.
    #[serde(default)]
    pub wake: u64,
    /// Argument of `check`.
    #[serde(default)]
    pub token: String,
    /// Argument of `signature`, `jwk` and `complete`.
    #[serde(default)]
    pub verification: u64,
    /// Argument of `complete`.
    #[serde(default)]
    pub result: String,
    /// Expected signature in base64url.
    #[serde(default)]
    pub signature: String,
    /// Expected result of `jwk`, if there is a key.
    #[serde(borrow, default)]
    pub jwk: Option<&'a RawValue>,
    /// Expected result of `complete`, unless it fails.
    #[serde(borrow, default)]
    pub payload: Option<&'a RawValue>,
    /// Argument of `load`, expected text of `snapshot`.
    #[serde(borrow, default)]
    pub snapshot: Option<&'a RawValue>,
}

impl Call<'_> {
    fn body(&self) -> Result<Vec<u8>, String> {
        match &self.body_base64 {
            Some(text) => BASE64_STANDARD.decode(text).map_err(|e| e.to_string()),
            None => Ok(self.body.clone().into_bytes()),
        }
    }

    /// Expected and actual result.
    fn play(&self, machine: &mut Player) -> Result<(String, String), String> {
        let raw = |text: Option<&RawValue>| text.map_or("", RawValue::get).to_string();
        Ok(match self.call {
            "client" => match machine.client(raw(self.config).as_bytes()) {
                Ok(client) => (self.client.to_string(), client.to_string()),
                Err(error) => (raw(self.error), error),
            },
            "begin" => {
                let request = raw(self.request);
                let ticket = machine.begin(self.client, request.as_bytes());
                (self.ticket.to_string(), ticket.to_string())
            }
            "poll" => (raw(self.step), machine.poll(self.ticket, self.now)),
            "resolve" => {
                let (head, body) = (self.head.as_bytes(), self.body()?);
                let wake =
                    machine.resolve(self.effect, &self.kind, self.status, head, &body, self.now);
                (self.wake.to_string(), wake.to_string())
            }
            "end" => (self.wake.to_string(), machine.end(self.ticket).to_string()),
            "check" => (raw(self.step), machine.verifier()?.check(self.token.as_bytes(), self.now)),
            "signature" => {
                let signature = machine.verifier()?.signature(self.verification);
                (self.signature.clone(), BASE64_URL_SAFE_NO_PAD.encode(signature))
            }
            "jwk" => {
                (raw(self.jwk), machine.verifier()?.jwk(self.verification).unwrap_or_default())
            }
            "complete" => match machine.verifier()?.complete(self.verification, &self.result) {
                Ok(payload) => (raw(self.payload), payload),
                Err(error) => (raw(self.error), error),
            },
            "snapshot" => (raw(self.snapshot), machine.verifier()?.snapshot(self.now)),
            "load" => {
                let snapshot = raw(self.snapshot);
                let loaded = machine.verifier()?.load(snapshot.as_bytes(), self.now);
                (raw(self.error), loaded.err().unwrap_or_default())
            }
            other => return Err(format!("`{other}` is not a call")),
        })
    }
}

/// Replays a file through the bytes interface; returns how many calls it made.
///
/// # Errors
/// The first difference, with both texts.
pub fn replay(text: &str) -> Result<usize, String> {
    let transcript: Transcript<'_> = serde_json::from_str(text).map_err(|e| e.to_string())?;
    let compare = |index: usize, expected: &str, got: &str| {
        if expected == got {
            return Ok(());
        }
        Err(format!("{} call {index}:\n expected {expected}\n got      {got}", transcript.name))
    };
    let refused = transcript.calls.first().filter(|call| call.call == "new");
    let refused = refused.and_then(|call| call.error).map_or("", RawValue::get);
    let mut machine = match Player::new(transcript.machine, transcript.config.get().as_bytes()) {
        Err(error) => return compare(0, refused, &error).map(|()| 1),
        Ok(machine) => machine,
    };
    compare(0, refused, "")?;
    let seed: Vec<u8> = (0..64)
        .step_by(2)
        .map(|at| u8::from_str_radix(transcript.seed.get(at..at + 2).unwrap_or("x"), 16))
        .collect::<Result<_, _>>()
        .map_err(|_| "the seed is not 64 hexadecimal digits")?;
    machine.reseed(&seed)?;
    for (index, call) in transcript.calls.iter().enumerate() {
        let (expected, got) = call.play(&mut machine)?;
        compare(index, &expected, &got)?;
    }
    Ok(transcript.calls.len())
}

/// Every kind of step, effect, outcome and failure a transcript contains, for the coverage test.
///
/// # Errors
/// When the text is not a transcript.
pub fn kinds(text: &str) -> Result<BTreeSet<String>, String> {
    let transcript: Transcript<'_> = serde_json::from_str(text).map_err(|e| e.to_string())?;
    let mut found = BTreeSet::new();
    for call in &transcript.calls {
        if call.call == "resolve" {
            found.insert(format!("outcome {}", call.kind));
            if call.kind == "failed" {
                found.insert(format!("failure {}", call.head));
            }
        }
        found.insert(format!("call {}", call.call));
        if let Some(step) = call.step {
            let step: Value = serde_json::from_str(step.get()).map_err(|e| e.to_string())?;
            found.insert(format!("step {}", step["step"].as_str().unwrap_or_default()));
            if let Some(kind) = step["effect"]["kind"].as_str() {
                found.insert(format!("effect {kind}"));
            }
        }
    }
    Ok(found)
}
