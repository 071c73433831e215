//! The keys of an issuer: which service can use which, and why not.

use super::super::signing_algorithm;
use super::answer::MAX_SHOWN;
use super::{Fetch, IssuerCheck, IssuerCheckStep, Service};
use crate::Code;
use crate::jose::{
    Algorithm, Jwk, KeyRules, KeyUse, MAX_KEYS, base64url_encode, has_private_members,
};
use crate::json::{strict, without_byte_order_mark};
use crate::redact::redact;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use serde::Serialize;
use serde_json::Value;

/// A key of the issuer, and who can use it.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct CheckedKey {
    /// `kid`
    #[serde(rename = "kid")]
    pub key_id: Option<String>,
    /// `kty`
    #[serde(rename = "kty")]
    pub key_type: Option<String>,
    /// `alg`
    #[serde(rename = "alg")]
    pub algorithm: Option<String>,
    /// `use`
    #[serde(rename = "use")]
    pub key_use: Option<String>,
    /// SHA-256 thumbprint (RFC 7638) in base64url, of a key that can be read.
    pub thumbprint: Option<String>,
    /// The services that can use the key.
    pub usable_by: Vec<Service>,
    /// Why the others cannot.
    pub problems: Vec<KeyProblem>,
}

/// Why a key cannot be used.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct KeyProblem {
    /// The service that cannot use it; `None` for all of them.
    pub service: Option<Service>,
    /// A stable code; see the table in `docs/errors.md`.
    #[serde(serialize_with = "code_name")]
    pub code: Code,
    /// The end of a sentence about the key.
    pub message: String,
}

fn code_name<S: serde::Serializer>(code: &Code, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(code.name())
}

impl IssuerCheck {
    pub(super) fn check_key_set(&mut self, fetch: &Fetch, body: &[u8]) {
        let document = match strict::parse(without_byte_order_mark(body)) {
            Ok(document) => document,
            Err(error) => return self.not_json(fetch, body, error),
        };
        let Some(items) = document.get("keys").and_then(Value::as_array) else {
            return self.complain(
                fetch,
                Code::ResponseInvalid,
                "is JSON, but not an object with a list `keys`",
            );
        };
        self.reached = IssuerCheckStep::Keys;
        self.count(items);
        let mut names = BTreeMap::new();
        for name in items.iter().filter_map(key_id) {
            *names.entry(name).or_insert(0) += 1;
        }
        for item in items.iter().take(MAX_KEYS) {
            let is_repeated = key_id(item).is_some_and(|name| names.get(name) > Some(&1));
            self.keys.push(CheckedKey::new(item, is_repeated));
        }
        self.check_private_material(items);
        self.check_algorithms();
        for service in Service::ALL {
            self.check_usable(*service);
        }
    }

    fn count(&mut self, items: &[Value]) {
        for service in Service::ALL {
            let rules = service.rules();
            let Some(most) = rules.max_keys.filter(|most| items.len() > *most) else { continue };
            let of_type = |kty: &str| {
                items
                    .iter()
                    .filter(|item| item.get("kty").and_then(Value::as_str) == Some(kty))
                    .count()
            };
            let (count, what) = match service {
                Service::Aws => (of_type("RSA").max(of_type("EC")), "keys of one type"),
                _ => (items.len(), "keys"),
            };
            if count > most {
                let message = format!(
                    "the key set has {count} {what}, and {} reads the first {most}; retire old ones",
                    rules.title
                );
                self.find(IssuerCheckStep::Keys, Code::TooManyKeys, &[*service], message);
            }
        }
        if items.len() > MAX_KEYS {
            self.find(
                IssuerCheckStep::Keys,
                Code::TooManyKeys,
                Service::ALL,
                "the key set has more than 1000 keys; retire old ones",
            );
        }
    }

    fn check_private_material(&mut self, items: &[Value]) {
        let is_private = |item: &&Value| item.as_object().is_some_and(has_private_members);
        if let Some(item) = items.iter().find(is_private) {
            let message = format!(
                "{} has private or secret members, which everybody can read; retire it now and sign with a new key",
                label(key_id(item))
            );
            self.find(IssuerCheckStep::Keys, Code::KeyRejected, Service::ALL, message);
        }
    }

