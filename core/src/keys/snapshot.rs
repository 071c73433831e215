//! A fetched key set in JSON, for hosts that start without a network: edge isolates, command lines.
//!
//! The keys are public, but a snapshot decides whose tokens are accepted. Load only snapshots from a trusted place.

use crate::jose::{Jwks, KeyRules};
use crate::{Code, Error, Timestamp};
use alloc::format;
use alloc::string::String;
use serde::{Serialize, Serializer};
use serde_json::Value;

/// A key set that a source had fetched.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Snapshot {
    /// The issuer of the keys.
    pub issuer: String,
    /// The configured address: of the discovery document or of the key set.
    pub address: String,
    /// When the keys were requested.
    #[serde(serialize_with = "millis")]
    pub fetched_at: Timestamp,
    /// `max-age` of the response, within the bounds of this crate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_age_ms: Option<i64>,
    /// `ETag` of the document at [`Self::jwks_uri`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// The address of the document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwks_uri: Option<String>,
    /// The usable keys.
    pub jwks: Jwks,
}

const NAMES: [&str; 7] =
    ["issuer", "address", "fetched_at", "max_age_ms", "etag", "jwks_uri", "jwks"];

impl Snapshot {
    /// Reads the JSON form. Unknown members are refused; keys that break the rules are left out.
    ///
    /// # Errors
    /// `malformed` names the member that is wrong.
    pub fn read(document: &Value, rules: KeyRules) -> Result<Self, Error> {
        let Some(members) = document.as_object() else {
            return Err(Error::new(Code::Malformed, "a key set in a snapshot is not an object"));
        };
        if !members.keys().all(|name| NAMES.contains(&name.as_str())) {
            return Err(Error::new(Code::Malformed, "the snapshot has an unknown member"));
        }
        let wrong = |name: &str| {
            Error::new(Code::Malformed, format!("the snapshot's `{name}` is missing or wrong"))
        };
        let text = |name: &str| match members.get(name) {
            None => Ok(None),
            Some(value) => value.as_str().map(|text| Some(text.into())).ok_or_else(|| wrong(name)),
        };
        let millis = |name: &str| match members.get(name) {
            None => Ok(None),
            Some(value) => {
                value.as_i64().filter(|ms| *ms >= 0).map(Some).ok_or_else(|| wrong(name))
            }
        };
        Ok(Self {
            issuer: text("issuer")?.ok_or_else(|| wrong("issuer"))?,
            address: text("address")?.ok_or_else(|| wrong("address"))?,
            fetched_at: millis("fetched_at")?
                .map(Timestamp::from_millis)
                .ok_or_else(|| wrong("fetched_at"))?,
            max_age_ms: millis("max_age_ms")?,
            etag: text("etag")?,
            jwks_uri: text("jwks_uri")?,
            jwks: members
                .get("jwks")
                .and_then(|document| Jwks::read(document, rules).ok())
                .ok_or_else(|| wrong("jwks"))?
                .without_unusable(),
        })
    }
}

fn millis<S: Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_i64(at.millis())
}
