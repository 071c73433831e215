//! Discovery document and keys of an assertion's issuer, and the cache of the keys.

use super::error::{Aadsts, EntraError};
use crate::reply::Fetched;
use std::collections::BTreeMap;
use workload_identity_core::Timestamp;
use workload_identity_core::crypto::{KeySet, Provider};
use workload_identity_core::jose::Jwks;
use workload_identity_core::keys::{DISCOVERY_MEDIA_TYPE, DiscoveryDocument, KEYS_MEDIA_TYPES};
use workload_identity_core::trust::first_keys;

/// Most bytes of a fetched document. The host stops after one byte more.
pub const MAX_FETCHED_BYTES: usize = 1024 * 1024;

/// Most characters of a fetched text or address in a message.
const SHOWN_CHARACTERS: usize = 300;
/// How long keys are cached, in seconds.
const MAX_AGE_SECONDS: i64 = 24 * 3600;

/// Cached keys by issuer.
pub(crate) struct IssuerKeys {
    provider: Box<dyn Provider>,
    cached: BTreeMap<String, CachedKeys>,
}

struct CachedKeys {
    keys: KeySet,
    fetched_at: Timestamp,
}

impl IssuerKeys {
    /// An empty cache, whose keys `provider` prepares.
    pub(crate) fn new(provider: Box<dyn Provider>) -> Self {
        Self { provider, cached: BTreeMap::new() }
    }

    /// The issuer's keys, unless they are too old.
    pub(crate) fn get(&self, issuer: &str, now: Timestamp) -> Option<&KeySet> {
        let cached = self.cached.get(issuer)?;
        (self.age(issuer, now)? < MAX_AGE_SECONDS).then_some(&cached.keys)
    }

    /// Seconds since the keys were fetched.
    pub(crate) fn age(&self, issuer: &str, now: Timestamp) -> Option<i64> {
        self.cached.get(issuer).map(|cached| now.since(cached.fetched_at) / 1000)
    }

    pub(crate) fn store(&mut self, issuer: &str, keys: Jwks, now: Timestamp) {
        let keys = KeySet::import(keys, self.provider.as_ref());
        self.cached.insert(issuer.to_owned(), CachedKeys { keys, fetched_at: now });
    }

    pub(crate) fn clear(&mut self) {
        self.cached.clear();
    }
}

/// A document of an issuer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Document {
    /// The discovery document.
    Discovery,
    /// The key set at the address that the discovery document names.
    Keys(String),
}

impl Document {
    /// Its address. A discovery document's is fixed (OpenID Connect Discovery 1.0, section 4).
    pub(crate) fn url(&self, issuer: &str) -> String {
        match self {
            Self::Discovery => {
                format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'))
            }
            Self::Keys(url) => url.clone(),
        }
    }

    /// The value of `Accept` in the request for it.
    pub(crate) fn accept(&self) -> &'static str {
        match self {
            Self::Discovery => DISCOVERY_MEDIA_TYPE,
            Self::Keys(_) => KEYS_MEDIA_TYPES,
        }
    }

    /// The body of a successful answer.
    pub(crate) fn body(
        &self,
        issuer: &str,
        outcome: Result<Fetched, String>,
    ) -> Result<Vec<u8>, EntraError> {
        let fetched = outcome.map_err(|failure| self.unreachable(issuer, &failure))?;
        if fetched.status != 200 {
            return Err(self.unreachable(issuer, &format!("status {}", fetched.status)));
        }
        if fetched.body.len() > MAX_FETCHED_BYTES {
            return Err(self.invalid(issuer, "the document is larger than 1 MiB"));
        }
        Ok(fetched.body)
    }

    /// Nothing was received but a status or a failure of the transport.
    pub(crate) fn unreachable(&self, issuer: &str, outcome: &str) -> EntraError {
        let url = cut(&self.url(issuer));
        EntraError::new(
            Aadsts::MetadataUnreachable,
            format!("Request to External OIDC endpoint failed. [Reason - GET {url}: {outcome}.]"),
        )
    }

    fn invalid(&self, issuer: &str, reason: &str) -> EntraError {
        EntraError::new(Aadsts::MetadataInvalid, self.unreachable(issuer, reason).text)
    }
}

/// Text of a document that someone else serves, cut to a length for messages.
fn cut(text: &str) -> String {
    text.chars().take(SHOWN_CHARACTERS).collect()
}

