//! The key set in a response: stored as the current set, or refused.

use super::discovery;
use super::freshness;
use super::key_set_cache::{CachedKeySet, is_etag};
use super::settings::{EmptySet, KeySourceSettings};
use super::source::KeySource;
use crate::crypto::{KeySet, Provider};
use crate::entropy::Entropy;
use crate::http::{Headers, HttpResponse};
use crate::jose::Jwks;
use alloc::format;
use alloc::string::{String, ToString};
use sha2::{Digest as _, Sha256};

impl KeySource {
    /// Stores the key set of a response, or notes that it has not changed. The error says why the response cannot be used.
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
        let digest = Sha256::digest(body).into();
        let etag = self::etag(&response.headers);
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
            read.map_err(|error| format!("{}{}", error.message, discovery::looks_like(body)))?;
        let mut cached = CachedKeySet::new(KeySet::import(jwks, provider), etag, jwks_uri, digest);
        cached.date(asked_at, max_age, settings, entropy);
        if self.keeps_last(settings, &cached) {
            return Err("the key set holds no usable key; the last one with keys stays".to_string());
        }
        self.install(cached);
        Ok(())
    }

    /// Returns whether a set is refused because it has no keys and the current one has.
    pub(super) fn keeps_last(&self, settings: &KeySourceSettings, cached: &CachedKeySet) -> bool {
        settings.empty_set == EmptySet::KeepLast
            && !cached.has_keys()
            && self.current.as_ref().is_some_and(CachedKeySet::has_keys)
    }
}

fn etag(headers: &Headers) -> Option<String> {
    headers.first("etag").map(str::trim_ascii).filter(|etag| is_etag(etag)).map(String::from)
}
