//! A fetched key set in JSON, for hosts that start without a network: edge isolates, command lines.
//!
//! The keys are public, but a snapshot decides whose tokens are accepted. Load only snapshots from a trusted place.

use super::freshness;
use super::key_set_cache::{CachedKeySet, is_etag};
use super::source::KeySource;
use crate::crypto::{KeySet, Provider};
use crate::entropy::Entropy;
use crate::jose::{Jwks, KeyRules};
use crate::{Code, Error, Timestamp};
use alloc::format;
use alloc::string::{String, ToString};
use serde::{Serialize, Serializer};
use serde_json::Value;

/// Clocks of the hosts that write and load a snapshot may differ by this much.
const SKEW_MS: i64 = 300_000;

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

impl KeySource {
    /// Returns the current key set for another host to load; `None` when there is none that may still be used.
    #[must_use]
    pub fn snapshot(&self, now: Timestamp) -> Option<Snapshot> {
        let settings = self.settings.as_ref()?;
        let current = self.usable(self.clock.read(now))?;
        let jwks = current.set.jwks();
        // Without the ETag the other host fetches the whole document again: its provider may support the keys left out.
        let whole = jwks.unusable().is_empty();
        Some(Snapshot {
            issuer: settings.issuer.clone(),
            address: settings.place.url().to_string(),
            fetched_at: self.clock.to_host(current.fetched_at, now),
            max_age_ms: (current.max_age_ms > 0).then_some(current.max_age_ms),
            etag: current.etag.clone().filter(|_| whole),
            jwks_uri: current.jwks_uri.clone(),
            jwks: Jwks::from_keys(jwks.keys().to_vec()),
        })
    }

    /// Loads a snapshot if it is of this issuer and address, newer than the current set, and not too old. A fetch under way
    /// ends, because its response could refer to the set before.
    pub fn load(
        &mut self,
        snapshot: &Snapshot,
        provider: &dyn Provider,
        now: Timestamp,
        entropy: &mut Entropy,
    ) -> bool {
        let at = self.clock.tick(now);
        let Some(settings) = &self.settings else { return false };
        let own = snapshot.issuer == settings.issuer && snapshot.address == settings.place.url();
        let age = now.since(snapshot.fetched_at);
        let fetched_at = at - age.max(0);
        let newer = |held: &CachedKeySet| held.fetched_at < fetched_at;
        if !own
            || !(-SKEW_MS..settings.hard_ms).contains(&age)
            || !self.current.as_ref().is_none_or(newer)
        {
            return false;
        }
        let mut cached = CachedKeySet::new(
            KeySet::import(snapshot.jwks.clone(), provider),
            snapshot.etag.as_deref().filter(|etag| is_etag(etag)).map(String::from),
            snapshot.jwks_uri.clone(),
            [0; 32],
        );
        let max_age = snapshot.max_age_ms.map_or(0, freshness::bounded_ms);
        cached.date(fetched_at, max_age, settings, entropy);
        if self.keeps_last(settings, &cached) {
            return false;
        }
        self.abandon();
        self.install(cached);
        true
    }
}

fn millis<S: Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_i64(at.millis())
}
