//! A key set as text, to be kept and loaded elsewhere: an edge isolate that starts, a host without a network.
//!
//! Public data, but whoever may write it decides whose tokens are accepted: load only what you wrote.

use crate::jose::{Jwk, Jwks, KeyRules, MAX_KEYS};
use crate::json::{Json, Members};
use crate::{Code, Error, Timestamp};
use alloc::string::{String, ToString};

/// What a source had fetched.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    /// Whose keys.
    pub issuer: String,
    /// The configured address: of the discovery document or of the key set.
    pub address: String,
    /// When they were asked for.
    pub fetched_at: Timestamp,
    /// What the server said of their life, within our bounds.
    pub max_age_ms: Option<i64>,
    /// The version of the document, at [`Self::jwks_uri`].
    pub etag: Option<String>,
    /// Where the document was.
    pub jwks_uri: Option<String>,
    /// The usable keys, a JWK Set.
    pub jwks: Jwks,
}

impl Snapshot {
    /// Writes the members of its JSON form.
    pub fn write(&self, o: &mut Members<'_>) {
        o.text("issuer", &self.issuer)
            .text("address", &self.address)
            .integer("fetched_at", self.fetched_at.millis())
            .integer_if("max_age_ms", self.max_age_ms)
            .text_if("etag", self.etag.as_deref())
            .text_if("jwks_uri", self.jwks_uri.as_deref())
            .raw("jwks", &self.jwks.to_json());
    }

    /// Reads its JSON form; unknown members are refused, keys that break the rules are left out.
    ///
    /// # Errors
    /// `malformed` says which member is wrong.
    pub fn read(document: &Json, rules: KeyRules) -> Result<Self, Error> {
        let wrong = |name: &str| {
            Error::of(Code::Malformed, &["the snapshot's `", name, "` is missing or wrong"])
        };
        let members = document.as_object().ok_or_else(|| {
            Error::new(Code::Malformed, "a key set in a snapshot is not an object")
        })?;
        let known = ["issuer", "address", "fetched_at", "max_age_ms", "etag", "jwks_uri", "jwks"];
        if members.keys().any(|name| !known.contains(&name.as_str())) {
            return Err(Error::new(Code::Malformed, "the snapshot has an unknown member"));
        }
        let text = |name: &str| match members.get(name) {
            None => Ok(None),
            Some(Json::Text(text)) => Ok(Some(text.to_string())),
            Some(_) => Err(wrong(name)),
        };
        let needed = |name: &str| text(name)?.ok_or_else(|| wrong(name));
        let integer = |name: &str| match members.get(name) {
            None => Ok(None),
            Some(Json::Integer(value)) if *value >= 0 => Ok(Some(*value)),
            Some(_) => Err(wrong(name)),
        };
        Ok(Self {
            issuer: needed("issuer")?,
            address: needed("address")?,
            fetched_at: integer("fetched_at")?
                .map(Timestamp::from_millis)
                .ok_or_else(|| wrong("fetched_at"))?,
            max_age_ms: integer("max_age_ms")?,
            etag: text("etag")?,
            jwks_uri: text("jwks_uri")?,
            jwks: members
                .get("jwks")
                .and_then(|document| keys(document, rules))
                .ok_or_else(|| wrong("jwks"))?,
        })
    }
}

fn keys(document: &Json, rules: KeyRules) -> Option<Jwks> {
    let items = document.member("keys")?.as_list().filter(|items| items.len() <= MAX_KEYS)?;
    let readable = |item: &Json| Jwk::read(item.as_object()?, rules).ok();
    Some(Jwks::from_keys(items.iter().filter_map(readable).collect()))
}
