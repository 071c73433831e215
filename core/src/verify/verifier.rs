//! The machine that verifies tokens and keeps the keys to do so.

use super::check::examine;
use super::seen::Seen;
use super::unproven::KeyChoice;
use super::verifier_request::Want;
use super::{Check, Checked, Policy, Sealed, Unproven, Verdict, VerifiedClaims, VerifierConfig};
use crate::concat::concat;
use crate::crypto::{HostCrypto, KeySet, Provider};
use crate::digest::sha256;
use crate::entropy::Entropy;
use crate::flight::Flight;
use crate::jose::{Algorithm, Header, KeyName, Limits};
use crate::json::strict;
use crate::keys::{Found, KeySource, Snapshot};
use crate::machine::{FlightId, Ticket};
use crate::table::Table;
use crate::{Code, Error, Seed, Timestamp};
use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use serde_json::Value;

/// The verifier. See `docs/protocol.md`, section 8, for the law of its use.
///
/// ```
/// use std::sync::Arc;
/// use workload_identity_core::crypto::RustCrypto;
/// use workload_identity_core::verify::{Checked, Verifier, VerifierConfig};
/// use workload_identity_core::{Code, Timestamp};
///
/// let config = VerifierConfig::parse(br#"{"issuers":[{"profile":"github","audience":"api://mine"}]}"#)?;
/// let mut verifier = Verifier::new(config, Arc::new(RustCrypto))?;
/// verifier.reseed([7; 32]);
/// let now = Timestamp::from_seconds(1_700_000_000);
/// let Checked::Refused(error) = verifier.check("eyJhbGciOiJub25lIn0.e30.", now) else { panic!() };
/// assert_eq!(error.code, Code::AlgNotAllowed);
/// # Ok::<(), workload_identity_core::Error>(())
/// ```
pub struct Verifier {
    pub(super) policies: Vec<Arc<Policy>>,
    pub(super) source_of: Vec<usize>,
    pub(super) sources: Vec<KeySource>,
    /// The flight that fetches for each source.
    pub(super) fetching: Vec<Option<FlightId>>,
    pub(super) provider: Arc<dyn Provider>,
    pub(super) limits: Limits,
    pub(super) timeout_ms: i64,
    pub(super) entropy: Option<Entropy>,
    pub(super) tickets: Table<Entry>,
    pub(super) flights: Table<Flight<Work>>,
    pub(super) effects: Table<FlightId>,
    pub(super) seen: Seen,
    fingerprint: [u8; 32],
}

/// What a flight does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Work {
    /// Fetches the keys of a source.
    Keys(usize),
    /// Has the host verify one ticket's signature.
    Signature,
}

/// A request that is open.
pub(super) struct Entry {
    /// Nothing if the request was refused.
    pub(super) want: Option<Arc<Want>>,
    pub(super) deadline: Option<Timestamp>,
    pub(super) state: State,
}

pub(super) enum State {
    /// Not looked at yet, or a flight that it waited for has landed.
    New { fetched: bool },
    /// Waits in a flight.
    Joined(FlightId),
    /// The host computes its signature.
    Signing { flight: FlightId, sealed: Box<Sealed> },
    /// Has its final step, and perhaps a flight whose waiters must be woken.
    Ready(Final, Option<FlightId>),
}

/// The answer, with a background refresh to drive, or why there is none.
pub(super) type Final = Result<(Verdict, Option<Ticket>), Error>;

