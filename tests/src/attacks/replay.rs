//! Replays a case against the verifier, as every host drives it.

use super::case::{Answer, Case, Corpus, KeySet};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use std::sync::Arc;
use workload_identity_core::crypto::{Provider, RustCrypto};
use workload_identity_core::jose::{Algorithm, Jwks, KeyRules};
use workload_identity_core::wire;

/// Who verifies signatures.
pub enum Crypto {
    /// A provider in the process.
    Here(Arc<dyn Provider>),
    /// The host, in answer to `verify` effects; here by RustCrypto.
    Host,
}

/// What came of a case.
pub struct Replayed {
    /// The result on the token, or on the configuration.
    pub result: String,
    /// The results on the tokens before.
    pub earlier: Vec<String>,
    /// The addresses that were requested.
    pub fetched: Vec<String>,
    /// Every refusal's wire form with the token it is about.
    pub refusals: Vec<(String, String)>,
}

struct Replayer<'c> {
    corpus: &'c Corpus,
    case: &'c Case,
    machine: wire::Verifier,
    replayed: Replayed,
}

impl Corpus {
    /// Replays a case.
    ///
    /// # Panics
    /// When the machine does what no protocol allows.
    #[must_use]
    pub fn replay(&self, case: &Case, crypto: &Crypto) -> Replayed {
        let mut replayed = Replayed {
            result: String::new(),
            earlier: Vec::new(),
            fetched: Vec::new(),
            refusals: Vec::new(),
        };
        let provider: Arc<dyn Provider> = match crypto {
            Crypto::Here(provider) => Arc::clone(provider),
            Crypto::Host => Arc::new(RustCrypto),
        };
        let config = self.configuration(case, matches!(crypto, Crypto::Host));
        let machine = match wire::Verifier::new(config.as_bytes(), provider) {
            Ok(machine) => machine,
            Err(error) => {
                replayed.result = code(&parsed(&error));
                replayed.refusals.push((error, String::new()));
                return replayed;
            }
        };
        let mut replayer = Replayer { corpus: self, case, machine, replayed };
        replayer.machine.reseed(&[7; 32]).expect("a seed of 32 bytes");
        for earlier in &case.earlier {
            let result = replayer.check(&earlier.token.expand(), earlier.now);
            replayer.replayed.earlier.push(result);
        }
        replayer.replayed.result = match &case.token {
            Some(token) => replayer.check(&token.expand(), case.now.unwrap_or(self.now)),
            None => "accepted".to_owned(),
        };
        replayer.replayed
    }

    /// The configuration of a case as text.
    fn configuration(&self, case: &Case, host: bool) -> String {
        let policy = self.policies.get(&case.policy).expect("the policy is in the file");
        let mut config = parsed(policy.get());
        if let Some(first) = config["issuers"].get_mut(0) {
            if let Some(keys) = &case.keys {
                first["keys"] = json!(keys);
            }
            merge(first, case.issuer.as_ref());
        }
        if host {
            config["signatures"] = json!("host");
        }
        merge(&mut config, case.options.as_ref());
        let mut documents = Vec::new();
        for issuer in config["issuers"].as_array_mut().into_iter().flatten() {
            if let Some(name) = issuer["keys"].as_str() {
                let mark = format!("@{name}@");
                documents.push((json!(mark).to_string(), self.key_set(name)));
                issuer["keys"] = json!(mark);
            } else if issuer["keys"].is_null() {
                issuer.as_object_mut().map(|issuer| issuer.remove("keys"));
            }
        }
        let mut text = config.to_string();
        for (mark, document) in documents {
            text = text.replace(&mark, &document);
        }
        text
    }

    /// The text of a key set.
    ///
    /// # Panics
    /// When no key set has that name.
    #[must_use]
    pub fn key_set(&self, name: &str) -> String {
        match self.keys.get(name).unwrap_or_else(|| panic!("no key set is named {name}")) {
            KeySet::Text { text } => text.expand(),
            KeySet::Document(document) => document.to_string(),
        }
    }
}

