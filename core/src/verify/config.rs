//! A verifier's configuration, parsed once. Its JSON form: `docs/protocol.md`, section 8.

use super::issuer_config::{Issuer, Shared};
use super::{IssuerRule, MAX_LEEWAY_SECONDS, Policy};
use crate::Error;
use crate::http::{AddressPolicy, PrivateAddresses, PrivateAddressesForm};
use crate::jose::{Jwks, KeyRules, Limits, MAX_TOKEN_BYTES};
use crate::json::config::{Bounded, Document, null_is_default, word};
use crate::json::non_empty::names;
use crate::keys::KeySourceSettings;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// Most issuers of one verifier.
const MAX_ISSUERS: usize = 100;
const DOCUMENT: Document = Document::CONFIGURATION;

/// The members of the JSON form.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Members {
    #[serde(default)]
    issuers: Value,
    leeway_seconds: Option<i64>,
    // Microsoft's own validator accepts tokens of this size.
    max_token_bytes: Option<Bounded<262_144>>,
    cache_max_bytes: Option<Bounded<2_147_483_648>>,
    #[serde(default, deserialize_with = "word")]
    signatures: Option<Signatures>,
    #[serde(default, deserialize_with = "null_is_default")]
    allow_loopback_http: bool,
    #[serde(default, deserialize_with = "word")]
    private_addresses: Option<PrivateAddressesForm>,
    #[serde(default, deserialize_with = "names")]
    allowed_networks: Option<Vec<String>>,
    #[serde(default, deserialize_with = "null_is_default")]
    dangerously_allow_rsa_1024: bool,
    timeout_ms: Option<Bounded<3_600_000>>,
}

/// Who verifies signatures.
#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "snake_case")]
enum Signatures {
    Core,
    Host,
}

/// A checked configuration of a [`Verifier`](super::Verifier).
#[derive(Clone, Debug)]
pub struct VerifierConfig {
    /// What tokens must satisfy. The first policy whose issuer matches is applied.
    pub(super) policies: Vec<Arc<Policy>>,
    /// The key source of each policy.
    pub(super) source_of: Vec<usize>,
    pub(super) sources: Vec<SourceConfig>,
    pub(super) limits: Limits,
    pub(super) cache_max_bytes: usize,
    pub(super) host_signatures: bool,
    pub(super) timeout_ms: i64,
    /// Digest of the configuration's text. It is part of every cache key, so that no cached result outlives a change of
    /// policy.
    pub(super) fingerprint: [u8; 32],
}

/// Where keys come from.
#[derive(Clone, Debug)]
pub(super) struct SourceConfig {
    /// Keys that the configuration contains. They are never fetched.
    pub(super) keys: Option<Jwks>,
    pub(super) settings: KeySourceSettings,
}

