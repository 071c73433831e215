//! A verifier's configuration, parsed once. Shape: `docs/protocol.md`, section 8.

use super::issuer_config::{Issuer, read_issuer};
use super::{MAX_LEEWAY_SECONDS, Policy};
use crate::Error;
use crate::config::{Members, invalid};
use crate::jose::{Jwks, KeyRules, Limits, MAX_TOKEN_BYTES};
use crate::json::{self, Json};
use crate::keys::KeySourceSettings;
use alloc::format;
use alloc::string::ToString;
use alloc::sync::Arc;
use alloc::vec::Vec;
use sha2::{Digest, Sha256};

/// Longest token that can be allowed: what Microsoft's own validator takes.
const MAX_ALLOWED_TOKEN_BYTES: usize = 256 * 1024;
/// Most issuers of one verifier.
const MAX_ISSUERS: usize = 100;

/// A checked configuration of a [`Verifier`](super::Verifier).
#[derive(Clone, Debug)]
pub struct VerifierConfig {
    /// What tokens must say; the first whose issuer fits is applied.
    pub(super) policies: Vec<Arc<Policy>>,
    /// The key source of each policy.
    pub(super) source_of: Vec<usize>,
    pub(super) sources: Vec<SourceConfig>,
    pub(super) limits: Limits,
    pub(super) cache_max_bytes: usize,
    pub(super) host_signatures: bool,
    pub(super) timeout_ms: i64,
    /// Digest of the configuration's text: no verdict outlives a change of policy.
    pub(super) fingerprint: [u8; 32],
}

/// Where keys come from.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum SourceConfig {
    Given(Jwks),
    Fetched(KeySourceSettings),
}

/// What holds for all issuers.
pub(super) struct Shared {
    pub(super) leeway_seconds: i64,
    pub(super) rules: KeyRules,
    pub(super) allow_loopback_http: bool,
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
        let document =
            json::parse(bytes).map_err(|fault| invalid(format!("the configuration is {fault}")))?;
        let members = Members::of(&document, "")?;
        members.only(&[
            "issuers",
            "leeway_seconds",
            "max_token_bytes",
            "cache_max_bytes",
            "signatures",
            "allow_loopback_http",
            "dangerously_allow_rsa_1024",
            "timeout_ms",
        ])?;
        let leeway = members.integer("leeway_seconds")?.unwrap_or(60);
        if !(0..=MAX_LEEWAY_SECONDS).contains(&leeway) {
            return Err(invalid("`leeway_seconds` is not between 0 and 300".to_string()));
        }
        let weak = members.bool("dangerously_allow_rsa_1024")?.unwrap_or(false);
        let shared = Shared {
            leeway_seconds: leeway,
            rules: if weak { KeyRules { min_rsa_bits: 1024 } } else { KeyRules::default() },
            allow_loopback_http: members.bool("allow_loopback_http")?.unwrap_or(false),
        };
        let max_bytes =
            members.size("max_token_bytes", MAX_TOKEN_BYTES, MAX_ALLOWED_TOKEN_BYTES)?;
        let mut config = Self {
            policies: Vec::new(),
            source_of: Vec::new(),
            sources: Vec::new(),
            limits: Limits { max_bytes, padding: false },
            cache_max_bytes: members.size("cache_max_bytes", 0, 1 << 31)?,
            host_signatures: members.one_of("signatures", &["core", "host"])? == Some(1),
            timeout_ms: i64::try_from(members.size("timeout_ms", 10_000, 3_600_000)?)
                .unwrap_or(10_000),
            fingerprint: Sha256::digest(bytes).into(),
        };
        let issuers = document.member("issuers").and_then(Json::as_list).unwrap_or_default();
        if issuers.is_empty() || issuers.len() > MAX_ISSUERS {
            return Err(invalid("`issuers` is not a list of 1 to 100 objects".to_string()));
        }
        for issuer in issuers {
            let Issuer { policy, source } = read_issuer(issuer, &shared)?;
            config.limits.padding |= policy.profile.load_balancer;
            config.policies.push(Arc::new(policy));
            let known = config.sources.iter().position(|known| *known == source);
            let place = known.unwrap_or(config.sources.len());
            if known.is_none() {
                config.sources.push(source);
            }
            config.source_of.push(place);
        }
        Ok(config)
    }

    /// Whether the configuration leaves signatures to the host (`signatures`).
    #[must_use]
    pub fn host_signatures(&self) -> bool {
        self.host_signatures
    }
}
