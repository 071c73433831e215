//! A key set as text, to be kept and loaded elsewhere: an edge isolate that starts, a host without a network.
//!
//! Public data, but whoever may write it decides whose tokens are accepted: load only what you wrote.

use crate::jose::{Jwks, KeyRules};
use crate::json::{Json, Members, Object, text_of};
use crate::{Code, Error, Timestamp};
use alloc::string::String;

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
            .string_if("etag", &self.etag)
            .string_if("jwks_uri", &self.jwks_uri)
            .raw("jwks", &self.jwks.to_json());
    }

    /// Reads its JSON form; unknown members are refused, keys that break the rules are left out.
    ///
    /// # Errors
    /// `malformed` says which member is wrong.
    pub fn read(document: &Json, rules: KeyRules) -> Result<Self, Error> {
        let Some(members) = document.as_object() else {
            return Err(Error::new(Code::Malformed, "a key set in a snapshot is not an object"));
        };
        let known = NAMES.iter().filter(|name| members.contains_key(**name)).count();
        if known != members.len() {
            return Err(Error::new(Code::Malformed, "the snapshot has an unknown member"));
        }
        let mut reader = Reader { members, wrong: None };
        let snapshot = Self {
            issuer: reader.text("issuer", true).unwrap_or_default(),
            address: reader.text("address", true).unwrap_or_default(),
            fetched_at: Timestamp::from_millis(
                reader.integer("fetched_at", true).unwrap_or_default(),
            ),
            max_age_ms: reader.integer("max_age_ms", false),
            etag: reader.text("etag", false),
            jwks_uri: reader.text("jwks_uri", false),
            jwks: reader.keys("jwks", rules),
        };
        match reader.wrong {
            None => Ok(snapshot),
            Some(name) => Err(Error::of(
                Code::Malformed,
                &["the snapshot's `", name, "` is missing or wrong"],
            )),
        }
    }
}

const NAMES: [&str; 7] =
    ["issuer", "address", "fetched_at", "max_age_ms", "etag", "jwks_uri", "jwks"];

/// Reads members, and keeps the name of the first that is wrong.
struct Reader<'a> {
    members: &'a Object,
    wrong: Option<&'static str>,
}

impl Reader<'_> {
    /// Notes that a member is wrong, unless it is absent and may be.
    fn note(&mut self, name: &'static str, needed: bool) {
        if needed || self.members.contains_key(name) {
            self.wrong = self.wrong.or(Some(name));
        }
    }

    fn text(&mut self, name: &'static str, needed: bool) -> Option<String> {
        let text = text_of(self.members, name).map(String::from);
        if text.is_none() {
            self.note(name, needed);
        }
        text
    }

    fn integer(&mut self, name: &'static str, needed: bool) -> Option<i64> {
        let value = self.members.get(name).and_then(Json::as_integer).filter(|value| *value >= 0);
        if value.is_none() {
            self.note(name, needed);
        }
        value
    }

    fn keys(&mut self, name: &'static str, rules: KeyRules) -> Jwks {
        let set = self.members.get(name).and_then(|document| Jwks::read(document, rules).ok());
        if set.is_none() {
            self.note(name, true);
        }
        set.unwrap_or_default().without_unusable()
    }
}
