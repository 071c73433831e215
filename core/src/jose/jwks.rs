//! JWK Sets (RFC 7517, section 5) and the selection of the key that a token names.

use super::{Algorithm, Jwk, KeyRules, KeyUse, MAX_KEY_ID_BYTES};
use crate::json::{strict, without_byte_order_mark};
use crate::{Code, Error};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use serde::Serialize;
use serde_json::Value;

/// Largest document.
pub const MAX_SET_BYTES: usize = 1024 * 1024;
/// Most keys in a set.
pub const MAX_KEYS: usize = 1000;

/// A key that may not be used, and why. The other keys of the set are not affected.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct UnusableKey {
    /// `kid`, if it is a string of a sound length.
    pub key_id: Option<String>,
    /// `key_rejected` with the reason.
    pub error: Error,
}

/// How a token names its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeySelector<'a> {
    /// The token names no key.
    Any,
    /// `kid`
    KeyId(&'a str),
    /// `x5t`, the SHA-1 thumbprint of a certificate; for tokens without `kid`.
    X5t(&'a str),
}

impl<'a> From<Option<&'a str>> for KeySelector<'a> {
    fn from(key_id: Option<&'a str>) -> Self {
        key_id.map_or(Self::Any, Self::KeyId)
    }
}

/// A set of public keys.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Jwks {
    keys: Vec<Jwk>,
    #[serde(skip)]
    unusable: Vec<UnusableKey>,
}

impl Jwks {
    /// Reads a key set document.
    ///
    /// # Errors
    /// `too_large`, or `malformed` when it is not a JSON object with a list `keys`, duplicate members included. Keys
    /// that may not be used are kept aside.
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        Self::parse_with(bytes, KeyRules::default())
    }

    /// Reads a key set document under other rules.
    ///
    /// # Errors
    /// As for [`Jwks::parse`].
    pub fn parse_with(bytes: &[u8], rules: KeyRules) -> Result<Self, Error> {
        Self::read(&Self::document(bytes)?, rules)
    }

    /// The document that a key set is, perhaps behind a byte order mark.
    pub(crate) fn document(bytes: &[u8]) -> Result<Value, Error> {
        if bytes.len() > MAX_SET_BYTES {
            return Err(Error::new(Code::TooLarge, "the key set is larger than 1 MiB"));
        }
        strict::parse(without_byte_order_mark(bytes)).map_err(|fault| {
            Error::new(Code::Malformed, format!("the key set is refused: {fault}"))
        })
    }

    /// Reads a key set that is part of a document.
    ///
    /// # Errors
    /// As for [`Jwks::parse`].
    pub fn read(document: &Value, rules: KeyRules) -> Result<Self, Error> {
        let items = document.get("keys").and_then(Value::as_array).ok_or_else(|| {
            Error::new(Code::Malformed, "the key set is not an object with a list `keys`")
        })?;
        if items.len() > MAX_KEYS {
            return Err(Error::new(Code::TooLarge, "the key set has more than 1000 keys"));
        }
        let mut set = Self::default();
        for item in items {
            set.add(item, rules);
        }
        Ok(set)
    }

    /// A set of keys that are already checked.
    #[must_use]
    pub fn from_keys(keys: Vec<Jwk>) -> Self {
        Self { keys, unusable: Vec::new() }
    }

    /// The set without those that may not be used.
    pub(crate) fn without_unusable(mut self) -> Self {
        self.unusable.clear();
        self
    }

    fn add(&mut self, item: &Value, rules: KeyRules) {
        let key = item
            .as_object()
            .ok_or_else(|| Error::new(Code::KeyRejected, "an item of the key set is not an object"))
            .and_then(|members| Jwk::read(members, rules));
        match key {
            Ok(key) => self.keys.push(key),
            Err(error) => self.unusable.push(UnusableKey {
                key_id: item
                    .get("kid")
                    .and_then(Value::as_str)
                    .filter(|key_id| key_id.len() <= MAX_KEY_ID_BYTES)
                    .map(String::from),
                error,
            }),
        }
    }

    /// Keeps the keys that can be prepared and returns what was made of them, in their order.
    pub(crate) fn keep_prepared<T>(
        &mut self,
        mut prepare: impl FnMut(&Jwk) -> Result<T, Error>,
    ) -> Vec<T> {
        let mut prepared = Vec::with_capacity(self.keys.len());
        while let Some(key) = self.keys.get(prepared.len()) {
            match prepare(key) {
                Ok(ready) => prepared.push(ready),
                Err(error) => {
                    let key_id = self.keys.remove(prepared.len()).into_key_id();
                    self.unusable.push(UnusableKey { key_id, error });
                }
            }
        }
        prepared
    }

    /// The keys that may be used, in the order of the document.
    #[must_use]
    pub fn keys(&self) -> &[Jwk] {
        &self.keys
    }

    /// The keys that may not be used.
    #[must_use]
    pub fn unusable(&self) -> &[UnusableKey] {
        &self.unusable
    }

    /// The document of the keys that may be used.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Returns the index of the one key that a token with this algorithm names (RFC 7515, section 6), among the keys for one
    /// of `uses`. Without a name every key that fits counts. A key that is listed twice under one name is one key.
    ///
    /// # Errors
    /// `no_matching_key`, `kid_missing` (several keys fit a token that names none), `ambiguous_key` (different keys with
    /// the name fit) or `key_rejected` (the key of that `kid` may not be used for this).
    pub fn find<'a>(
        &self,
        algorithm: Algorithm,
        selector: impl Into<KeySelector<'a>>,
        uses: &[KeyUse],
    ) -> Result<usize, Error> {
        let selector = selector.into();
        let mut found: Option<usize> = None;
        for (index, key) in self.keys.iter().enumerate() {
            let is_named = match selector {
                KeySelector::Any => true,
                KeySelector::KeyId(key_id) => key.key_id() == Some(key_id),
                KeySelector::X5t(x5t) => key.x5t() == Some(x5t),
            };
            if !is_named || !key.fits(algorithm) || !uses.contains(&key.key_use()) {
                continue;
            }
            if let Some(earlier) = found {
                // Some issuers list a key twice.
                if self.keys.get(earlier).is_some_and(|earlier| earlier.is_same_as(key)) {
                    continue;
                }
                return Err(match selector {
                    KeySelector::Any => Error::new(
                        Code::KidMissing,
                        "the token names no key (`kid`) and several keys of the set fit",
                    ),
                    _ => Error::new(
                        Code::AmbiguousKey,
                        "several keys of the set have the token's name for its key and fit its algorithm",
                    ),
                });
            }
            found = Some(index);
        }
        found.ok_or_else(|| match selector {
            KeySelector::KeyId(key_id) => self.explain_absence(key_id, uses),
            _ => no_matching_key(),
        })
    }

    fn explain_absence(&self, key_id: &str, uses: &[KeyUse]) -> Error {
        if let Some(key) = self.unusable.iter().find(|key| key.key_id.as_deref() == Some(key_id)) {
            return key.error.clone();
        }
        match self.keys.iter().find(|key| key.key_id() == Some(key_id)) {
            None => no_matching_key(),
            Some(key) if !uses.contains(&key.key_use()) => {
                Error::new(Code::KeyRejected, "the key that the token names is for another use")
            }
            Some(_) => Error::new(
                Code::KeyRejected,
                "the key that the token names is for another algorithm",
            ),
        }
    }
}

fn no_matching_key() -> Error {
    Error::new(Code::NoMatchingKey, "the key set holds no key that fits the token")
}

#[cfg(test)]
mod tests;
