//! The keys of an issuer, named and ordered as they are published, and their rotation.

use crate::jose::{Algorithm, Family, Jwk, Jwks, KeyRules, MAX_KEYS, PublicKey, base64url_encode};
use crate::redact::redact;
use crate::{Code, Error};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// The longest `kid` that a message repeats, in characters.
const MAX_SHOWN: usize = 80;

/// Returns the `kid` of a key as kube-apiserver and `azwi jwks` compute it: base64url without padding of SHA-256 over
/// SubjectPublicKeyInfo in DER. `None` for ML-DSA, which they do not have.
#[must_use]
pub fn key_id(key: &PublicKey) -> Option<String> {
    key.to_spki_der().map(|der| base64url_encode(&Sha256::digest(der)))
}

/// Returns the algorithm that an issuer signs with: RS256 for RSA, otherwise the only one of the key's curve.
#[must_use]
pub fn signing_algorithm(key: &PublicKey) -> Option<Algorithm> {
    Algorithm::ALL.iter().copied().find(|algorithm| {
        key.fits(*algorithm) && !matches!(algorithm.family(), Family::MlDsa { .. })
    })
}

/// The public keys of an issuer: new ones first, then those that still verify older tokens.
#[derive(Clone, Debug, PartialEq)]
pub struct PublishedKeys(Vec<Jwk>);

impl PublishedKeys {
    /// Names the keys and keeps their order. A key that is given twice is published once.
    ///
    /// # Errors
    /// `key_rejected` when a key may not be used.
    pub fn new(keys: &[PublicKey]) -> Result<Self, Error> {
        let mut published = Self(Vec::new());
        for key in keys {
            let jwk = Jwk::new(key, key_id(key).as_deref(), signing_algorithm(key))?;
            published.append(jwk)?;
        }
        Ok(published)
    }

    /// Adds the keys of a published document behind these, except those that are retired, whose names are returned. Tokens
    /// that the added keys signed stay valid. A key that is there already keeps its place.
    ///
    /// # Errors
    /// `malformed` or `too_large` for the document. `key_rejected` for a key that may not be used, until it is retired.
    /// `ambiguous_key` when another key has the same `kid`.
    pub fn keep(&mut self, document: &[u8], retired: &[String]) -> Result<Vec<String>, Error> {
        let document = Jwks::document(document)?;
        let Some(items) = document.get("keys").and_then(Value::as_array) else {
            return Err(Error::new(
                Code::Malformed,
                "the published key set is not an object with a list `keys`",
            ));
        };
        let mut left_out = Vec::new();
        for item in items {
            let name = item.get("kid").and_then(Value::as_str);
            if let Some(name) = retired.iter().find(|retired| Some(retired.as_str()) == name) {
                left_out.push(name.clone());
                continue;
            }
            let members = item.as_object().ok_or_else(|| {
                Error::new(Code::Malformed, "an item of the published key set is not an object")
            })?;
            let jwk = Jwk::read(members, KeyRules::default()).map_err(|mut error| {
                let name = redact(name.unwrap_or_default(), MAX_SHOWN);
                error.message = format!("the published key `{name}`: {}", error.message);
                error.with_hint("retire the key, or repair the published document")
            })?;
            self.append(jwk)?;
        }
        Ok(left_out)
    }

    fn append(&mut self, key: Jwk) -> Result<(), Error> {
        let same_name = |other: &&Jwk| key.key_id().is_some() && other.key_id() == key.key_id();
        match self.0.iter().find(same_name) {
            Some(other) if other.key() == key.key() => return Ok(()),
            Some(_) => {
                let name = redact(key.key_id().unwrap_or_default(), MAX_SHOWN);
                return Err(Error::new(
                    Code::AmbiguousKey,
                    format!(
                        "two keys have the `kid` `{name}`; retire it, so that the new one is published alone"
                    ),
                ));
            }
            None => {}
        }
        if self.0.len() == MAX_KEYS {
            return Err(Error::new(Code::TooLarge, "more than 1000 keys; retire some"));
        }
        self.0.push(key);
        Ok(())
    }

    /// The keys in their order.
    #[must_use]
    pub fn keys(&self) -> &[Jwk] {
        &self.0
    }

    /// The algorithms of the keys, each once, in the order of the keys. A key of another's document can lack `alg`.
    #[must_use]
    pub fn algorithms(&self) -> Vec<Algorithm> {
        let mut algorithms = Vec::new();
        for key in &self.0 {
            let algorithm = key.algorithm().or_else(|| signing_algorithm(key.key()));
            algorithms.extend(algorithm.filter(|algorithm| !algorithms.contains(algorithm)));
        }
        algorithms
    }

    /// The JWK Set (RFC 7517, section 5) as JSON.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Keys always have a JSON form.
        serde_json::to_string_pretty(&Jwks::from_keys(self.0.clone())).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString as _;
    use serde_json::json;