impl Replayer<'_> {
    fn check(&mut self, token: &str, now: i64) -> String {
        let mut step = parsed(&self.machine.check(token.as_bytes(), now));
        if step["step"] == "drive" {
            step = self.drive(token, now);
        }
        if step["step"] == "verify_signature" {
            return self.verify_signature(&step, token);
        }
        if step["step"] == "done" {
            return "accepted".to_owned();
        }
        self.replayed.refusals.push((step["error"].to_string(), token.to_owned()));
        code(&step["error"])
    }

    fn drive(&mut self, token: &str, mut now: i64) -> Value {
        let ticket = self.machine.begin(json!({ "token": token }).to_string().as_bytes());
        for _ in 0..100 {
            let step = parsed(&self.machine.poll(ticket, now));
            match step["step"].as_str() {
                Some("perform") => now = self.perform(&step["effect"], now),
                Some("done" | "fail") => {
                    self.machine.end(ticket);
                    return step;
                }
                _ => panic!("{}: nobody else leads a flight: {step}", self.case.name),
            }
        }
        panic!("{}: the request does not end", self.case.name)
    }

    fn perform(&mut self, effect: &Value, now: i64) -> i64 {
        let id = effect["id"].as_u64().expect("an id");
        let (kind, status, head, body) = match effect["kind"].as_str() {
            Some("http") => self.fetch(effect),
            Some("verify") => self.verify(effect),
            Some("sleep") => {
                let until = effect["until"].as_i64().expect("an instant");
                self.machine.resolve(id, "elapsed", 0, b"", b"", until);
                return until;
            }
            _ => panic!("{}: an effect that a verifier does not have: {effect}", self.case.name),
        };
        self.machine.resolve(id, kind, status, head.as_bytes(), body.as_bytes(), now);
        now
    }

    fn fetch(&mut self, effect: &Value) -> (&'static str, u32, String, String) {
        self.replayed.fetched.push(effect["url"].as_str().unwrap_or_default().to_owned());
        let asked = self.replayed.fetched.len();
        let answers = &self.case.fetch;
        let Some(answer) = answers.get(asked - 1).or(answers.last()) else {
            return ("failed", 0, "denied".to_owned(), String::new());
        };
        match answer {
            Answer::Failed { failed } => ("failed", 0, failed.clone(), String::new()),
            Answer::Keys { status, keys } => {
                ("http", u32::from(*status), String::new(), self.corpus.key_set(keys))
            }
            Answer::Body { status, head, body } => {
                ("http", u32::from(*status), head.clone(), body.expand())
            }
        }
    }

    /// The effect `verify`.
    fn verify(&self, effect: &Value) -> (&'static str, u32, String, String) {
        let bytes = |name: &str| {
            let text = effect[name].as_str().unwrap_or_default();
            URL_SAFE_NO_PAD.decode(text).expect("base64url")
        };
        match self.host_result(effect, &effect["key"], &bytes("input"), &bytes("signature")) {
            "valid" => ("verified", 1, String::new(), String::new()),
            "invalid" => ("verified", 0, String::new(), String::new()),
            failure => ("failed", 0, failure.to_owned(), String::new()),
        }
    }

    /// The step `verify_signature`.
    fn verify_signature(&mut self, step: &Value, token: &str) -> String {
        let verification = step["verification"].as_u64().expect("a number");
        let signed = usize::try_from(step["signed_bytes"].as_u64().expect("a number"));
        let input = &token.as_bytes()[..signed.expect("a length")];
        let key = parsed(&self.machine.jwk(verification).expect("a key"));
        let signature = self.machine.signature(verification).to_vec();
        let result = self.host_result(step, &key, input, &signature);
        match self.machine.complete(verification, result) {
            Ok(_) => "accepted".to_owned(),
            Err(error) => {
                let code = code(&parsed(&error));
                self.replayed.refusals.push((error, token.to_owned()));
                code
            }
        }
    }

    /// What the host's crypto finds.
    fn host_result(
        &self,
        step: &Value,
        key: &Value,
        input: &[u8],
        signature: &[u8],
    ) -> &'static str {
        let is_valid = match self.case.verify.as_deref() {
            Some("failed") => return "other",
            Some(answer) => answer == "good",
            None => {
                let name = step["algorithm"].as_str().unwrap_or_default();
                let algorithm = Algorithm::from_name(name).expect("an algorithm");
                // The machine has checked the key; its size may be one that only this configuration allows.
                let set = json!({ "keys": [key] }).to_string();
                let rules = KeyRules { min_rsa_bits: 1024 };
                let set = Jwks::parse_with(set.as_bytes(), rules).expect("a key set");
                let key = set.keys().first().expect("a usable key");
                RustCrypto.verify(algorithm, key, input, signature).is_ok()
            }
        };
        if is_valid { "valid" } else { "invalid" }
    }
}

/// Puts members over those of an object; `null` removes one.
fn merge(object: &mut Value, members: Option<&Value>) {
    for (name, value) in members.and_then(Value::as_object).into_iter().flatten() {
        if value.is_null() {
            object.as_object_mut().map(|object| object.remove(name));
        } else {
            object[name] = value.clone();
        }
    }
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

fn code(error: &Value) -> String {
    error["code"].as_str().unwrap_or_default().to_owned()
}
