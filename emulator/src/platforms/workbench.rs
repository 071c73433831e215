//! What a platform works with: addresses, keys, identifiers, the clock.

use crate::entra::Version;
use crate::identifiers::Identifiers;
use crate::issuers::discovery;
use crate::issuers::github::GithubIssuer;
use crate::issuers::kubernetes::KubernetesIssuer;
use crate::key_ring::KeyRing;
use crate::reply::Response;
use crate::settings::{ServerCertificate, Settings};
use serde_json::{Value, json};
use workload_identity_core::trust::Credential;
use workload_identity_core::{Code, Error, Timestamp};

/// What a platform works with.
pub(crate) struct Workbench<'a> {
    pub(crate) settings: &'a Settings,
    /// The keys of the platforms' issuers.
    pub(crate) keys: &'a KeyRing,
    /// The keys of Entra's tokens.
    pub(crate) entra_keys: &'a KeyRing,
    pub(crate) github: &'a GithubIssuer,
    pub(crate) kubernetes: &'a KubernetesIssuer,
    pub(crate) ids: &'a mut Identifiers,
    pub(crate) now: Timestamp,
}

impl Workbench<'_> {
    /// The address below which a platform has its endpoints.
    pub(crate) fn base_url(&self, platform: &str) -> String {
        format!("{}/platforms/{platform}", self.settings.base_url)
    }

    /// The identifier of a platform's issuer.
    pub(crate) fn issuer(&self, platform: &str) -> String {
        format!("{}/issuer", self.base_url(platform))
    }

    /// The certificate of the emulator's server.
    ///
    /// # Errors
    /// `config_invalid` without TLS.
    pub(crate) fn certificate(&self) -> Result<&ServerCertificate, Error> {
        self.settings.certificate.as_ref().ok_or_else(|| {
            Error::new(Code::ConfigInvalid, "it is reached over https; start `wif emulator --tls`")
        })
    }

    /// The issuer of Entra's v2 tokens, such as those of managed identities.
    pub(crate) fn entra_issuer(&self) -> String {
        Version::V2.issuer(self.settings)
    }

    /// A credential for a subject of the platform's issuer, with the audience of the exchange.
    pub(crate) fn credential(&self, platform: &str, subject: &str) -> Credential {
        Credential::exact(&self.issuer(platform), subject, &self.settings.audience)
    }

    /// A token of a platform's issuer: the claims, and `iss`, `iat` and `exp` where they lack them.
    pub(crate) fn token(
        &self,
        platform: &str,
        claims: Value,
        life_seconds: i64,
    ) -> Result<String, Error> {
        let claims = self.completed(claims, self.issuer(platform), life_seconds);
        self.keys.current().sign(Some("JWT"), &claims)
    }

    /// A token of Entra's v2 issuer: the claims, and `iss`, `iat` and `exp` where they lack them.
    pub(crate) fn entra_token(&self, claims: Value, life_seconds: i64) -> Result<String, Error> {
        let claims = self.completed(claims, self.entra_issuer(), life_seconds);
        self.entra_keys.current().sign(Some("JWT"), &claims)
    }

    fn completed(&self, mut claims: Value, issuer: String, life_seconds: i64) -> Value {
        let now = self.now.seconds();
        if let Some(claims) = claims.as_object_mut() {
            for (name, value) in
                [("iss", json!(issuer)), ("iat", json!(now)), ("exp", json!(now + life_seconds))]
            {
                claims.entry(name).or_insert(value);
            }
        }
        claims
    }

    /// The discovery document of a platform's issuer.
    pub(crate) fn discovery_document(&self, platform: &str) -> Response {
        let issuer = self.issuer(platform);
        discovery::document(
            &issuer,
            &format!("{issuer}/jwks"),
            &["sub", "aud", "exp", "iat", "iss"],
        )
    }

    /// The keys of the platforms' issuers.
    pub(crate) fn key_set(&self) -> Response {
        discovery::key_set(self.keys)
    }
}
