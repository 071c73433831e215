//! The key sets that a source has fetched, with their age. Instants are those of the source's clock (`monotonic.rs`).

use super::settings::KeySourceSettings;
use crate::Timestamp;
use crate::crypto::KeySet;
use crate::entropy::Entropy;
use alloc::string::String;
use alloc::sync::Arc;

/// Longest version name (`ETag`) that is kept.
const MAX_ETAG: usize = 256;
/// `spiffe_refresh_hint` when a set came without one.
const HINT_MS: i64 = 300_000;

/// A key set that was fetched, or given directly.
#[derive(Clone, Debug)]
pub(super) struct CachedKeySet {
    pub(super) set: Arc<KeySet>,
    /// When it was asked for, so that an age is never understated.
    pub(super) fetched_at: i64,
    /// When it is to be refreshed; drawn once per set, so that many hosts do not ask at the same moment.
    pub(super) soft_at: i64,
    /// The lifetime that the server stated, within the bounds; 0 for none.
    pub(super) max_age_ms: i64,
    /// Names this version of the document at this address.
    pub(super) etag: Option<String>,
    /// Where the document was.
    pub(super) jwks_uri: Option<String>,
    /// Of the document's bytes: the same document is not imported twice. Zero where there was none.
    pub(super) digest: [u8; 32],
}

impl CachedKeySet {
    /// A set without an age: it is never due for a refresh.
    pub(super) fn new(
        set: KeySet,
        etag: Option<String>,
        jwks_uri: Option<String>,
        digest: [u8; 32],
    ) -> Self {
        Self {
            set: Arc::new(set),
            fetched_at: 0,
            soft_at: i64::MAX,
            max_age_ms: 0,
            etag,
            jwks_uri,
            digest,
        }
    }

    /// Notes when the set was last known to be the issuer's, and draws the instant of its refresh.
    pub(super) fn date(
        &mut self,
        fetched_at: i64,
        max_age_ms: i64,
        settings: &KeySourceSettings,
        entropy: &mut Entropy,
    ) {
        let usual = if settings.refresh_hint { HINT_MS } else { settings.soft_ms };
        let mut soft = if max_age_ms == 0 { usual } else { max_age_ms };
        if !settings.refresh_hint {
            soft = soft.min(usual);
        }
        // The rest of the set's life is for failures.
        let soft = soft.min(settings.hard_ms / 2);
        let tenth = soft / 10;
        // No age is negative, and none is longer than a day or what the settings say.
        let jitter = entropy.up_to(tenth as u64 * 2) as i64;
        self.fetched_at = fetched_at;
        self.max_age_ms = max_age_ms;
        self.soft_at = fetched_at + soft - tenth + jitter;
    }

    pub(super) fn age_ms(&self, at: i64) -> i64 {
        (at - self.fetched_at).max(0)
    }

    pub(super) fn has_keys(&self) -> bool {
        !self.set.jwks().keys().is_empty()
    }
}

/// `entity-tag` (RFC 9110, section 8.8.3): it is sent back in a header.
pub(super) fn is_etag(etag: &str) -> bool {
    let quoted = etag.strip_prefix("W/").unwrap_or(etag);
    let opaque = quoted.strip_prefix("\"").and_then(|rest| rest.strip_suffix("\""));
    let sound = |byte: u8| byte.is_ascii_graphic() && byte != b'"';
    etag.len() <= MAX_ETAG && opaque.is_some_and(|opaque| opaque.bytes().all(sound))
}

/// The key that a token names.
#[derive(Clone, Debug)]
pub struct SelectedKey {
    /// The set that holds it. [`KeySet::mark_verified`] when a token was verified with it.
    pub set: Arc<KeySet>,
    /// Which of its keys.
    pub index: usize,
    /// Since when the issuer has not been asked about this set; `None` for keys that were given directly.
    pub age_ms: Option<i64>,
    /// The set is not used from then on unless it is refreshed; `None` for keys that were given directly.
    pub until: Option<Timestamp>,
}

/// What a source holds.
#[derive(Clone, Debug)]
pub struct HeldKeySets<'a> {
    /// The issuer's keys.
    pub set: &'a Arc<KeySet>,
    /// The last set that verified a token, while the current one has not.
    pub previous: Option<&'a Arc<KeySet>>,
    /// Since when the issuer has not been asked; `None` for keys that were given directly.
    pub age_ms: Option<i64>,
}
