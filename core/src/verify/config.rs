//! A verifier's configuration, parsed once. Shape: `docs/protocol.md`, section 8.

use super::issuer_config::{Issuer, read_issuer};
use super::{MAX_LEEWAY_SECONDS, Policy};
use crate::digest::sha256;
use crate::jose::{Jwks, KeyRules, Limits, MAX_TOKEN_BYTES};
use crate::keys::KeySourceSettings;
use crate::shape::{Kind, Members, Shape, document};
use crate::{Code, Error};
use alloc::sync::Arc;
use alloc::vec::Vec;

/// Longest token that can be allowed: what Microsoft's own validator takes.
const MAX_ALLOWED_TOKEN_BYTES: u32 = 256 * 1024;
/// Most issuers of one verifier.
const MAX_ISSUERS: usize = 100;

const SHAPE: Shape = Shape {
    code: Code::ConfigInvalid,
    place: "",
    members: &[
        ("issuers", Kind::Any),
        ("leeway_seconds", Kind::Integer),
        ("max_token_bytes", Kind::Size(MAX_ALLOWED_TOKEN_BYTES)),
        ("cache_max_bytes", Kind::Size(1 << 31)),
        ("signatures", Kind::Word(&["core", "host"])),
        ("allow_loopback_http", Kind::Flag),
        ("dangerously_allow_rsa_1024", Kind::Flag),
        ("timeout_ms", Kind::Size(3_600_000)),
    ],
};

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
        let document = document(bytes, Code::ConfigInvalid, "configuration")?;
        let members = Members::read(&document, &SHAPE)?;
        let leeway_seconds = members.integer("leeway_seconds").unwrap_or(60);
        if !(0..=MAX_LEEWAY_SECONDS).contains(&leeway_seconds) {
            return Err(invalid("`leeway_seconds` is not between 0 and 300"));
        }
        let issuers = members.list("issuers");
        if issuers.is_empty() || issuers.len() > MAX_ISSUERS {
            return Err(invalid("`issuers` is not a list of 1 to 100 objects"));
        }
        let weak = members.flag("dangerously_allow_rsa_1024");
        let shared = Shared {
            leeway_seconds,
            rules: if weak { KeyRules { min_rsa_bits: 1024 } } else { KeyRules::default() },
            allow_loopback_http: members.flag("allow_loopback_http"),
        };
        let max_bytes = members.size("max_token_bytes").unwrap_or(MAX_TOKEN_BYTES);
        let mut config = Self {
            policies: Vec::new(),
            source_of: Vec::new(),
            sources: Vec::new(),
            limits: Limits { max_bytes, padding: false },
            cache_max_bytes: members.size("cache_max_bytes").unwrap_or(0),
            host_signatures: members.text("signatures") == Some("host"),
            timeout_ms: members.integer("timeout_ms").unwrap_or(10_000),
            fingerprint: sha256(&[bytes]),
        };
        for issuer in issuers {
            let Issuer { policy, source } = read_issuer(issuer, &shared)?;
            config.limits.padding |= policy.profile.load_balancer;
            config.policies.push(Arc::new(policy));
            let known = config.sources.iter().position(|known| *known == source);
            config.source_of.push(known.unwrap_or(config.sources.len()));
            if known.is_none() {
                config.sources.push(source);
            }
        }
        Ok(config)
    }

    /// Whether the configuration leaves signatures to the host (`signatures`).
    #[must_use]
    pub fn host_signatures(&self) -> bool {
        self.host_signatures
    }
}

fn invalid(message: &str) -> Error {
    Error::new(Code::ConfigInvalid, message)
}
