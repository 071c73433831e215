//! Between the cheap checks and the verdict: the signature, and the claims that only a signed token may show.

use super::claim_rule::{find, mismatch, missing};
use super::{Policy, Profile, VerifiedClaims, glob};
use crate::crypto::{KeySet, Prepared, signature_invalid};
use crate::jose::{Algorithm, CompactJwt, Header, Jwk, RegisteredClaims};
use crate::json::strict;
use crate::{Code, Effect, Error, Timestamp};
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use serde_json::Value;

/// A token that has passed every check that needs no key.
pub(super) struct Candidate<'t> {
    pub(super) jwt: CompactJwt<'t>,
    /// The payload as signed, decoded.
    pub(super) payload: String,
    pub(super) signature: Vec<u8>,
    pub(super) registered: RegisteredClaims,
    pub(super) algorithm: Algorithm,
    /// The policy that its issuer selects.
    pub(super) policy: usize,
    /// Names the token in the cache of verified tokens.
    pub(super) cache_key: Option<[u8; 32]>,
}

/// The key of a set that a token means.
#[derive(Clone, Copy, Debug)]
pub(super) struct KeyChoice {
    pub(super) index: usize,
    /// How old the set is, if it was fetched.
    pub(super) age_ms: Option<i64>,
}

impl Candidate<'_> {
    pub(super) fn kid(&self) -> Option<&str> {
        self.jwt.header().kid.as_deref()
    }

    /// # Errors
    /// `key_rejected` when the key is for the same algorithm under another name (RFC 7517, section 4.4: it is compared as
    /// text), `key_issuer_mismatch` when it is another issuer's.
    pub(super) fn check_key(
        &self,
        policy: &Policy,
        keys: &KeySet,
        index: usize,
    ) -> Result<(), Error> {
        let key = keys.jwks().keys().get(index).ok_or_else(signature_invalid)?;
        let name = self.jwt.header().algorithm_name.as_str();
        if key.algorithm_name().is_some_and(|own| own != name) {
            return Err(Error::new(
                Code::KeyRejected,
                "the key that the token names spells its algorithm otherwise than the token",
            ));
        }
        policy.issuer.check_key(key, &self.registered)
    }

    pub(super) fn verify(&self, keys: &KeySet, index: usize) -> Result<(), Error> {
        keys.verify(index, self.algorithm, self.jwt.signing_input(), &self.signature)
    }

    /// After the signature: the claims that only a signed token may show.
    pub(super) fn accept(
        self,
        policy: &Policy,
        keys: &KeySet,
        key: KeyChoice,
        now: Timestamp,
    ) -> Result<VerifiedClaims, Error> {
        keys.set_proven();
        self.conclude(policy, keys, key, now)
    }

    /// What is said of the token if its signature is good.
    pub(super) fn conclude(
        self,
        policy: &Policy,
        keys: &KeySet,
        key: KeyChoice,
        now: Timestamp,
    ) -> Result<VerifiedClaims, Error> {
        self.check_claims(policy, now)?;
        let header = self.jwt.into_header();
        let used = keys.jwks().keys().get(key.index);
        let named = header.kid.is_some();
        Ok(VerifiedClaims {
            payload: self.payload,
            header,
            registered: self.registered,
            algorithm: self.algorithm,
            profile: policy.profile,
            policy: self.policy,
            leeway_seconds: policy.leeway(),
            max_age_seconds: policy.max_age_seconds,
            // A token names its key as the key does.
            key_id: match named {
                true => None,
                false => used.and_then(Jwk::key_id).map(String::from),
            },
            key_thumbprint: used.map(|key| *key.thumbprint()).unwrap_or_default(),
            keys_age_ms: key.age_ms,
            cache_key: self.cache_key,
        })
    }

    fn check_claims(&self, policy: &Policy, now: Timestamp) -> Result<(), Error> {
        if let Some(oldest) = policy.max_age_seconds {
            let issued = self.registered.issued_at.ok_or_else(|| missing("iat"))?;
            if now > issued.plus_seconds(oldest.saturating_add(policy.leeway())) {
                return Err(Error::new(
                    Code::TooOld,
                    "the token was issued longer ago than the policy allows",
                ));
            }
        }
        let subject = self.registered.subject.as_deref().unwrap_or_default();
        let forms = policy.profile.subjects;
        if !forms.is_empty() && !forms.iter().any(|form| glob(form, subject)) {
            return Err(if subject.is_empty() { missing("sub") } else { mismatch("sub") });
        }
        if !policy.looks_at_claims() {
            return Ok(());
        }
        // It was read under the same rules before.
        let claims = strict::parse(self.payload.as_bytes()).unwrap_or_default();
        for name in policy.profile.required {
            let present = find(name, &claims).is_some_and(has_content);
            if !present {
                return Err(missing(name));
            }
        }
        for rule in &policy.claims {
            rule.check(&claims)?;
        }
        check_party(policy, &claims)?;
        one_of(&policy.roles, &["roles"], &claims)?;
        one_of(&policy.scopes, &["scp", "scope"], &claims)?;
        if policy.app_only {
            match claims.get("idtyp") {
                None => return Err(missing("idtyp")),
                Some(kind) if kind == "app" => {}
                Some(_) => return Err(mismatch("idtyp")),
            }
        }
        Ok(())
    }
}