/// The key set that a discovery document names. The document must name exactly this issuer.
pub(crate) fn read_discovery(body: &[u8], issuer: &str) -> Result<Document, EntraError> {
    let invalid = |reason: &str| Document::Discovery.invalid(issuer, reason);
    let document = DiscoveryDocument::parse(body)
        .map_err(|fault| invalid(&format!("the discovery document is refused: {fault}")))?;
    match document.issuer {
        Some(named) if named == issuer => {}
        Some(named) => {
            let named = cut(&named);
            return Err(invalid(&format!(
                "the discovery document names the issuer '{named}', the assertion '{issuer}'"
            )));
        }
        None => return Err(invalid("the discovery document has no issuer")),
    }
    document
        .jwks_uri
        .map(Document::Keys)
        .ok_or_else(|| invalid("the discovery document has no jwks_uri"))
}

/// The usable keys of the key set at `document`, among the first 100.
pub(crate) fn read_keys(
    body: &[u8],
    issuer: &str,
    document: &Document,
) -> Result<Jwks, EntraError> {
    first_keys(body).map_err(|error| document.invalid(issuer, &error.message))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const ISSUER: &str = "https://a.example";

    #[test]
    fn the_url_has_one_slash() {
        for issuer in ["https://a.example/x", "https://a.example/x/"] {
            assert_eq!(
                Document::Discovery.url(issuer),
                "https://a.example/x/.well-known/openid-configuration"
            );
        }
    }

    #[test]
    fn the_document_names_its_issuer_exactly() {
        let document = br#"{"issuer":"https://a.example","jwks_uri":"https://a.example/keys"}"#;
        assert_eq!(
            read_discovery(document, ISSUER),
            Ok(Document::Keys("https://a.example/keys".to_owned()))
        );
        let refused = read_discovery(document, "https://a.example/").expect_err("refused");
        assert_eq!(refused.code, Aadsts::MetadataInvalid);
        assert!(refused.text.contains("'https://a.example'"), "{}", refused.text);
        assert!(refused.text.contains("'https://a.example/'"), "{}", refused.text);
    }

    #[test]
    fn broken_documents_are_refused() {
        for body in [r#"{"issuer":"https://a.example"}"#, "", "<html>", "[]"] {
            let error = read_discovery(body.as_bytes(), ISSUER).expect_err(body);
            assert_eq!(error.code, Aadsts::MetadataInvalid, "{body}");
        }
        let keys = Document::Keys("https://k.example/keys".to_owned());
        let error = read_keys(br#"{"keys":{}}"#, ISSUER, &keys).expect_err("refused");
        assert!(error.text.contains("GET https://k.example/keys: "), "{}", error.text);
    }

    #[test]
    fn status_and_failure_are_named_with_the_address() {
        let answer = |status, bytes| Ok(Fetched { status, body: vec![b' '; bytes] });
        let keys = Document::Keys("https://k.example/keys".to_owned());
        for (document, outcome, code, named) in [
            (
                Document::Discovery,
                answer(404, 0),
                Aadsts::MetadataUnreachable,
                "GET https://a.example/.well-known/openid-configuration: status 404.",
            ),
            (
                keys.clone(),
                Err("tls: unknown certificate authority".to_owned()),
                Aadsts::MetadataUnreachable,
                "GET https://k.example/keys: tls: unknown certificate authority.",
            ),
            (
                keys,
                answer(200, MAX_FETCHED_BYTES + 1),
                Aadsts::MetadataInvalid,
                "larger than 1 MiB",
            ),
        ] {
            let error = document.body(ISSUER, outcome).expect_err(named);
            assert_eq!(error.code, code, "{named}");
            assert!(error.text.contains(named), "{}", error.text);
        }
    }

    #[test]
    fn only_the_first_hundred_keys_are_read() {
        let key = |number: usize| {
            json!({
                "kty": "EC",
                "crv": "P-256",
                "kid": format!("k{number}"),
                "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
                "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
            })
        };
        let set = json!({ "keys": (0..101).map(key).collect::<Vec<_>>() }).to_string();
        let keys = read_keys(set.as_bytes(), ISSUER, &Document::Discovery).expect("read");
        let has = |kid: &str| keys.keys().iter().any(|key| key.key_id() == Some(kid));
        assert_eq!(keys.keys().len(), 100);
        assert!(has("k99"));
        assert!(!has("k100"));
    }
}
