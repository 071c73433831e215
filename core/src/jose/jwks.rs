//! A set of keys (RFC 7517, section 5) and the choice of the one that a token means.

use super::{Algorithm, Jwk};
use crate::json::{self, Json, Object};
use crate::{Code, Error};
use alloc::string::String;
use alloc::vec::Vec;

/// Largest document.
pub const MAX_SET_BYTES: usize = 1024 * 1024;
/// Most keys in a set.
pub const MAX_KEYS: usize = 1000;

/// A key that may not be used, and why. One bad key does not spoil the set.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct UnusableKey {
    /// `kid`, if it is a string.
    pub key_id: Option<String>,
    /// `key_rejected` with the reason.
    pub error: Error,
}

/// A set of public keys.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Jwks {
    keys: Vec<Jwk>,
    unusable: Vec<UnusableKey>,
}

impl Jwks {
    /// Reads a key set document.
    ///
    /// # Errors
    /// `too_large`, or `malformed` when it is not a JSON object with a list `keys` of objects, duplicate
    /// members included. Keys that may not be used are kept aside.
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        if bytes.len() > MAX_SET_BYTES {
            return Err(Error::new(Code::TooLarge, "the key set is larger than 1 MiB"));
        }
        let document = json::parse(bytes).map_err(|fault| {
            Error::new(Code::Malformed, alloc::format!("the key set is refused: {fault}"))
        })?;
        let items = document.member("keys").and_then(Json::as_list).ok_or_else(|| {
            Error::new(Code::Malformed, "the key set is not an object with a list `keys`")
        })?;
        if items.len() > MAX_KEYS {
            return Err(Error::new(Code::TooLarge, "the key set has more than 1000 keys"));
        }
        let mut set = Self::default();
        for item in items {
            let members = item.as_object().ok_or_else(|| {
                Error::new(Code::Malformed, "the key set has an item that is not an object")
            })?;
            set.add(members);
        }
        Ok(set)
    }

    /// A set of keys that are already checked.
    #[must_use]
    pub fn from_keys(keys: Vec<Jwk>) -> Self {
        Self { keys, unusable: Vec::new() }
    }

    fn add(&mut self, members: &Object) {
        match Jwk::read(members) {
            Ok(key) => self.keys.push(key),
            Err(error) => self.unusable.push(UnusableKey {
                key_id: members.get("kid").and_then(Json::as_text).map(String::from),
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
        let unusable = &mut self.unusable;
        self.keys.retain(|key| match prepare(key) {
            Ok(ready) => {
                prepared.push(ready);
                true
            }
            Err(error) => {
                let key_id = key.key_id().map(String::from);
                unusable.push(UnusableKey { key_id, error });
                false
            }
        });
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
        json::object(|o| {
            o.objects("keys", &self.keys, Jwk::write);
        })
    }

    /// The one key that a token with this algorithm and `kid` means (RFC 7515, section 6).
    ///
    /// With a `kid` only keys of that `kid` count; without one, every key that fits does.
    ///
    /// # Errors
    /// `no_matching_key`, `kid_missing` (several fit a token without `kid`), `ambiguous_key` (several fit
    /// and share the `kid`) or `key_rejected` (the key of that `kid` may not be used for this).
    pub fn select(&self, algorithm: Algorithm, key_id: Option<&str>) -> Result<&Jwk, Error> {
        let named = |key: &&Jwk| key_id.is_none() || key.key_id() == key_id;
        let mut fitting = self.keys.iter().filter(named).filter(|key| key.fits(algorithm));
        match (fitting.next(), fitting.next()) {
            (Some(key), None) => Ok(key),
            (Some(_), Some(_)) if key_id.is_none() => Err(Error::new(
                Code::KidMissing,
                "the token names no key (`kid`) and several keys of the set fit",
            )),
            (Some(_), Some(_)) => Err(Error::new(
                Code::AmbiguousKey,
                "several keys of the set have the token's `kid` and fit its algorithm",
            )),
            (None, _) => Err(self.explain_absence(key_id)),
        }
    }

    fn explain_absence(&self, key_id: Option<&str>) -> Error {
        if key_id.is_some() {
            if let Some(key) = self.unusable.iter().find(|key| key.key_id.as_deref() == key_id) {
                return key.error.clone();
            }
            if self.keys.iter().any(|key| key.key_id() == key_id) {
                return Error::new(
                    Code::KeyRejected,
                    "the key that the token names is for another algorithm",
                );
            }
        }
        Error::new(Code::NoMatchingKey, "the key set holds no key that fits the token")
    }
}

#[cfg(test)]
mod tests;
