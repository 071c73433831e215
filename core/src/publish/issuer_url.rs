//! The issuer's URL, and the discovery document for it (OpenID Connect Discovery 1.0, sections 3 and 4).

use crate::http::{Url, UrlError};
use crate::jose::Algorithm;
use crate::oauth::discovery;
use crate::redact::redact;
use crate::{Code, Error};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use serde::Serialize;

/// The path of the discovery document, below the issuer.
pub const WELL_KNOWN_PATH: &str = ".well-known/openid-configuration";
/// The path of the key set below the issuer, as kube-apiserver and the documents of azwi have it.
pub const JWKS_PATH: &str = "openid/v1/jwks";
/// The longest part of a URL that a message repeats, in characters.
const MAX_SHOWN: usize = 120;

/// The issuer of tokens, as `iss` and the discovery document spell it. Services compare it octet for octet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuerUrl {
    text: String,
    url: Url,
}

impl IssuerUrl {
    /// Reads an issuer: an absolute https URL without user information, query and fragment; http on this machine, for tests.
    ///
    /// # Errors
    /// `config_invalid` names the member `issuer`.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let url = member("issuer", text)?;
        if text.contains('?') {
            return Err(invalid("`issuer` has a query, which an issuer never has; leave it out"));
        }
        if text.trim_end_matches('/').ends_with(WELL_KNOWN_PATH) {
            return Err(invalid(
                "`issuer` is the address of a discovery document; leave `/.well-known/openid-configuration` out",
            ));
        }
        Ok(Self { text: text.into(), url })
    }

    /// The issuer as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The parts of the URL.
    pub(super) fn url(&self) -> &Url {
        &self.url
    }

    /// The address of the discovery document.
    #[must_use]
    pub fn discovery_url(&self) -> String {
        discovery::address(&self.text)
    }

    /// The address of the key set, unless the issuer has it elsewhere.
    #[must_use]
    pub fn jwks_uri(&self) -> String {
        format!("{}/{JWKS_PATH}", self.text.trim_end_matches('/'))
    }

    /// Checks the address of a key set.
    ///
    /// # Errors
    /// `config_invalid` names the member `jwks_uri`.
    pub fn check_jwks_uri(jwks_uri: &str) -> Result<(), Error> {
        member("jwks_uri", jwks_uri).map(drop)
    }

    /// Returns the path of an address below the issuer, `None` when it is elsewhere or not a plain path of files.
    #[must_use]
    pub fn path_below<'a>(&self, address: &'a str) -> Option<&'a str> {
        let path = address.strip_prefix(self.text.trim_end_matches('/'))?.strip_prefix('/')?;
        let is_name = |part: &str| {
            !matches!(part, "" | "." | "..")
                && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
        };
        (path != WELL_KNOWN_PATH && path.split('/').all(is_name)).then_some(path)
    }

    /// The discovery document as JSON, with the members of kube-apiserver's and of azwi's guide.
    #[must_use]
    pub fn discovery_document(&self, jwks_uri: &str, algorithms: &[Algorithm]) -> String {
        #[derive(Serialize)]
        struct Document<'a> {
            issuer: &'a str,
            jwks_uri: &'a str,
            response_types_supported: [&'static str; 1],
            subject_types_supported: [&'static str; 1],
            id_token_signing_alg_values_supported: Vec<&'static str>,
        }

        // Text always has a JSON form.
        serde_json::to_string_pretty(&Document {
            issuer: &self.text,
            jwks_uri,
            response_types_supported: ["id_token"],
            subject_types_supported: ["public"],
            id_token_signing_alg_values_supported: algorithms
                .iter()
                .map(|algorithm| algorithm.name())
                .collect(),
        })
        .unwrap_or_default()
    }
}

fn member(name: &str, text: &str) -> Result<Url, Error> {
    Url::parse(text).map_err(|error| {
        let shown = redact(text, MAX_SHOWN);
        invalid(&match error {
            UrlError::Insecure => {
                format!("`{name}` is `{shown}`, which uses http; services fetch it over https only")
            }
            UrlError::Malformed => format!(
                "`{name}` is `{shown}`, not an absolute https URL without user information and fragment, such as \
                 https://issuer.example/workloads"
            ),
        })
    })
}

fn invalid(message: &str) -> Error {
    Error::new(Code::ConfigInvalid, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oauth::discovery::DiscoveryDocument;
    use serde_json::json;

    #[test]
    fn the_document_has_the_members_of_kubernetes() {
        let issuer = IssuerUrl::parse("https://Issuer.example/a/").unwrap();
        assert_eq!(issuer.jwks_uri(), "https://Issuer.example/a/openid/v1/jwks");
        assert_eq!(
            issuer.discovery_url(),
            "https://Issuer.example/a/.well-known/openid-configuration"
        );
        let text =
            issuer.discovery_document(&issuer.jwks_uri(), &[Algorithm::Rs256, Algorithm::Es384]);
        let document: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(
            document,
            json!({
                "issuer": "https://Issuer.example/a/",
                "jwks_uri": "https://Issuer.example/a/openid/v1/jwks",
                "response_types_supported": ["id_token"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256", "ES384"],
            })
        );
        let read = DiscoveryDocument::parse(text.as_bytes()).unwrap();
        assert_eq!(read.check_issuer("https://Issuer.example/a/"), Ok(()));
    }

    #[test]
    fn other_text_is_no_issuer() {
        for (text, words) in [
            ("", "not an absolute"),
            ("issuer.example", "not an absolute"),
            ("http://issuer.example", "https only"),
            ("https://u:p@issuer.example", "not an absolute"),
            ("https://issuer.example#x", "not an absolute"),
            ("https://issuer.example/ a", "not an absolute"),
            ("https://issuer.example?a=1", "has a query"),
            ("https://issuer.example/.well-known/openid-configuration", "discovery document"),
            ("https://issuer.example/\u{1b}[2J", "not an absolute"),
        ] {
            let error = IssuerUrl::parse(text).unwrap_err();
            assert_eq!(error.code, Code::ConfigInvalid, "{text}");
            assert!(error.message.contains(words), "{text}: {}", error.message);
            assert!(error.message.starts_with("`issuer`") && !error.message.contains('\u{1b}'));
        }
        let error = IssuerUrl::check_jwks_uri("http://issuer.example/keys").unwrap_err();
        assert!(error.message.starts_with("`jwks_uri`"), "{}", error.message);
    }

    #[test]
    fn only_plain_paths_below_the_issuer_are_paths_of_files() {
        let issuer = IssuerUrl::parse("https://issuer.example/a").unwrap();
        for (address, path) in [
            ("https://issuer.example/a/openid/v1/jwks", Some("openid/v1/jwks")),
            ("https://issuer.example/a/keys.json", Some("keys.json")),
            ("https://issuer.example/a/.well-known/jwks.json", Some(".well-known/jwks.json")),
            ("https://issuer.example/a/.well-known/openid-configuration", None),
            ("https://issuer.example/a/../keys", None),
            ("https://issuer.example/a//keys", None),
            ("https://issuer.example/a/", None),
            ("https://issuer.example/a/keys?x=1", None),
            ("https://issuer.example/a/%2e%2e/keys", None),
            ("https://issuer.example/b/keys", None),
            ("https://issuer.example/ab", None),
        ] {
            assert_eq!(issuer.path_below(address), path, "{address}");
        }
    }
}