/// Whether a required claim has content: it is neither `null` nor an empty string.
fn has_content(value: &Value) -> bool {
    !value.is_null() && value != ""
}

/// The party the token was issued to (OpenID Connect Core, section 3.1.3.7).
fn check_party(policy: &Policy, claims: &Value) -> Result<(), Error> {
    if policy.authorized_parties.is_empty() {
        return Ok(());
    }
    let named = ["azp", "appid", "client_id"].into_iter().find(|name| claims.get(*name).is_some());
    let Some(name) = named else { return Err(missing("azp")) };
    match claims.get(name).and_then(Value::as_str) {
        Some(party) if policy.authorized_parties.iter().any(|own| own == party) => Ok(()),
        _ => Err(mismatch(name)),
    }
}

/// Whether a claim, a list or a text of words, holds one of the wanted values.
fn one_of(wanted: &[String], names: &[&'static str], claims: &Value) -> Result<(), Error> {
    let [first, ..] = names else { return Ok(()) };
    if wanted.is_empty() {
        return Ok(());
    }
    let among = |word: &str| wanted.iter().any(|own| own == word);
    let mut present = false;
    for name in names {
        let held = match claims.get(*name) {
            None => continue,
            Some(Value::String(words)) => words.split(' ').any(among),
            Some(Value::Array(items)) => items.iter().any(|item| item.as_str().is_some_and(among)),
            Some(_) => false,
        };
        if held {
            return Ok(());
        }
        present = true;
    }
    Err(if present { mismatch(first) } else { missing(first) })
}

/// A token of which everything but the signature and its claims' values has been checked.
///
/// It holds what it needs, so that the signature can be computed without the verifier at hand.
pub struct Unproven<'t> {
    pub(super) candidate: Candidate<'t>,
    pub(super) policy: Arc<Policy>,
    pub(super) keys: Arc<KeySet>,
    pub(super) key: KeyChoice,
    pub(super) now: Timestamp,
}

impl<'t> Unproven<'t> {
    /// The algorithm of the signature.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.candidate.algorithm
    }

    /// The token's header.
    pub(crate) fn header(&self) -> &Header {
        self.candidate.jwt.header()
    }

    /// How old the key set is, in milliseconds; `None` for keys given directly.
    pub(crate) fn key_set_age(&self) -> Option<i64> {
        self.key.age_ms
    }

    /// The kind of issuer.
    pub(crate) fn profile(&self) -> &'static Profile {
        self.policy.profile
    }

    /// The key to verify it with.
    #[must_use]
    pub fn key(&self) -> Option<&Jwk> {
        self.keys.jwks().keys().get(self.key.index)
    }

    /// What is signed.
    #[must_use]
    pub fn signing_input(&self) -> &'t [u8] {
        self.candidate.jwt.signing_input()
    }

    /// The signature in JOSE's form.
    #[must_use]
    pub fn signature(&self) -> &[u8] {
        &self.candidate.signature
    }

    /// Whether the host has to compute the signature.
    #[must_use]
    pub fn by_host(&self) -> bool {
        matches!(self.keys.prepared(self.key.index), Some(Prepared::Host))
    }

    /// The question to the host.
    pub(super) fn effect(&self) -> Effect {
        Effect::Verify {
            key: self.key().map(Jwk::to_json).unwrap_or_default(),
            algorithm: self.algorithm().name(),
            input: self.signing_input().to_vec(),
            signature: self.signature().to_vec(),
        }
    }

    /// Computes the signature with the prepared key, then checks the rest.
    ///
    /// # Errors
    /// `signature_invalid`, then the codes of claims.
    pub fn prove(self) -> Result<VerifiedClaims, Error> {
        self.candidate.verify(&self.keys, self.key.index)?;
        self.accept()
    }

    /// Takes the verdict of a host that computed the signature itself, then checks the rest.
    ///
    /// # Errors
    /// As for [`Self::prove`].
    pub fn proven_by_host(self, good: bool) -> Result<VerifiedClaims, Error> {
        if good { self.accept() } else { Err(signature_invalid()) }
    }

    fn accept(self) -> Result<VerifiedClaims, Error> {
        self.candidate.accept(&self.policy, &self.keys, self.key, self.now)
    }
}

/// The parts of a token are secret together.
impl fmt::Debug for Unproven<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Unproven")
            .field("algorithm", &self.algorithm())
            .finish_non_exhaustive()
    }
}
