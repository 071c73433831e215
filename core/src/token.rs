//! An access token and the instants that matter to it.

use crate::Timestamp;
use crate::entropy::Entropy;
use crate::json::strict;
use crate::oauth::token_response::Issued;
use crate::secret::Secret;
use alloc::string::String;
use alloc::sync::Arc;
use serde::{Deserialize, Serialize};

/// A token is not handed out in its last five minutes, or its last half if it lives for less than ten.
const EXPIRY_SKEW_MS: i64 = 300_000;
/// Tokens that live longer than this are refreshed at half-life when the service names no `refresh_in`.
const HALF_LIFE_FROM_MS: i64 = 7_200_000;
/// Proactive refreshes of many workloads are spread over at most this.
const MAX_JITTER_MS: i64 = 300_000;

/// Small corrections of a clock are no reason to drop a token.
const CLOCK_STEP_MS: i64 = 60_000;

/// Where a token came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The token endpoint, just now.
    Network,
    /// The engine's own cache.
    Cache,
    /// The application's shared store.
    Store,
}

impl Origin {
    /// The name on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Origin::Network => "network",
            Origin::Cache => "cache",
            Origin::Store => "store",
        }
    }
}

/// An access token for one tenant and set of scopes. Its content is opaque to clients.
#[derive(Clone, Debug)]
pub struct AccessToken {
    token: Arc<Secret<String>>,
    received_on: Timestamp,
    expires_on: Timestamp,
    refresh_on: Option<Timestamp>,
    usable_until: Timestamp,
    tenant: Option<Arc<str>>,
    scopes: Arc<[String]>,
    correlation_id: Option<Arc<str>>,
    origin: Origin,
}

impl AccessToken {
    pub(crate) fn issued(
        issued: Issued,
        tenant: Option<Arc<str>>,
        scopes: Arc<[String]>,
        correlation_id: Arc<str>,
        now: Timestamp,
        entropy: &mut Entropy,
    ) -> Self {
        let expires_on = now.plus_seconds(issued.expires_in);
        let life = expires_on.since(now);
        let refresh_in = match issued.refresh_in {
            Some(seconds) => Some(Timestamp::from_seconds(seconds).millis()),
            None => (life > HALF_LIFE_FROM_MS).then_some(life / 2),
        };
        let refresh_on = refresh_in.map(|refresh_in| {
            let spread = u64::try_from((refresh_in / 10).min(MAX_JITTER_MS)).unwrap_or(0);
            let jitter = i64::try_from(entropy.up_to(spread)).unwrap_or(0);
            now.plus_millis(refresh_in - jitter)
        });
        Self {
            token: Arc::new(issued.token),
            received_on: now,
            expires_on,
            refresh_on,
            usable_until: expires_on.plus_millis(-EXPIRY_SKEW_MS.min(life / 2)),
            tenant,
            scopes,
            correlation_id: Some(correlation_id),
            origin: Origin::Network,
        }
    }

    /// The token, to be sent as `Authorization: Bearer`.
    #[must_use]
    pub fn secret(&self) -> &str {
        self.token.expose()
    }

    pub(crate) fn received_on(&self) -> Timestamp {
        self.received_on
    }

    /// When it stops being valid.
    #[must_use]
    pub fn expires_on(&self) -> Timestamp {
        self.expires_on
    }

    /// When a background refresh is due, if it is to be refreshed early.
    #[must_use]
    pub fn refresh_on(&self) -> Option<Timestamp> {
        self.refresh_on
    }

    /// The last instant at which it is handed out without trying for a newer one.
    #[must_use]
    pub fn usable_until(&self) -> Timestamp {
        self.usable_until
    }

    /// The tenant it is for; `None` for a generic authority.
    #[must_use]
    pub fn tenant(&self) -> Option<&str> {
        self.tenant.as_deref()
    }

    /// The scopes it was asked for.
    #[must_use]
    pub fn scopes(&self) -> &[String] {
        &self.scopes
    }

    /// Where it came from.
    #[must_use]
    pub fn origin(&self) -> Origin {
        self.origin
    }

    /// The correlation id of the exchange that issued it.
    #[must_use]
    pub fn correlation_id(&self) -> Option<&str> {
        self.correlation_id.as_deref()
    }

    /// Whether it may be handed out at all. A clock that was set back past the moment of receipt tells nothing
    /// about the rest of the token's life, so the token is not trusted then.
    pub(crate) fn valid(&self, now: Timestamp) -> bool {
        now < self.expires_on && now.plus_millis(CLOCK_STEP_MS) >= self.received_on
    }

    /// The same token, handed out again.
    pub(crate) fn cached(self) -> Self {
        Self { origin: Origin::Cache, ..self }
    }

    /// Until when a host may hand it out again without asking.
    pub(crate) fn fresh_until(&self) -> Timestamp {
        self.refresh_on.map_or(self.usable_until, |refresh_on| refresh_on.min(self.usable_until))
    }

    /// Bytes it costs in a cache.
    pub(crate) fn weight(&self) -> usize {
        256 + self.secret().len() + self.scopes.iter().map(String::len).sum::<usize>()
    }

    /// The value in a shared store.
    pub(crate) fn to_store(&self) -> String {
        let stored = StoredToken {
            token: self.secret(),
            expires_on: self.expires_on.millis(),
            usable_until: self.usable_until.millis(),
            refresh_on: self.refresh_on.map(Timestamp::millis),
        };
        // Text and numbers always have a JSON form.
        serde_json::to_string(&stored).unwrap_or_default()
    }

    /// Reads a value that [`Self::to_store`] wrote. Returns `None` for any other and for a token that is no longer fresh.
    pub(crate) fn from_store(
        bytes: &[u8],
        tenant: Option<Arc<str>>,
        scopes: Arc<[String]>,
        now: Timestamp,
    ) -> Option<Self> {
        let stored: StoredToken<String> = strict::read(bytes).ok()?;
        let sound = !stored.token.is_empty()
            && stored.token.bytes().all(|byte| byte.is_ascii_graphic())
            && stored.usable_until <= stored.expires_on;
        let restored = Self {
            token: Arc::new(Secret::new(stored.token)),
            received_on: now,
            expires_on: Timestamp::from_millis(stored.expires_on),
            refresh_on: stored.refresh_on.map(Timestamp::from_millis),
            usable_until: Timestamp::from_millis(stored.usable_until),
            tenant,
            scopes,
            correlation_id: None,
            origin: Origin::Store,
        };
        (sound && restored.fresh_until() > now).then_some(restored)
    }
}

/// A token in a shared store. Times are unix milliseconds.
#[derive(Deserialize, Serialize)]
struct StoredToken<T> {
    token: T,
    expires_on: i64,
    usable_until: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refresh_on: Option<i64>,
}
