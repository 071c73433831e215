//! The keys of an issuer: fetched, cached for a time, refreshed. Tokens with unknown keys cause a bounded number of fetches.
//!
//! A [`KeySource`] is a state machine without I/O. The state of its keys and that of its fetch are independent:
//!
//! ```text
//! holds    Nothing ──▶ Fresh ──soft age──▶ Stale ──hard age──▶ Expired       any ──new set──▶ Fresh
//! does     Idle ──begin──▶ Discovery ──▶ Keys ──▶ Idle                       any failure ──▶ Pause ──▶ again
//!                                                                                       └──▶ back-off, Idle
//! ```
//!
//! Use:
//!
//! ```text
//! find(..)            Ok: verify with that key, then KeySet::mark_verified
//!                     keys_unavailable, keys_expired: begin a fetch or join the one under way, then find again
//!                     no_matching_key: the same if fetch_for(..) allows it
//! refresh_due(now)    true: begin a fetch in the background
//! begin(now)          then, while ask(..) gives an effect: perform it and hand the outcome to answer(..)
//! ```
//!
//! The source bounds the requests, not the caller: one fetch at a time, a token bucket, a cool-down between fetches for
//! unknown keys, back-off after failures. No URL is ever taken from a token.

mod discovery;
mod fetch;
mod freshness;
mod key_set_cache;
mod monotonic;
mod rate_limit;
mod response;
mod settings;
mod snapshot;
mod source;
mod unknown_key_id;

pub use crate::oauth::discovery::DiscoveryDocument;
pub(crate) use discovery::looks_like;
pub use fetch::{DISCOVERY_MEDIA_TYPE, KEYS_MEDIA_TYPES};
pub use key_set_cache::{HeldKeySets, SelectedKey};
pub use settings::{EmptySet, KeySourceSettings, Place};
pub use snapshot::Snapshot;
pub use source::KeySource;

#[cfg(test)]
mod tests;
