//! The machine that verifies tokens and keeps the keys to do so.

use super::checks::check_token;
use super::job::{Job, TicketRequest};
use super::verified_cache::VerifiedTokenCache;
use super::{CheckResult, MissingKeys, Policy, VerificationResult, VerifiedToken, VerifierConfig};
use crate::crypto::{HostCrypto, KeySet, Provider};
use crate::entropy::Entropy;
use crate::jose::{Algorithm, Header, KeySelector, Limits};
use crate::json::{strict, without_byte_order_mark};
use crate::keys::{KeySource, SelectedKey, Snapshot};
use crate::machine::Flights;
use crate::{Code, Error, Seed, Timestamp};
use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// The verifier. See `docs/protocol.md`, section 8, for the law of its use.
///
/// ```
/// use std::sync::Arc;
/// use workload_identity_core::crypto::RustCrypto;
/// use workload_identity_core::verify::{CheckResult, Verifier, VerifierConfig};
/// use workload_identity_core::{Code, Timestamp};
///
/// let config = VerifierConfig::parse(br#"{"issuers":[{"profile":"github","audience":"api://mine"}]}"#)?;
/// let mut verifier = Verifier::new(config, Arc::new(RustCrypto))?;
/// verifier.reseed([7; 32]);
/// let now = Timestamp::from_seconds(1_700_000_000);
/// let CheckResult::Refused(error) = verifier.check("eyJhbGciOiJub25lIn0.e30.", now) else { panic!() };
/// assert_eq!(error.code, Code::AlgNotAllowed);
/// # Ok::<(), workload_identity_core::Error>(())
/// ```
pub struct Verifier {
    pub(super) policies: Vec<Arc<Policy>>,
    pub(super) source_of: Vec<usize>,
    pub(super) sources: Vec<KeySource>,
    pub(super) provider: Arc<dyn Provider>,
    pub(super) limits: Limits,
    pub(super) timeout_ms: i64,
    pub(super) entropy: Option<Entropy>,
    /// A fetch of keys is shared by source index.
    pub(super) flights: Flights<Job, usize, TicketRequest, VerificationResult>,
    cache: VerifiedTokenCache,
    fingerprint: [u8; 32],
}

impl Verifier {
    /// A verifier without randomness yet. `provider` verifies signatures unless the configuration leaves them to the
    /// host.
    ///
    /// # Errors
    /// `config_invalid` when an address of keys may not be fetched from.
    pub fn new(config: VerifierConfig, provider: Arc<dyn Provider>) -> Result<Self, Error> {
        let provider: Arc<dyn Provider> =
            if config.host_signatures { Arc::new(HostCrypto) } else { provider };
        let mut sources = Vec::with_capacity(config.sources.len());
        for source in config.sources {
            sources.push(match source.keys {
                Some(keys) => KeySource::fixed(KeySet::import(keys, &*provider)),
                None => KeySource::new(source.settings)?,
            });
        }
        Ok(Self {
            policies: config.policies,
            source_of: config.source_of,
            sources,
            provider,
            limits: config.limits,
            timeout_ms: config.timeout_ms,
            entropy: None,
            flights: Flights::new(1),
            cache: VerifiedTokenCache::new(config.cache_max_bytes),
            fingerprint: config.fingerprint,
        })
    }

    /// Gives randomness: once before the first request, again in a forked child.
    pub fn reseed(&mut self, seed: Seed) {
        self.entropy = Some(Entropy::new(seed));
    }

    /// Makes every check of a token that needs no waiting. The token is text or, because only ASCII is accepted, its bytes.
    ///
    /// [`PendingVerification::verify_signature`](super::PendingVerification::verify_signature) does not need the verifier, so
    /// that signatures are verified without a lock. Pass its result to [`Self::cache`] if tokens are cached, and call [`Self::refresh`] now and then.
    pub fn check<T>(&mut self, token: &T, now: Timestamp) -> CheckResult
    where
        T: AsRef<[u8]> + ?Sized,
    {
        self.check_token(token.as_ref(), false, now)
    }

    /// Verifies a token with the keys that the verifier has; none are fetched.
    ///
    /// # Errors
    /// The codes of a refused token. `keys_unavailable`, `keys_expired` or `no_matching_key` also where a fetch could help.
    /// `provider_error` if the configuration leaves signatures to the host.
    pub fn verify_with_held_keys(
        &mut self,
        token: &str,
        now: Timestamp,
    ) -> Result<Arc<VerifiedToken>, Error> {
        match self.check(token, now) {
            CheckResult::Accepted { token, .. } => Ok(token),
            CheckResult::Refused(error) => Err(error),
            CheckResult::MissingKeys(missing) => Err(missing.error),
            CheckResult::Pending(pending) => {
                let verified = Arc::new(pending.verify_signature(token)?);
                self.cache(&verified);
                Ok(verified)
            }
        }
    }

    /// Caches a verified token, if the configuration asks for that.
    pub fn cache(&mut self, token: &Arc<VerifiedToken>) {
        if let Some(key) = token.cache_key {
            self.cache.insert(key, Arc::clone(token));
        }
    }

    /// Whether verified tokens are cached.
    #[must_use]
    pub fn has_cache(&self) -> bool {
        self.cache.is_on()
    }

