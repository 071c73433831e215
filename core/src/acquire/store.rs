//! The application's shared token store, asked before the network and told afterwards.

use super::{Acquire, Context};
use crate::digest::sha256;
use crate::effect::{Effect, Outcome, StoreOperation};
use crate::secret::Secret;
use crate::token::AccessToken;
use alloc::string::String;

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
    let authority = cx.config.authority.identity();
    let cache_key = &acquire.wanted.cache_key;
    let length = |part: &str| (part.len() as u64).to_be_bytes();
    crate::entropy::hex(&sha256(&[
        &length(authority),
        authority.as_bytes(),
        &length(client),
        client.as_bytes(),
        &length(cache_key),
        cache_key.as_bytes(),
    ]))
}
