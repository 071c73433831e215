//! The machine: what is held, what is being fetched, and when to fetch.

use super::fetch::{Fetch, FetchError, Progress};
use super::key_set_cache::{CachedKeySet, HeldKeySets, SelectedKey};
use super::monotonic::MonotonicClock;
use super::rate_limit::RateLimit;
use super::settings::{EmptySet, KeySourceSettings};
use super::unknown_key_id::UnknownKeyIds;
use crate::crypto::{KeySet, Provider};
use crate::entropy::Entropy;
use crate::http::retry::{BackOff, Pauses};
use crate::jose::{Algorithm, KeySelector, KeyUse};
use crate::{Check, Code, Effect, Error, Outcome, Timestamp};
use alloc::format;
use alloc::string::String;

/// The keys of one issuer at one address under one set of rules.
#[derive(Clone, Debug)]
pub struct KeySource {
    /// None for keys that were given directly.
    pub(super) settings: Option<KeySourceSettings>,
    pub(super) clock: MonotonicClock,
    pub(super) current: Option<CachedKeySet>,
    /// The last set that verified a token, while the current one has not.
    pub(super) previous: Option<CachedKeySet>,
    pub(super) fetch: Option<Fetch>,
    /// Number of the last effect.
    asked: u64,
    back_off: BackOff,
    rate_limit: RateLimit,
    unknown: UnknownKeyIds,
    last_error: Option<FetchError>,
    /// When a request for the keys last caused a fetch.
    loaded_at: Option<i64>,
    generation: u64,
}

impl KeySource {
    /// A source that fetches.
    ///
    /// # Errors
    /// `config_invalid`: the address is not `https`, has user information or a fragment, or is a literal of this machine, of
    /// a private network or link-local; or the ages contradict each other.
    pub fn new(mut settings: KeySourceSettings) -> Result<Self, Error> {
        settings.check()?;
        let unknown = UnknownKeyIds::new(settings.cool_down_ms);
        Ok(Self::with(Some(settings), None, unknown))
    }

    /// Keys that are given directly: never fetched, without an age.
    #[must_use]
    pub fn fixed(set: KeySet) -> Self {
        Self::with(None, Some(CachedKeySet::new(set, None, None, [0; 32])), UnknownKeyIds::new(0))
    }

    fn with(
        settings: Option<KeySourceSettings>,
        current: Option<CachedKeySet>,
        unknown: UnknownKeyIds,
    ) -> Self {
        Self {
            settings,
            clock: MonotonicClock::new(),
            current,
            previous: None,
            fetch: None,
            asked: 0,
            back_off: BackOff::default(),
            rate_limit: RateLimit::new(),
            unknown,
            last_error: None,
            loaded_at: None,
            generation: 0,
        }
    }

    /// How the source was set up; `None` for keys that were given directly.
    #[must_use]
    pub fn settings(&self) -> Option<&KeySourceSettings> {
        self.settings.as_ref()
    }

    /// A number that changes with the current set. A result obtained under an earlier number may depend on a withdrawn key.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// Why the last fetch failed, if it did. The current set may still be valid.
    #[must_use]
    pub fn last_error(&self) -> Option<&str> {
        self.last_error.as_ref().map(|error| error.reason.as_str())
    }