    /// Public keys with the `kid` that others publish them under: the example in azwi's reference of `azwi jwks`, the key
    /// of the test of that command, and keys whose names were computed with Go's `x509.MarshalPKIXPublicKey`, as
    /// kube-apiserver does.
    const PUBLISHED: &str = include_str!("../../../tests/vectors/published-keys.json");

    fn vectors() -> Vec<(Jwk, String)> {
        let vectors: Value = serde_json::from_str(PUBLISHED).unwrap();
        let read = |vector: &Value| {
            let key = Jwk::parse(vector["jwk"].to_string().as_bytes()).unwrap();
            (key, vector["jwk"]["kid"].as_str().unwrap().to_string())
        };
        vectors["keys"].as_array().unwrap().iter().map(read).collect()
    }

    #[test]
    fn keys_have_the_names_that_others_publish() {
        let vectors = vectors();
        assert!(vectors.len() >= 5);
        for (key, name) in &vectors {
            assert_eq!(key_id(key.key()).as_ref(), Some(name));
            let published = PublishedKeys::new(&[key.key().clone()]).unwrap();
            let document: Value = serde_json::from_str(&published.to_json()).unwrap();
            let vector: Value = serde_json::from_str(&key.to_json()).unwrap();
            assert_eq!(document, json!({ "keys": [vector] }));
        }
    }

    fn keys(range: core::ops::Range<usize>) -> Vec<PublicKey> {
        vectors()[range].iter().map(|(key, _)| key.key().clone()).collect()
    }

    fn names(keys: &PublishedKeys) -> Vec<&str> {
        keys.keys().iter().map(|key| key.key_id().unwrap()).collect()
    }

    #[test]
    fn new_keys_come_first_and_older_ones_stay_until_they_are_retired() {
        let names_of: Vec<String> = vectors().into_iter().map(|(_, name)| name).collect();
        let old = PublishedKeys::new(&keys(0..2)).unwrap();
        let mut new = PublishedKeys::new(&keys(2..3)).unwrap();
        new.keep(old.to_json().as_bytes(), &[]).unwrap();
        assert_eq!(names(&new), [&names_of[2], &names_of[0], &names_of[1]]);
        // A second run changes nothing.
        let mut again = PublishedKeys::new(&keys(2..3)).unwrap();
        again.keep(new.to_json().as_bytes(), &[]).unwrap();
        assert_eq!(again, new);
        let mut last = PublishedKeys::new(&[]).unwrap();
        last.keep(new.to_json().as_bytes(), &names_of[0..2]).unwrap();
        assert_eq!(names(&last), [&names_of[2]]);
    }

    #[test]
    fn a_key_given_twice_is_published_once() {
        let twice = [keys(0..2), keys(0..2)].concat();
        let published = PublishedKeys::new(&twice).unwrap();
        assert_eq!(published.keys().len(), 2);
        assert_eq!(published.algorithms().len(), 1);
        assert_eq!(PublishedKeys::new(&keys(0..5)).unwrap().algorithms()[0], Algorithm::Rs256);
    }

    #[test]
    fn private_members_of_a_published_document_are_not_passed_on() {
        let (key, name) = vectors().remove(0);
        let mut leaked: Value = serde_json::from_str(&key.to_json()).unwrap();
        leaked["d"] = json!("Y2FuYXJ5");
        let document = json!({ "keys": [leaked] }).to_string();
        let mut published = PublishedKeys::new(&keys(1..2)).unwrap();
        let error = published.keep(document.as_bytes(), &[]).unwrap_err();
        assert_eq!(error.code, Code::KeyRejected);
        assert!(error.message.contains(&name) && !error.message.contains("Y2FuYXJ5"));
        let retired = [name];
        assert_eq!(published.keep(document.as_bytes(), &retired), Ok(retired.into()));
        assert!(!published.to_json().contains("Y2FuYXJ5"));
    }

    #[test]
    fn wrong_documents_are_refused() {
        let (_, name) = vectors().remove(0);
        let other: Value = serde_json::from_str(&vectors()[1].0.to_json()).unwrap();
        let mut same_name = other;
        same_name["kid"] = json!(name);
        for (document, code) in [
            (json!({ "keys": [same_name] }), Code::AmbiguousKey),
            (json!({ "keys": [{ "kty": "oct", "k": "AA" }] }), Code::KeyRejected),
            (json!({ "keys": ["x"] }), Code::Malformed),
            (json!({ "keys": {} }), Code::Malformed),
            (json!([]), Code::Malformed),
        ] {
            let mut published = PublishedKeys::new(&keys(0..1)).unwrap();
            let error = published.keep(document.to_string().as_bytes(), &[]).unwrap_err();
            assert_eq!(error.code, code, "{document}");
        }
    }
}
