//! What Entra knows of external issuers: discovery document and keys, cached.

use crate::entra_error::{Aadsts, Refusal};
use crate::message::Fetched;
use std::collections::BTreeMap;
use workload_identity_core::Timestamp;
use workload_identity_core::jose::{Jwk, Jwks, KeyRules};
use workload_identity_core::json::{Json, parse};

/// Bytes of a fetched document that are read; the host stops after one byte more.
pub const MAX_FETCHED_BYTES: usize = 1024 * 1024;
/// Keys of an issuer's set that are kept.
pub const MAX_ISSUER_KEYS: usize = 100;

/// How long keys are kept, in seconds.
pub(crate) const KEPT_SECONDS: i64 = 24 * 3600;

/// Keys by issuer.
#[derive(Default)]
pub(crate) struct MetadataCache(BTreeMap<String, Known>);

struct Known {
    keys: Jwks,
    since: Timestamp,
}

impl MetadataCache {
    /// The issuer's keys, unless they are too old.
    pub(crate) fn keys(&self, issuer: &str, now: Timestamp) -> Option<&Jwks> {
        let known = self.0.get(issuer)?;
        (self.age(issuer, now)? < KEPT_SECONDS).then_some(&known.keys)
    }

    /// Seconds since the keys were fetched.
    pub(crate) fn age(&self, issuer: &str, now: Timestamp) -> Option<i64> {
        self.0.get(issuer).map(|known| now.since(known.since) / 1000)
    }

    pub(crate) fn store(&mut self, issuer: &str, keys: Jwks, now: Timestamp) {
        self.0.insert(issuer.to_owned(), Known { keys, since: now });
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}

/// Where the discovery document of an issuer is (OpenID Connect Discovery 1.0, section 4).
pub(crate) fn discovery_url(issuer: &str) -> String {
    format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'))
}

/// The `jwks_uri` of a discovery document that names exactly this issuer.
pub(crate) fn read_discovery(fetched: &Fetched, issuer: &str) -> Result<String, Refusal> {
    let document = read(fetched)?;
    if document.member("issuer").and_then(Json::as_text) != Some(issuer) {
        return Err(invalid("the discovery document names another issuer"));
    }
    let uri = document.member("jwks_uri").and_then(Json::as_text);
    uri.map(str::to_owned).ok_or_else(|| invalid("the discovery document has no jwks_uri"))
}

/// The usable ones of the first [`MAX_ISSUER_KEYS`] keys.
pub(crate) fn read_keys(fetched: &Fetched) -> Result<Jwks, Refusal> {
    let document = read(fetched)?;
    let keys = document.member("keys").and_then(Json::as_list);
    let keys = keys.ok_or_else(|| invalid("the key set has no list of keys"))?;
    let usable = keys
        .iter()
        .take(MAX_ISSUER_KEYS)
        .filter_map(Json::as_object)
        .filter_map(|members| Jwk::read(members, KeyRules::default()).ok());
    Ok(Jwks::from_keys(usable.collect()))
}

fn read(fetched: &Fetched) -> Result<Json, Refusal> {
    if fetched.status != 200 {
        return Err(unreachable_metadata());
    }
    if fetched.body.len() > MAX_FETCHED_BYTES {
        return Err(invalid("the document is too large"));
    }
    parse(&fetched.body).map_err(|_| invalid("the document is not JSON"))
}

pub(crate) fn unreachable_metadata() -> Refusal {
    Refusal::new(Aadsts::MetadataUnreachable, "Request to External OIDC endpoint failed.")
}

fn invalid(why: &str) -> Refusal {
    Refusal::new(
        Aadsts::MetadataInvalid,
        format!("Request to External OIDC endpoint failed. [Reason - {why}.]"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use workload_identity_core::json::object;

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
            let refusal = read_discovery(&ok(body), issuer).expect_err(body);
            assert_eq!(refusal.code, Aadsts::MetadataInvalid, "{body}");
        }
        let refusal =
            read_discovery(&Fetched { status: 404, body: vec![] }, issuer).expect_err("404");
        assert_eq!(refusal.code, Aadsts::MetadataUnreachable);
        assert!(read_keys(&ok(r#"{"keys":{}}"#)).is_err());
        assert!(read_keys(&ok(&" ".repeat(MAX_FETCHED_BYTES + 1))).is_err());
    }

    #[test]
    fn only_the_first_hundred_keys_count() {
        let set = object(|o| {
            o.objects("keys", 0..101, |number, o| {
                o.text("kty", "EC")
                    .text("crv", "P-256")
                    .text("kid", &format!("k{number}"))
                    .text("x", "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU")
                    .text("y", "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0");
            });
        });
        let keys = read_keys(&ok(&set)).expect("read");
        let has = |kid: &str| keys.keys().iter().any(|key| key.key_id() == Some(kid));
        assert_eq!(keys.keys().len(), 100);
        assert!(has("k99"));
        assert!(!has("k100"));
    }
}