    /// The sets that may be used now.
    ///
    /// # Errors
    /// `keys_unavailable` before the first fetch, `keys_expired` when the set is too old. Both carry the instant before which
    /// no fetch can begin, if there is one.
    pub fn held(&self, now: Timestamp) -> Result<HeldKeySets<'_>, Error> {
        let at = self.clock.read(now);
        let current = self.usable(at).ok_or_else(|| self.unusable(at, now))?;
        Ok(HeldKeySets {
            set: &current.set,
            previous: self.former(at).map(|previous| &previous.set),
            age_ms: self.settings.as_ref().map(|_| current.age_ms(at)),
        })
    }

    /// Returns the one key that a token names: of the current set, or of the one before while the current set has verified
    /// no token and does not hold the key.
    ///
    /// # Errors
    /// As [`Self::held`] and [`crate::jose::Jwks::find`].
    pub fn find<'a>(
        &self,
        algorithm: Algorithm,
        selector: impl Into<KeySelector<'a>>,
        uses: &[KeyUse],
        now: Timestamp,
    ) -> Result<SelectedKey, Error> {
        let at = self.clock.read(now);
        let current = self.usable(at).ok_or_else(|| self.unusable(at, now))?;
        let selector = selector.into();
        let select = |cached: &CachedKeySet| cached.set.jwks().find(algorithm, selector, uses);
        let error = match select(current) {
            Ok(index) => return Ok(self.found(current, index, at, now)),
            Err(error) => error,
        };
        // An error about a key of the current set is final.
        if error.code != Code::NoMatchingKey {
            return Err(error);
        }
        if let Some(previous) = self.former(at)
            && let Ok(index) = select(previous)
        {
            return Ok(self.found(previous, index, at, now));
        }
        let mut error = match self.last_error() {
            Some(reason) => error.with_hint(format!("the last fetch failed: {reason}")),
            None => error,
        };
        if self.settings.is_some() {
            // The issuer may have published the key since, and a token can then cause a fetch.
            let key_id = match selector {
                KeySelector::KeyId(key_id) => Some(key_id),
                KeySelector::Any | KeySelector::X5t(_) => None,
            };
            let next = self.unknown.next(key_id, at).max(self.pause_until(at).unwrap_or(at));
            error.lasting = Some(false);
            error.retry_at = (next > at).then(|| self.clock.to_host(next, now));
        }
        Err(error)
    }

    /// Whether the current set is to be refreshed in the background now.
    pub fn refresh_due(&mut self, now: Timestamp) -> bool {
        let at = self.clock.tick(now);
        self.current.as_ref().is_some_and(|current| current.soft_at <= at)
            && self.fetch.as_ref().is_none_or(|fetch| fetch.is_lost(at))
            && self.may_fetch(at)
    }

    /// Whether a token that names an unknown key may cause a fetch now; if so, [`Self::begin`] follows. A second call before
    /// that returns the same.
    ///
    /// While a fetch is under way the token may wait for that one ([`Self::fetching`]).
    pub fn fetch_for(&mut self, key_id: Option<&str>, now: Timestamp) -> bool {
        let at = self.clock.tick(now);
        let allowed = self.fetch.is_none() && self.unknown.allows(key_id, at) && self.may_fetch(at);
        if allowed {
            self.unknown.want(key_id);
        }
        allowed
    }

    /// Whether a request for the keys may cause a fetch now: once in a cool-down, whatever tokens have caused. If so,
    /// [`Self::begin`] follows.
    pub fn fetch_for_load(&mut self, now: Timestamp) -> bool {
        let at = self.clock.tick(now);
        let pause = self.settings.as_ref().map_or(0, |settings| settings.cool_down_ms);
        let due = self.loaded_at.is_none_or(|last| at - last >= pause);
        let allowed = self.fetch.is_none() && due && self.may_fetch(at);
        if allowed {
            self.loaded_at = Some(at);
        }
        allowed
    }

    /// Begins a fetch unless one is under way. Returns false if none may begin now, because of the back-off or the rate limit.
    pub fn begin(&mut self, now: Timestamp) -> bool {
        let at = self.clock.tick(now);
        if self.fetch.as_ref().is_some_and(|fetch| !fetch.is_lost(at)) {
            return true;
        }
        let Some(settings) = &self.settings else { return false };
        if self.back_off.until(at).is_some() || !self.rate_limit.take(at) {
            return false;
        }
        let fetch = Fetch::new(settings, at);
        let waited_for = self.usable(at).is_none() || self.loaded_at == Some(at);
        self.unknown.began(at, waited_for);
        self.fetch = Some(fetch);
        true
    }

    /// Whether a fetch is under way.
    #[must_use]
    pub fn fetching(&self) -> bool {
        self.fetch.is_some()
    }

    /// Sets the deadline of the current fetch. No request is started that would finish after it.
    pub fn set_deadline(&mut self, deadline: Timestamp, now: Timestamp) {
        let deadline = self.clock.to_source(deadline, now);
        if let Some(fetch) = &mut self.fetch {
            fetch.deadline = deadline;
        }
    }

    /// Returns the effect that the current fetch needs now; `None` when it has ended. A second call returns the same effect
    /// under a new number, and outcomes of the old number are ignored.
    pub fn ask(&mut self, now: Timestamp) -> Option<Effect> {
        let at = self.clock.tick(now);
        let (settings, fetch) = (self.settings.as_ref()?, self.fetch.as_mut()?);
        let known = self.current.as_ref().filter(|current| {
            current.jwks_uri.as_ref().is_some_and(|known| *known == fetch.jwks_uri)
        });
        let etag = known.and_then(|current| current.etag.as_deref());
        self.asked += 1;
        Some(fetch.ask(settings, etag, at, &self.clock, now))
    }

    /// The number of the last effect, for hosts that cannot recognise late outcomes; see [`Self::answer_to`].
    #[must_use]
    pub fn asked(&self) -> u64 {
        self.asked
    }

    /// Ends the current fetch, because no caller drives it or waits for it.
    pub fn abandon(&mut self) {
        self.fetch = None;
    }

    /// Takes the outcome of a numbered effect. The outcome of an earlier effect changes nothing.
    pub fn answer_to(
        &mut self,
        number: u64,
        outcome: &Outcome,
        provider: &dyn Provider,
        now: Timestamp,
        entropy: &mut Entropy,
    ) {
        if number == self.asked {
            self.answer(outcome, provider, now, entropy);
        }
    }

    /// Takes the outcome of the last effect.
    pub fn answer(
        &mut self,
        outcome: &Outcome,
        provider: &dyn Provider,
        now: Timestamp,
        entropy: &mut Entropy,
    ) {
        let at = self.clock.tick(now);
        let (Some(settings), Some(fetch)) = (&self.settings, &mut self.fetch) else { return };
        match fetch.answer(outcome, settings, at, now) {
            Progress::Next => {}
            Progress::Cancelled => self.abandon(),
            Progress::Failed(error) => self.failed(error, at, entropy),
            Progress::Keys(response, asked_at) => {
                match self.received(response, asked_at, provider, entropy) {
                    Ok(()) => self.succeeded(at),
                    Err(reason) => self.failed(reason.into(), at, entropy),
                }
            }
        }
    }

    pub(super) fn succeeded(&mut self, at: i64) {
        self.fetch = None;
        self.last_error = None;
        self.back_off.succeeded();
        self.unknown.over(at);
    }

    /// Retries after a pause, or ends the fetch. The current sets stay.
    fn failed(&mut self, error: FetchError, at: i64, entropy: &mut Entropy) {
        if let Some(fetch) = &mut self.fetch {
            let pause = Pauses::KEYS.next_ms(fetch.failures(), error.wait_ms, entropy);
            if fetch.may_retry(&error, pause, at) && self.rate_limit.take(at) {
                return fetch.pause(at + pause);
            }
        }
        self.fetch = None;
        self.back_off.failed(error.wait_ms, at, entropy);
        self.unknown.over(at);
        self.last_error = Some(error);
    }

    /// Replaces the current set.
    pub(super) fn install(&mut self, cached: CachedKeySet) {
        self.generation += 1;
        let former = self.current.replace(cached);
        let keeps =
            self.settings.as_ref().is_some_and(|rules| rules.empty_set == EmptySet::KeepLast);
        if keeps && former.as_ref().is_some_and(|former| former.set.has_verified()) {
            self.previous = former;
        }
    }

    fn may_fetch(&self, at: i64) -> bool {
        self.settings.is_some() && self.pause_until(at).is_none()
    }

    /// The instant before which no fetch can begin.
    fn pause_until(&self, at: i64) -> Option<i64> {
        let next = self.rate_limit.next(at);
        self.back_off.until(at).map(|until| until.max(next)).or((next > at).then_some(next))
    }

    fn hard_at(&self, cached: &CachedKeySet) -> Option<i64> {
        self.settings.as_ref().map(|rules| cached.fetched_at + rules.hard_ms)
    }

    fn is_expired(&self, cached: &CachedKeySet, at: i64) -> bool {
        self.hard_at(cached).is_some_and(|hard| hard <= at)
    }

    /// The current set, if it may be used.
    pub(super) fn usable(&self, at: i64) -> Option<&CachedKeySet> {
        self.current.as_ref().filter(|current| !self.is_expired(current, at))
    }

    /// The error when no set may be used.
    fn unusable(&self, at: i64, now: Timestamp) -> Error {
        let (code, what) = match self.current {
            Some(_) => (Code::KeysExpired, "are too old to be trusted"),
            None => (Code::KeysUnavailable, "have not been fetched"),
        };
        let issuer = self.settings.as_ref().map_or("", |settings| settings.issuer.as_str());
        let issuer = issuer.chars().take(128).collect::<String>();
        // SPIFFE's sources have none.
        let of = if issuer.is_empty() { "" } else { " of the issuer " };
        let reason = self.last_error().map(|reason| format!(": {reason}")).unwrap_or_default();
        let last = self.last_error.as_ref();
        let code = last.and_then(|last| last.code).unwrap_or(code);
        let mut error =
            Error::new(code, format!("the keys{of}{issuer} {what}{reason}")).in_check(Check::Key);
        error.hint = last.and_then(|last| last.hint).map(Into::into);
        if self.fetch.is_none() && code != Code::ProxyAuthenticationRequired {
            error.retry_at = self.pause_until(at).map(|until| self.clock.to_host(until, now));
        }
        if last.is_some_and(|last| last.lasting) {
            error.lasting = Some(true);
        }
        error
    }

    fn former(&self, at: i64) -> Option<&CachedKeySet> {
        let unused = self.current.as_ref().is_some_and(|current| !current.set.has_verified());
        self.previous.as_ref().filter(|previous| unused && !self.is_expired(previous, at))
    }

    fn found(&self, cached: &CachedKeySet, index: usize, at: i64, now: Timestamp) -> SelectedKey {
        SelectedKey {
            set: cached.set.clone(),
            index,
            age_ms: self.settings.as_ref().map(|_| cached.age_ms(at)),
            until: self.hard_at(cached).map(|hard| self.clock.to_host(hard, now)),
        }
    }
}
