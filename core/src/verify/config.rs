//! A verifier's configuration, parsed once. Shape: `docs/protocol.md`, section 8.

use super::issuer_config::read_issuer;
use super::{MAX_LEEWAY_SECONDS, Policy};
use crate::digest::sha256;
use crate::jose::{Jwks, KeyRules, Limits, MAX_TOKEN_BYTES};
use crate::json::Json;
use crate::keys::KeySourceSettings;
use crate::shape::{Kind, Members, Shape, document, size, word};
use crate::{Code, Error};
use alloc::sync::Arc;
use alloc::vec::Vec;

/// Most issuers of one verifier.
const MAX_ISSUERS: usize = 100;

const SHAPE: Shape = Shape {
    code: Code::ConfigInvalid,
    not_an_object: "the configuration is not a JSON object",
    place: "",
    members: &[
        ("issuers", Kind::Any),
        ("leeway_seconds", Kind::Integer),
        // Microsoft's own validator takes as much.
        ("max_token_bytes", size!(262_144)),
        ("cache_max_bytes", size!(2_147_483_648)),
        ("signatures", word!("core", "host")),
        ("allow_loopback_http", Kind::Flag),
        ("dangerously_allow_rsa_1024", Kind::Flag),
        ("timeout_ms", size!(3_600_000)),
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
#[derive(Clone, Debug)]
pub(super) struct SourceConfig {
    /// Keys that were given, so that none are fetched.
    pub(super) keys: Option<Jwks>,
    pub(super) settings: KeySourceSettings,
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
        let mut config = Self {
            policies: Vec::new(),
            source_of: Vec::new(),
            sources: Vec::new(),
            limits: Limits::default(),
            cache_max_bytes: 0,
            host_signatures: false,
            timeout_ms: 0,
            fingerprint: sha256(&[bytes]),
        };
        config.read(&document).map(|()| config)
    }

    fn read(&mut self, document: &Json) -> Result<(), Error> {
        SHAPE.check(document)?;
        let members = Members(document);
        let leeway_seconds = members.integer("leeway_seconds").unwrap_or(60);
        if !(0..=MAX_LEEWAY_SECONDS).contains(&leeway_seconds) {
            return refuse("`leeway_seconds` is not between 0 and 300");
        }
        let issuers = members.list("issuers");
        if issuers.is_empty() || issuers.len() > MAX_ISSUERS {
            return refuse("`issuers` is not a list of 1 to 100 objects");
        }
        let weak = members.flag("dangerously_allow_rsa_1024");
        let shared = Shared {
            leeway_seconds,
            rules: if weak { KeyRules { min_rsa_bits: 1024 } } else { KeyRules::default() },
            allow_loopback_http: members.flag("allow_loopback_http"),
        };
        self.limits.max_bytes = members.size("max_token_bytes", MAX_TOKEN_BYTES as u32) as usize;
        self.cache_max_bytes = members.size("cache_max_bytes", 0) as usize;
        self.host_signatures = members.text("signatures").is_some_and(|word| word == "host");
        self.timeout_ms = i64::from(members.size("timeout_ms", 10_000));
        // The key sets that were given, by source.
        let mut given: Vec<Option<&Json>> = Vec::new();
        for issuer in issuers {
            let issuer = read_issuer(issuer, &shared)?;
            let same = |(source, keys): (&SourceConfig, &Option<&Json>)| match (keys, issuer.keys) {
                (None, None) => is_same(&source.settings, &issuer.source),
                (Some(keys), Some(own)) => *keys == own,
                _ => false,
            };
            let known = self.sources.iter().zip(&given).position(same);
            self.source_of.push(known.unwrap_or(given.len()));
            if known.is_none() {
                let keys = issuer.keys.map(|keys| Jwks::read(keys, shared.rules)).transpose()?;
                self.sources.push(SourceConfig { keys, settings: issuer.source });
                given.push(issuer.keys);
            }
            self.limits.padding |= issuer.policy.profile.load_balancer;
            self.policies.push(Arc::new(issuer.policy));
        }
        Ok(())
    }

    /// Whether the configuration leaves signatures to the host (`signatures`).
    #[must_use]
    pub fn host_signatures(&self) -> bool {
        self.host_signatures
    }
}

/// Not inlined into the loop, which would read all members first.
#[inline(never)]
fn is_same(one: &KeySourceSettings, other: &KeySourceSettings) -> bool {
    one == other
}

pub(super) fn refuse(message: &str) -> Result<(), Error> {
    Err(Error::new(Code::ConfigInvalid, message))
}
