//! The data file: named configurations, named key sets, and the cases that combine them.

use super::pieces::Pieces;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// The whole file, `tests/vectors/attacks.json`; `attacks.md` beside it says how to replay it.
#[derive(Serialize, Deserialize)]
pub struct Corpus {
    /// Unix milliseconds at which a case happens that names no other instant.
    pub now: i64,
    /// Verifier configurations; where an issuer's `keys` is a string it names a key set.
    pub policies: BTreeMap<String, Box<RawValue>>,
    /// Key sets.
    pub keys: BTreeMap<String, KeySet>,
    /// The cases.
    pub cases: Vec<Case>,
}

/// A key set: the document, or its text when it is not a document that JSON libraries carry unharmed.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
pub enum KeySet {
    /// Put into the configuration as it stands, octet for octet.
    Text {
        /// The text.
        text: Pieces,
    },
    /// A JWK Set.
    Document(serde_json::Value),
}

/// What happens and what must come of it.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// `family/what`
    pub name: String,
    /// For people, where the name does not say it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub about: String,
    /// The requirements that the case proves.
    pub covers: Vec<String>,
    /// Name of a configuration.
    pub policy: String,
    /// Members that replace those of the configuration's first issuer; `null` removes one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<serde_json::Value>,
    /// Members that replace those of the configuration; `null` removes one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub options: Option<serde_json::Value>,
    /// The first issuer's key set, when it is not the configuration's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keys: Option<String>,
    /// Unix milliseconds, when it is not the file's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub now: Option<i64>,
    /// Given to the same verifier before, each with what comes of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub earlier: Vec<Earlier>,
    /// What the host answers to one request after the other; the last answer is repeated.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fetch: Vec<Answer>,
    /// The addresses that are asked for, in order; none when the case has no `fetch`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fetched: Option<Vec<String>>,
    /// How the host answers `verify` effects when it does not compute: the signature is a `verify` effect then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verify: Option<String>,
    /// The token; none when the configuration itself is the attack.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<Pieces>,
    /// `accepted` or the error's code.
    pub expected: String,
    /// The result where the host computes signatures, when it is another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_host: Option<String>,
    /// An algorithm without which the result is `alg_unsupported`: not every WebCrypto has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub needs: Option<String>,
}

/// A token that the same verifier has seen before.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Earlier {
    /// The token.
    pub token: Pieces,
    /// Unix milliseconds.
    pub now: i64,
    /// `accepted` or the error's code.
    pub expected: String,
}

/// What the host answers to a request.
#[derive(Clone, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Answer {
    /// No answer came.
    Failed {
        /// A failure of the protocol, such as `timeout`.
        failed: String,
    },
    /// An answer whose body is a key set of the file.
    Keys {
        /// The status code.
        status: u16,
        /// The name of the key set.
        keys: String,
    },
    /// Any other answer.
    Body {
        /// The status code.
        status: u16,
        /// `name: value` lines.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        head: String,
        /// The body.
        body: Pieces,
    },
}

impl Corpus {
    pub(super) fn new(now: i64) -> Self {
        Self { now, policies: BTreeMap::new(), keys: BTreeMap::new(), cases: Vec::new() }
    }

    /// A configuration.
    pub(super) fn policy(&mut self, name: &str, json: &str) {
        let json = RawValue::from_string(json.to_owned()).expect("a policy is JSON");
        assert!(self.policies.insert(name.to_owned(), json).is_none(), "two policies {name}");
    }

    /// A key set of these keys.
    pub(super) fn keys(&mut self, name: &str, keys: &[super::Members]) {
        let keys: Vec<String> = keys.iter().map(super::Members::json).collect();
        let text = format!("{{\"keys\":[{}]}}", keys.join(","));
        let value = serde_json::from_str(&text).expect("a key set is JSON");
        let set = KeySet::Document(value);
        assert!(self.keys.insert(name.to_owned(), set).is_none(), "two key sets {name}");
    }

    /// A key set as text.
    pub(super) fn keys_text(&mut self, name: &str, text: &str) {
        let set = KeySet::Text { text: Pieces::of(text) };
        assert!(self.keys.insert(name.to_owned(), set).is_none(), "two key sets {name}");
    }

    /// A case of the plain policy; what is called on it changes it.
    pub(super) fn case(&mut self, name: &str, covers: &[&str], expected: &str) -> &mut Case {
        assert!(self.cases.iter().all(|case| case.name != name), "two cases {name}");
        self.cases.push(Case {
            name: name.to_owned(),
            covers: covers.iter().map(|&name| name.to_owned()).collect(),
            policy: "oidc".to_owned(),
            expected: expected.to_owned(),
            ..Case::default()
        });
        self.cases.last_mut().expect("just pushed")
    }

    /// The file: one line per policy, key set and case.
    ///
    /// # Panics
    /// When a value cannot be written as JSON, which no case makes.
    #[must_use]
    pub fn to_text(&self) -> String {
        fn line<T: Serialize>(value: &T) -> String {
            serde_json::to_string(value).expect("writes as JSON")
        }
        fn table<T: Serialize>(table: &BTreeMap<String, T>) -> String {
            let lines: Vec<String> = table
                .iter()
                .map(|(name, value)| format!("{}:{}", line(name), line(value)))
                .collect();
            lines.join(",\n")
        }
        let cases: Vec<String> = self.cases.iter().map(line).collect();
        format!(
            "{{\"now\":{},\n\"policies\":{{\n{}\n}},\n\"keys\":{{\n{}\n}},\n\"cases\":[\n{}\n]}}\n",
            self.now,
            table(&self.policies),
            table(&self.keys),
            cases.join(",\n")
        )
    }
}

impl Case {
    pub(super) fn about(&mut self, about: &str) -> &mut Self {
        about.clone_into(&mut self.about);
        self
    }

    pub(super) fn policy(&mut self, name: &str) -> &mut Self {
        name.clone_into(&mut self.policy);
        self
    }

    pub(super) fn issuer(&mut self, members: serde_json::Value) -> &mut Self {
        self.issuer = Some(members);
        self
    }

    pub(super) fn options(&mut self, members: serde_json::Value) -> &mut Self {
        self.options = Some(members);
        self
    }

    pub(super) fn keys(&mut self, name: &str) -> &mut Self {
        self.keys = Some(name.to_owned());
        self
    }

    pub(super) fn now(&mut self, millis: i64) -> &mut Self {
        self.now = Some(millis);
        self
    }

    pub(super) fn earlier(&mut self, token: &str, now: i64, expected: &str) -> &mut Self {
        let token = Pieces::of(token);
        self.earlier.push(Earlier { token, now, expected: expected.to_owned() });
        self
    }

    pub(super) fn fetch(&mut self, answers: &[Answer], fetched: &[&str]) -> &mut Self {
        self.fetch = answers.to_vec();
        self.fetched = Some(fetched.iter().map(|&url| url.to_owned()).collect());
        self
    }

    pub(super) fn verify(&mut self, answer: &str) -> &mut Self {
        self.verify = Some(answer.to_owned());
        self
    }

    pub(super) fn by_host(&mut self, code: &str) -> &mut Self {
        self.by_host = Some(code.to_owned());
        self
    }

    pub(super) fn needs(&mut self, algorithm: &str) -> &mut Self {
        self.needs = Some(algorithm.to_owned());
        self
    }

    pub(super) fn token(&mut self, token: impl AsRef<str>) -> &mut Self {
        self.token = Some(Pieces::of(token.as_ref()));
        self
    }
}
