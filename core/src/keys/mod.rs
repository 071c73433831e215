//! Where an issuer's keys come from: fetched, kept for a time, refreshed, never fetched because a token says so often enough.
//!
//! A [`KeySource`] is a machine without I/O. What it holds and what it does are independent:
//!
//! ```text
//! holds    Nothing ──▶ Fresh ──soft age──▶ Stale ──hard age──▶ Expired       any ──new set──▶ Fresh
//! does     Idle ──begin──▶ Discovery ──▶ Keys ──▶ Idle                       any failure ──▶ Pause ──▶ again
//!                                                                                       └──▶ back-off, Idle
//! ```
//!
//! The law of its use:
//!
//! ```text
//! find(..)            Ok: verify with that key, then KeySet::mark_verified
//!                     keys_unavailable, keys_expired: begin a fetch or join the one under way, then find again
//!                     no_matching_key: the same if fetch_for(..) allows it
//! refresh_due(now)    true: begin a fetch that nobody waits for
//! begin(now)          then, while ask(..) gives an effect: perform it and hand the outcome to answer(..)
//! ```
//!
//! Who asks, when, and how often is bounded here, not in the caller: one fetch at a time, a token bucket, a cool-down
//! between fetches that unknown keys cause, back-off after failures. Nothing that a token says decides what is fetched.

mod bucket;
mod clock;
mod discovery;
mod fetch;
mod freshness;
mod holding;
mod received;
mod settings;
mod snapshot;
mod source;
mod unknown;

pub use holding::{Found, Held};
pub use settings::{EmptySet, KeySourceSettings, Place};
pub use snapshot::Snapshot;
pub use source::KeySource;

#[cfg(test)]
mod tests;
