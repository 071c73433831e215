//! What becomes of a key set that arrived: the same one as before, a new one, or none that may be used.

use super::discovery;
use super::freshness;
use super::holding::Holding;
use super::settings::{EmptySet, KeySourceSettings};
use super::snapshot::Snapshot;
use super::source::KeySource;
use crate::Timestamp;
use crate::concat::concat;
use crate::crypto::{KeySet, Provider};
use crate::digest::sha256;
use crate::entropy::Entropy;
use crate::http::{Headers, HttpResponse};
use crate::jose::Jwks;
use alloc::string::{String, ToString};

/// Longest version name (`ETag`) that is kept.
const MAX_ETAG: usize = 256;
/// Clocks of those who write and load a snapshot may differ by this much.
const SKEW_MS: i64 = 300_000;

impl KeySource {
    /// Takes a document in, or the word that it has not changed, or says why not.
    pub(super) fn received(
        &mut self,
        response: &HttpResponse,
        asked_at: i64,
        provider: &dyn Provider,
        entropy: &mut Entropy,
    ) -> Result<(), String> {
        let Some(settings) = &self.settings else { return Ok(()) };
        let body = response.body.as_slice();
        let stated = freshness::max_age_ms(&response.headers);
        let unchanged = response.status == 304;
        let digest = sha256(&[body]);
        let etag = version(&response.headers);
        let jwks_uri = self.fetch.as_ref().map(|fetch| fetch.jwks_uri.clone());
        if let Some(current) = &mut self.current
            && (unchanged || current.digest == digest)
        {
            let mut max_age = stated;
            if settings.refresh_hint || (unchanged && stated == 0) {
                max_age = current.max_age_ms;
            }
            if !unchanged {
                current.etag = etag;
                current.jwks_uri = jwks_uri;
            }
            current.date(asked_at, max_age, settings, entropy);
            return Ok(());
        }
        let read = Jwks::document(body).and_then(|document| {
            let max_age =
                if settings.refresh_hint { freshness::hint_ms(&document) } else { stated };
            Ok((Jwks::read(&document, settings.rules)?, max_age))
        });
        let (jwks, max_age) =
            read.map_err(|error| concat(&[&error.message, discovery::looks_like(body)]))?;
        let mut holding = Holding::new(KeySet::import(jwks, provider), etag, jwks_uri, digest);
        holding.date(asked_at, max_age, settings, entropy);
        if self.keeps_last(settings, &holding) {
            return Err("the key set holds no usable key; the last one with keys stays".to_string());
        }
        self.install(holding);
        Ok(())
    }

    /// Whether a set without keys is a mistake beside the one at hand.
    fn keeps_last(&self, settings: &KeySourceSettings, holding: &Holding) -> bool {
        settings.empty_set == EmptySet::KeepLast
            && !holding.has_keys()
            && self.current.as_ref().is_some_and(Holding::has_keys)
    }

    /// What is held, to be loaded elsewhere; `None` when there is nothing, or nothing that may still be used.
    #[must_use]
    pub fn snapshot(&self, now: Timestamp) -> Option<Snapshot> {
        let settings = self.settings.as_ref()?;
        let current = self.usable(self.clock.read(now))?;
        let jwks = current.set.jwks();
        // Another provider may have use for a key that is left out: it must see the whole document again.
        let whole = jwks.unusable().is_empty();
        Some(Snapshot {
            issuer: settings.issuer.clone(),
            address: settings.place.url().to_string(),
            fetched_at: self.clock.outside(current.fetched_at, now),
            max_age_ms: (current.max_age_ms > 0).then_some(current.max_age_ms),
            etag: current.etag.clone().filter(|_| whole),
            jwks_uri: current.jwks_uri.clone(),
            jwks: Jwks::from_keys(jwks.keys().to_vec()),
        })
    }

    /// Takes a snapshot in if it is of this issuer and address, newer than what is held, and not too old. A fetch under way
    /// ends: its answer could speak of the set that was held before.
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
        let newer = |held: &Holding| held.fetched_at < fetched_at;
        if !own
            || !(-SKEW_MS..settings.hard_ms).contains(&age)
            || !self.current.as_ref().is_none_or(newer)
        {
            return false;
        }
        let mut holding = Holding::new(
            KeySet::import(snapshot.jwks.clone(), provider),
            snapshot.etag.as_deref().filter(|etag| is_version(etag)).map(String::from),
            snapshot.jwks_uri.clone(),
            [0; 32],
        );
        let max_age = snapshot.max_age_ms.map_or(0, freshness::bounded_ms);
        holding.date(fetched_at, max_age, settings, entropy);
        if self.keeps_last(settings, &holding) {
            return false;
        }
        self.abandon();
        self.install(holding);
        true
    }
}

fn version(headers: &Headers) -> Option<String> {
    headers.first("etag").map(str::trim_ascii).filter(|etag| is_version(etag)).map(String::from)
}

/// `entity-tag` (RFC 9110, section 8.8.3): it is sent back in a header.
fn is_version(etag: &str) -> bool {
    let quoted = etag.strip_prefix("W/").unwrap_or(etag);
    let opaque = quoted.strip_prefix("\"").and_then(|rest| rest.strip_suffix("\""));
    let sound = |byte: u8| byte.is_ascii_graphic() && byte != b'"';
    etag.len() <= MAX_ETAG && opaque.is_some_and(|opaque| opaque.bytes().all(sound))
}