/// What is known of a token before its signature.
pub(super) enum Judged<'t> {
    /// The verdict is remembered, and holds until that instant unless keys change before.
    Seen(Arc<VerifiedClaims>, Timestamp),
    Unproven(Box<Unproven<'t>>),
    Refused(Error),
    /// The keys of this source are missing; the error stands if they are not to be had.
    Fetch(usize, Error),
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
            fetching: alloc::vec![None; sources.len()],
            sources,
            provider,
            limits: config.limits,
            timeout_ms: config.timeout_ms,
            entropy: None,
            tickets: Table::new(),
            flights: Table::new(),
            effects: Table::new(),
            seen: Seen::new(config.cache_max_bytes),
            fingerprint: config.fingerprint,
        })
    }

    /// Gives randomness: once before the first request, again in a forked child.
    pub fn reseed(&mut self, seed: Seed) {
        self.entropy = Some(Entropy::new(seed));
    }

    /// The hot path: everything that can be said of a token without waiting.
    ///
    /// The signature is left to [`Unproven::prove`], which does not need the verifier: do it without holding a lock.
    /// Then hand the result to [`Self::keep`] if verdicts are remembered, and ask [`Self::refresh`] now and then.
    /// A token is text or, since only ASCII is accepted, the octets of one.
    pub fn check<'t, T>(&mut self, token: &'t T, now: Timestamp) -> Checked<'t>
    where
        T: AsRef<[u8]> + ?Sized,
    {
        match self.judge(token.as_ref(), false, now) {
            Judged::Seen(verified, fresh_until) => Checked::Accepted { verified, fresh_until },
            Judged::Unproven(unproven) => Checked::Unproven(unproven),
            Judged::Refused(error) => Checked::Refused(error),
            Judged::Fetch(..) => Checked::Drive,
        }
    }

    /// Remembers a verdict, if the configuration wants that.
    pub fn keep(&mut self, verified: &Arc<VerifiedClaims>) {
        if let (true, Some(digest)) = (self.seen.is_on(), verified.cache_key) {
            self.seen.keep(digest, Arc::clone(verified));
        }
    }

    /// Whether verdicts are remembered.
    #[must_use]
    pub fn keeps(&self) -> bool {
        self.seen.is_on()
    }

    pub(super) fn judge<'t>(
        &mut self,
        token: &'t [u8],
        fetched: bool,
        now: Timestamp,
    ) -> Judged<'t> {
        let digest =
            (self.seen.is_on() && token.len() <= self.limits.max_bytes).then(|| self.digest(token));
        if let Some(digest) = &digest
            && let Some(verified) = self.seen.find(digest)
        {
            if let Some(fresh_until) = self.fresh_until(&verified, now) {
                return Judged::Seen(verified, fresh_until);
            }
            self.seen.forget(digest);
        }
        let mut reached = Check::Form;
        let examined = examine(token, self.limits, &self.policies, now, &mut reached);
        let mut candidate = match examined {
            Ok(candidate) => candidate,
            Err(error) => return Judged::Refused(error),
        };
        candidate.cache_key = digest;
        let policy = self.policies.get(candidate.policy);
        let place = self.source_of.get(candidate.policy).copied().unwrap_or_default();
        let (Some(policy), Some(source)) = (policy, self.sources.get_mut(place)) else {
            return Judged::Refused(Error::new(Code::Internal, "a policy has no key source"));
        };
        let kid = candidate.kid();
        match find(source, policy, candidate.algorithm, candidate.jwt.header(), now) {
            Ok(found) => {
                if let Err(error) = candidate.check_key(policy, &found.set, found.index) {
                    return Judged::Refused(error);
                }
                Judged::Unproven(Box::new(Unproven {
                    candidate,
                    policy: Arc::clone(policy),
                    keys: found.set,
                    key: KeyChoice { index: found.index, age_ms: found.age_ms },
                    now,
                }))
            }
            Err(error) => {
                let fetch = match error.code {
                    _ if fetched => false,
                    Code::KeysUnavailable | Code::KeysExpired => true,
                    // A set that is just being fetched may hold the key.
                    Code::NoMatchingKey => {
                        self.fetching.get(place).is_some_and(Option::is_some)
                            || source.fetch_for(kid, now)
                    }
                    _ => false,
                };
                if fetch { Judged::Fetch(place, error) } else { Judged::Refused(error) }
            }
        }
    }

    /// The instant until which a cached result holds; `None` if the token's own time is over or the key that verified it
    /// is no longer its issuer's.
    fn fresh_until(&self, verified: &VerifiedClaims, now: Timestamp) -> Option<Timestamp> {
        let end = verified.holds_until(now)?;
        let place = *self.source_of.get(verified.policy)?;
        let (policy, source) = (self.policies.get(verified.policy)?, self.sources.get(place)?);
        let found = find(source, policy, verified.algorithm, &verified.header, now).ok()?;
        let key = found.set.jwks().keys().get(found.index)?;
        if *key.thumbprint() != verified.key_thumbprint {
            return None;
        }
        // A set that was replaced goes as soon as its successor verifies a token.
        let is_current = source.held(now).is_ok_and(|held| Arc::ptr_eq(held.set, &found.set));
        Some(if is_current { found.until.map_or(end, |until| until.min(end)) } else { now })
    }

    pub(super) fn digest(&self, token: &[u8]) -> [u8; 32] {
        sha256(&[&self.fingerprint, token])
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
        let document = strict::parse(snapshot)
            .map_err(|fault| malformed(&concat(&["the snapshot is refused: ", fault.reason()])))?;
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

    /// Tickets, flights and effects that are open; all are zero when every ticket has been ended.
    #[must_use]
    pub fn open(&self) -> (usize, usize, usize) {
        (self.tickets.len(), self.flights.len(), self.effects.len())
    }
}

/// The key that a token's header names; by its certificate only where it has no `kid` and the profile allows that.
fn find(
    source: &KeySource,
    policy: &Policy,
    algorithm: Algorithm,
    header: &Header,
    now: Timestamp,
) -> Result<Found, Error> {
    let uses = policy.profile.key_uses;
    let name = match (&header.kid, &header.x5t) {
        (Some(kid), _) => KeyName::Id(kid),
        (None, Some(x5t)) if policy.profile.x5t => KeyName::Certificate(x5t),
        _ => KeyName::None,
    };
    source.choose(algorithm, name, uses, now)
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