    /// `fetched` is whether keys were fetched for this request, so that they are not fetched again.
    pub(super) fn check_token(
        &mut self,
        token: &[u8],
        fetched: bool,
        now: Timestamp,
    ) -> CheckResult {
        let cached = self.cache.is_on() && token.len() <= self.limits.max_bytes;
        let cache_key = cached.then(|| {
            Sha256::new().chain_update(self.fingerprint).chain_update(token).finalize().into()
        });
        if let Some(key) = &cache_key
            && let Some(token) = self.cache.get(key)
        {
            if let Some(fresh_until) = self.fresh_until(&token, now) {
                return CheckResult::Accepted { token, fresh_until };
            }
            self.cache.remove(key);
        }
        let Self { policies, source_of, sources, flights, .. } = self;
        let mut missing = None;
        let select_key = |issuer: usize, algorithm: Algorithm, header: &Header| {
            let index = source_of.get(issuer).copied().unwrap_or_default();
            let (Some(policy), Some(source)) = (policies.get(issuer), sources.get_mut(index))
            else {
                return Err(Error::new(Code::Internal, "a policy has no key source"));
            };
            select_key(source, policy, algorithm, header, now).inspect_err(|error| {
                let may_help = match error.code {
                    _ if fetched => false,
                    Code::KeysUnavailable
                    | Code::KeysExpired
                    | Code::NetworkTimeout
                    | Code::ProxyAuthenticationRequired => true,
                    // A set that is just being fetched may contain the key.
                    Code::NoMatchingKey => {
                        flights.joinable(&index).is_some()
                            || source.fetch_for(header.kid.as_deref(), now)
                    }
                    _ => false,
                };
                missing = may_help.then_some((issuer, index));
            })
        };
        let result = check_token(token, self.limits, policies, now, select_key);
        match (result, missing) {
            (Ok(mut pending), _) => {
                pending.token.cache_key = cache_key;
                CheckResult::Pending(Box::new(pending))
            }
            (Err(error), Some((issuer, source))) => {
                CheckResult::MissingKeys(MissingKeys { issuer, source, error })
            }
            (Err(error), None) => CheckResult::Refused(error),
        }
    }

    /// The instant until which a cached result is valid; `None` if the token has expired or the key that verified it is no
    /// longer its issuer's.
    fn fresh_until(&self, token: &VerifiedToken, now: Timestamp) -> Option<Timestamp> {
        let end = token.valid_until(now)?;
        let source = self.sources.get(*self.source_of.get(token.policy)?)?;
        let policy = self.policies.get(token.policy)?;
        let found = select_key(source, policy, token.algorithm, &token.header, now).ok()?;
        let key = found.set.jwks().keys().get(found.index)?;
        if *key.thumbprint() != token.key_thumbprint {
            return None;
        }
        // A replaced set is dropped as soon as the current one verifies a token.
        let is_current = source.held(now).is_ok_and(|held| Arc::ptr_eq(held.set, &found.set));
        Some(if is_current { found.until.map_or(end, |until| until.min(end)) } else { now })
    }

    /// The key sets at hand as JSON.
    #[must_use]
    pub fn snapshot(&self, now: Timestamp) -> String {
        #[derive(serde::Serialize)]
        struct Snapshots {
            version: u8,
            key_sets: Vec<Snapshot>,
        }
        let sets = self.sources.iter().filter_map(|source| source.snapshot(now));
        let snapshots = Snapshots { version: 1, key_sets: sets.collect() };
        serde_json::to_string(&snapshots).unwrap_or_default()
    }

    /// Takes key sets from such a text: those of configured addresses that are newer than what is at hand and not too
    /// old. Returns how many were taken.
    ///
    /// # Errors
    /// `malformed` or `too_large`; nothing is taken then.
    pub fn load(&mut self, snapshot: &[u8], now: Timestamp) -> Result<usize, Error> {
        let malformed = |message: &str| Error::new(Code::Malformed, message);
        let Some(entropy) = self.entropy.as_mut() else {
            return Err(Error::new(Code::Misuse, "no seed: call reseed before loading a snapshot"));
        };
        let document = strict::parse(without_byte_order_mark(snapshot))
            .map_err(|fault| malformed(&format!("the snapshot is refused: {}", fault.reason())))?;
        let items = document.get("key_sets").and_then(Value::as_array);
        let (Some(items), Some(1)) = (items, document.get("version").and_then(Value::as_i64))
        else {
            return Err(malformed("the snapshot is not an object of version 1 with `key_sets`"));
        };
        let mut sources = self.sources.iter();
        // One rule about keys holds for all sources.
        let Some(settings) = sources.find_map(KeySource::settings) else { return Ok(0) };
        let rules = settings.rules;
        let mut sets = Vec::with_capacity(items.len());
        for item in items {
            sets.push(Snapshot::read(item, rules)?);
        }
        let mut taken = 0;
        for source in &mut self.sources {
            for set in &sets {
                taken += usize::from(source.load(set, &*self.provider, now, entropy));
            }
        }
        Ok(taken)
    }
}

/// The key that a token's header names; by its certificate only if there is no `kid` and the profile allows that.
fn select_key(
    source: &KeySource,
    policy: &Policy,
    algorithm: Algorithm,
    header: &Header,
    now: Timestamp,
) -> Result<SelectedKey, Error> {
    let uses = policy.profile.key_uses;
    let selector = match (&header.kid, &header.x5t) {
        (Some(kid), _) => KeySelector::KeyId(kid),
        (None, Some(x5t)) if policy.profile.x5t => KeySelector::X5t(x5t),
        _ => KeySelector::Any,
    };
    source.find(algorithm, selector, uses, now)
}

impl fmt::Debug for Verifier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Verifier")
            .field("issuers", &self.policies.len())
            .field("sources", &self.sources)
            .finish_non_exhaustive()
    }
}
