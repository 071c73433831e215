//! The stages that use the application's shared token store: before the network and after it.

use super::{Acquisition, Context};
use crate::effect::{Effect, Outcome, StoreOperation};
use crate::secret::Secret;
use crate::token::AccessToken;
use alloc::string::String;
use sha2::{Digest, Sha256};

impl Acquisition {
    /// Returns the effect that loads a token.
    pub(super) fn load(&self, cx: &Context<'_>) -> Effect {
        Effect::Store(StoreOperation::Load { key: self.store_key(cx) })
    }

    /// Returns the loaded token if it may be used.
    pub(super) fn loaded(&self, outcome: &Outcome, cx: &Context<'_>) -> Option<AccessToken> {
        let request = &self.request;
        match outcome {
            Outcome::Stored(Some(bytes)) if !request.fresh_only => AccessToken::from_store(
                bytes.expose(),
                request.tenant.clone(),
                request.scopes.clone(),
                cx.now,
            ),
            _ => None,
        }
    }

    /// Returns the effect that saves a token.
    pub(super) fn save(&self, token: &AccessToken, cx: &Context<'_>) -> Effect {
        Effect::Store(StoreOperation::Save {
            key: self.store_key(cx),
            value: Secret::new(token.to_store()),
            until: token.expires_on(),
        })
    }

    /// SHA-256 in hex over authority, client and cache key. Each is preceded by its length, so that different requests never
    /// share a key.
    fn store_key(&self, cx: &Context<'_>) -> String {
        let client = cx.config.client_id.as_deref().unwrap_or_default();
        let authority = cx.config.authority.identity();
        // The partition is that of one process, and the store has others.
        let cache_key = &*self.request.cache_key;
        let cache_key =
            cache_key.strip_prefix(self.request.client.partition()).unwrap_or(cache_key);
        let mut hash = Sha256::new();
        for part in [authority, client, cache_key] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        base16ct::lower::encode_string(&hash.finalize())
    }
}