    /// Warns of keys whose algorithm the discovery document does not name.
    fn check_algorithms(&mut self) {
        let missing =
            self.keys.iter().filter_map(|key| key.algorithm.as_deref()).find(|algorithm| {
                !self.algorithms.is_empty()
                    && !self.algorithms.iter().any(|known| known == algorithm)
            });
        if let Some(missing) = missing {
            let message = format!(
                "the discovery document's `id_token_signing_alg_values_supported` lacks `{}`, the `alg` of a key",
                redact(missing, MAX_SHOWN)
            );
            self.find(IssuerCheckStep::Keys, Code::AlgNotAllowed, &[], message);
        }
    }

    fn check_usable(&mut self, service: Service) {
        if self.keys.iter().any(|key| key.usable_by.contains(&service)) {
            return;
        }
        let rules = service.rules();
        let (code, reason) = match self.keys.first() {
            None => (Code::KeyRejected, "the key set is empty".into()),
            Some(key) => {
                let own =
                    |problem: &&KeyProblem| problem.service.is_none_or(|other| other == service);
                let problem = key.problems.iter().find(own);
                let message = problem.map_or("", |problem| problem.message.as_str());
                let code = problem.map_or(Code::KeyRejected, |problem| problem.code);
                (code, format!("{} {message}", label(key.key_id.as_deref())))
            }
        };
        let message = format!(
            "{} can use none of the keys ({reason}); publish a key with `kid` and `use` `sig` for {}",
            rules.title,
            rules.algorithm_names()
        );
        self.find(IssuerCheckStep::Keys, code, &[service], message);
    }
}

impl CheckedKey {
    fn new(item: &Value, is_repeated: bool) -> Self {
        let text =
            |name: &str| item.get(name).and_then(Value::as_str).map(|text| redact(text, MAX_SHOWN));
        let mut checked = Self {
            key_id: text("kid"),
            key_type: text("kty"),
            algorithm: text("alg"),
            key_use: text("use"),
            thumbprint: None,
            usable_by: Vec::new(),
            problems: Vec::new(),
        };
        let jwk = match item.as_object().map(|members| Jwk::read(members, KeyRules::default())) {
            Some(Ok(jwk)) => jwk,
            Some(Err(error)) => {
                let reason = error.message.replacen("the key ", "", 1);
                return checked.with_problem(None, Code::KeyRejected, reason);
            }
            None => return checked.with_problem(None, Code::KeyRejected, "is not an object"),
        };
        checked.thumbprint = Some(base64url_encode(jwk.thumbprint()));
        let (code, reason) = if jwk.key_id().is_none_or(str::is_empty) {
            (Code::KidMissing, "has no `kid`, by which tokens name it")
        } else if is_repeated {
            (Code::AmbiguousKey, "has the same `kid` as another key")
        } else if !matches!(jwk.key_use(), KeyUse::Signature | KeyUse::Unstated) {
            (Code::KeyRejected, "has another `use` than `sig`")
        } else {
            return Service::ALL
                .iter()
                .fold(checked, |checked, service| checked.used_by(*service, &jwk));
        };
        checked.with_problem(None, code, reason)
    }

    /// Notes whether a service can use the key.
    fn used_by(mut self, service: Service, jwk: &Jwk) -> Self {
        let rules = service.rules();
        if !rules.algorithms.iter().any(|algorithm| jwk.fits(*algorithm)) {
            let own = jwk.algorithm().or_else(|| signing_algorithm(jwk.key()));
            let own = own.map_or("another algorithm", Algorithm::name);
            let reason =
                format!("is for {own}, and {} takes {}", rules.title, rules.algorithm_names());
            return self.with_problem(Some(service), Code::AlgNotAllowed, reason);
        }
        if rules.needs_use && jwk.key_use() == KeyUse::Unstated {
            let reason = format!("has no `use`, and {} needs `sig`", rules.title);
            return self.with_problem(Some(service), Code::KeyRejected, reason);
        }
        self.usable_by.push(service);
        self
    }

    fn with_problem(
        mut self,
        service: Option<Service>,
        code: Code,
        message: impl Into<String>,
    ) -> Self {
        self.problems.push(KeyProblem { service, code, message: message.into() });
        self
    }
}

fn key_id(item: &Value) -> Option<&str> {
    item.get("kid").and_then(Value::as_str)
}

fn label(key_id: Option<&str>) -> String {
    match key_id {
        Some(key_id) => format!("the key `{}`", redact(key_id, MAX_SHOWN)),
        None => "a key without `kid`".into(),
    }
}
