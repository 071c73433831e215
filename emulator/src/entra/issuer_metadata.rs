//! Discovery document and keys of an assertion's issuer, and the cache of the keys.

use super::error::{Aadsts, EntraError};
use crate::reply::Fetched;
use serde_json::Value;
use std::collections::BTreeMap;
use workload_identity_core::Timestamp;
use workload_identity_core::jose::{Jwk, Jwks};
use workload_identity_core::json::strict;

/// Most bytes of a fetched document. The host stops after one byte more.
pub const MAX_FETCHED_BYTES: usize = 1024 * 1024;
/// Most keys of an issuer's key set; the others are ignored.
pub const MAX_ISSUER_KEYS: usize = 100;

/// How long keys are cached, in seconds.
const MAX_AGE_SECONDS: i64 = 24 * 3600;

/// Cached keys by issuer.
#[derive(Default)]
pub(crate) struct IssuerKeys(BTreeMap<String, CachedKeys>);

struct CachedKeys {
    keys: Jwks,
    fetched_at: Timestamp,
}

impl IssuerKeys {
    /// The issuer's keys, unless they are too old.
    pub(crate) fn get(&self, issuer: &str, now: Timestamp) -> Option<&Jwks> {
        let cached = self.0.get(issuer)?;
        (self.age(issuer, now)? < MAX_AGE_SECONDS).then_some(&cached.keys)
    }

    /// Seconds since the keys were fetched.
    pub(crate) fn age(&self, issuer: &str, now: Timestamp) -> Option<i64> {
        self.0.get(issuer).map(|cached| now.since(cached.fetched_at) / 1000)
    }

    pub(crate) fn store(&mut self, issuer: &str, keys: Jwks, now: Timestamp) {
        self.0.insert(issuer.to_owned(), CachedKeys { keys, fetched_at: now });
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}

/// The URL of an issuer's discovery document (OpenID Connect Discovery 1.0, section 4).
pub(crate) fn discovery_url(issuer: &str) -> String {
    format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'))
}

/// The `jwks_uri` of a discovery document that names exactly this issuer.
pub(crate) fn read_discovery(fetched: &Fetched, issuer: &str) -> Result<String, EntraError> {
    let document = read(fetched)?;
    if document["issuer"].as_str() != Some(issuer) {
        return Err(invalid("the discovery document names another issuer"));
    }
    let uri = document["jwks_uri"].as_str();
    uri.map(str::to_owned).ok_or_else(|| invalid("the discovery document has no jwks_uri"))
}

/// The usable keys among the first [`MAX_ISSUER_KEYS`].
pub(crate) fn read_keys(fetched: &Fetched) -> Result<Jwks, EntraError> {
    let document = read(fetched)?;
    let keys = document["keys"].as_array();
    let keys = keys.ok_or_else(|| invalid("the key set has no list of keys"))?;
    let usable = keys
        .iter()
        .take(MAX_ISSUER_KEYS)
        .filter_map(|key| Jwk::parse(key.to_string().as_bytes()).ok());
    Ok(Jwks::from_keys(usable.collect()))
}

fn read(fetched: &Fetched) -> Result<Value, EntraError> {
    if fetched.status != 200 {
        return Err(unreachable());
    }
    if fetched.body.len() > MAX_FETCHED_BYTES {
        return Err(invalid("the document is too large"));
    }
    strict::parse(&fetched.body).map_err(|_| invalid("the document is not JSON"))
}

pub(crate) fn unreachable() -> EntraError {
    EntraError::new(Aadsts::MetadataUnreachable, "Request to External OIDC endpoint failed.")
}

fn invalid(reason: &str) -> EntraError {
    EntraError::new(
        Aadsts::MetadataInvalid,
        format!("Request to External OIDC endpoint failed. [Reason - {reason}.]"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn ok(body: &str) -> Fetched {
        Fetched { status: 200, body: body.as_bytes().to_vec() }
    }

    #[test]
    fn the_url_has_one_slash() {
        for issuer in ["https://a.example/x", "https://a.example/x/"] {
            assert_eq!(
                discovery_url(issuer),
                "https://a.example/x/.well-known/openid-configuration"
            );
        }
    }

    #[test]
    fn the_document_names_its_issuer_exactly() {
        let document = r#"{"issuer":"https://a.example","jwks_uri":"https://a.example/keys"}"#;
        assert_eq!(
            read_discovery(&ok(document), "https://a.example"),
            Ok("https://a.example/keys".to_owned())
        );
        let refused = read_discovery(&ok(document), "https://a.example/").expect_err("refused");
        assert_eq!(refused.code, Aadsts::MetadataInvalid);
    }

    #[test]
    fn broken_documents_are_refused() {
        let issuer = "https://a.example";
        for body in [r#"{"issuer":"https://a.example"}"#, "", "<html>", "[]"] {
            let error = read_discovery(&ok(body), issuer).expect_err(body);
            assert_eq!(error.code, Aadsts::MetadataInvalid, "{body}");
        }
        let error =
            read_discovery(&Fetched { status: 404, body: vec![] }, issuer).expect_err("404");
        assert_eq!(error.code, Aadsts::MetadataUnreachable);
        assert!(read_keys(&ok(r#"{"keys":{}}"#)).is_err());
        assert!(read_keys(&ok(&" ".repeat(MAX_FETCHED_BYTES + 1))).is_err());
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
        let keys = read_keys(&ok(&set)).expect("read");
        let has = |kid: &str| keys.keys().iter().any(|key| key.key_id() == Some(kid));
        assert_eq!(keys.keys().len(), 100);
        assert!(has("k99"));
        assert!(!has("k100"));
    }
}
