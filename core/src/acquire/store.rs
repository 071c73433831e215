//! The application's shared token store, asked before the network and told afterwards.

use super::{Acquire, Context};
use crate::effect::{Effect, Outcome, StoreOperation};
use crate::secret::Secret;
use crate::token::AccessToken;
use alloc::string::String;
use sha2::{Digest, Sha256};

pub(super) fn load(acquire: &Acquire, cx: &Context<'_>) -> Effect {
    Effect::Store(StoreOperation::Load { key: key(acquire, cx) })
}

pub(super) fn loaded(
    acquire: &Acquire,
    outcome: &Outcome,
    cx: &Context<'_>,
) -> Option<AccessToken> {
    match outcome {
        Outcome::Stored(Some(bytes)) if !acquire.wanted.fresh_only => AccessToken::from_store(
            bytes.expose(),
            acquire.wanted.tenant.clone(),
            acquire.wanted.scopes.clone(),
            cx.now,
        ),
        _ => None,
    }
}

pub(super) fn save(acquire: &Acquire, token: &AccessToken, cx: &Context<'_>) -> Effect {
    Effect::Store(StoreOperation::Save {
        key: key(acquire, cx),
        value: Secret::new(token.to_store()),
        until: token.expires_on(),
    })
}

/// SHA-256 in hex over authority, client and cache key, each with its length, so that no two requests share a key.
fn key(acquire: &Acquire, cx: &Context<'_>) -> String {
    let client = cx.config.client_id.as_deref().unwrap_or_default();
    let mut hash = Sha256::new();
    for part in [cx.config.authority.identity(), client, &acquire.wanted.cache_key] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    crate::entropy::hex(&hash.finalize())
}