impl VerifierConfig {
    /// Parses the JSON form.
    ///
    /// # Errors
    /// `config_invalid` names the member that is wrong and what it should be; a key set that cannot be read is
    /// `malformed` or `too_large`.
    ///
    /// ```
    /// use workload_identity_core::verify::VerifierConfig;
    /// let config = VerifierConfig::parse(br#"{"issuers":[{"profile":"entra-v2",
    ///     "tenant_id":"11111111-2222-3333-4444-555555555555","audience":"api://mine"}]}"#);
    /// assert!(config.is_ok());
    /// assert!(VerifierConfig::parse(br#"{"issuers":[{"issuer":"https://a.example"}]}"#).is_err());
    /// ```
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        let members: Members = DOCUMENT.read(bytes)?;
        let leeway_seconds = members.leeway_seconds.unwrap_or(60);
        if !(0..=MAX_LEEWAY_SECONDS).contains(&leeway_seconds) {
            return Err(DOCUMENT.error("`leeway_seconds` is not between 0 and 300"));
        }
        let issuers = match members.issuers {
            Value::Array(issuers) if (1..=MAX_ISSUERS).contains(&issuers.len()) => issuers,
            _ => return Err(DOCUMENT.error("`issuers` is not a list of 1 to 100 objects")),
        };
        let weak = members.dangerously_allow_rsa_1024;
        let shared = Shared {
            leeway_seconds,
            rules: if weak { KeyRules { min_rsa_bits: 1024 } } else { KeyRules::default() },
            addresses: AddressPolicy {
                private: PrivateAddresses::read(
                    members.private_addresses,
                    members.allowed_networks,
                )?,
                allow_loopback_http: members.allow_loopback_http,
            },
        };
        let mut limits = Limits {
            max_bytes: members.max_token_bytes.map_or(MAX_TOKEN_BYTES, |size| size.0 as usize),
            padding: false,
        };
        let mut sources = KeySources::default();
        let (mut policies, mut source_of) = (Vec::<Arc<Policy>>::new(), Vec::new());
        for issuer in issuers {
            let Issuer { policy, keys, source } = Issuer::read(issuer, &shared)?;
            limits.padding |= policy.profile.load_balancer;
            let source = sources.add(keys, source, shared.rules)?;
            let mut earlier = source_of.iter().zip(&policies);
            if earlier.any(|(other, former)| *other == source && share_a_bundle(former, &policy)) {
                return Err(DOCUMENT.error(
                    "`issuers` gives two trust domains the same keys: each could sign for the other, and each has its own bundle",
                ));
            }
            source_of.push(source);
            policies.push(Arc::new(policy));
        }
        Ok(Self {
            policies,
            source_of,
            sources: sources.configs,
            limits,
            cache_max_bytes: members.cache_max_bytes.map_or(0, |size| size.0 as usize),
            host_signatures: members.signatures == Some(Signatures::Host),
            timeout_ms: members.timeout_ms.map_or(10_000, |timeout| i64::from(timeout.0)),
            fingerprint: Sha256::digest(bytes).into(),
        })
    }

    /// The issuers that some policy accepts, in the form of `iss`. Entra's issuers of any tenant have `{tenantid}` in it; of
    /// SPIFFE, where `iss` does not count, it is the beginning of `sub`.
    #[must_use]
    pub fn accepted_issuers(&self) -> Vec<String> {
        self.policies.iter().flat_map(|policy| policy.issuer.accepted(policy.profile)).collect()
    }

    /// Whether the host verifies signatures (`signatures`).
    #[must_use]
    pub fn host_signatures(&self) -> bool {
        self.host_signatures
    }
}

/// Whether two policies with the same keys are for different trust domains.
fn share_a_bundle(one: &Policy, other: &Policy) -> bool {
    match (&one.issuer, &other.issuer) {
        (IssuerRule::TrustDomain(one), IssuerRule::TrustDomain(other)) => one != other,
        _ => false,
    }
}

/// The key sources of all issuers. Issuers with the same keys share one.
#[derive(Default)]
struct KeySources {
    configs: Vec<SourceConfig>,
    /// The JSON form of the keys that each source was given.
    given: Vec<Option<Value>>,
}

impl KeySources {
    /// Adds the source of an issuer, unless there is the same already. Returns its index.
    fn add(
        &mut self,
        keys: Option<Value>,
        settings: KeySourceSettings,
        rules: KeyRules,
    ) -> Result<usize, Error> {
        let same = |(config, given): (&SourceConfig, &Option<Value>)| match given {
            None => keys.is_none() && config.settings == settings,
            given => *given == keys,
        };
        if let Some(known) = self.configs.iter().zip(&self.given).position(same) {
            return Ok(known);
        }
        let parsed = match &keys {
            Some(keys) => Some(Jwks::read(keys, rules)?),
            None => None,
        };
        self.configs.push(SourceConfig { keys: parsed, settings });
        self.given.push(keys);
        Ok(self.configs.len() - 1)
    }
}

#[cfg(test)]
mod tests;
