//! A token as people read it.

use serde::Serialize;
use serde_json::Value;
use workload_identity_core::jose::base64url_decode;
use workload_identity_core::json::strict;

/// Header and claims, unverified.
#[derive(Debug, Serialize)]
pub(super) struct DecodedToken<'t> {
    /// Whether the emulator issues tokens of this issuer.
    own: bool,
    header: Value,
    claims: Value,
    /// The compact form with its signature, of the emulator's own tokens only.
    #[serde(skip_serializing_if = "Option::is_none")]
    compact: Option<&'t str>,
}

impl<'t> DecodedToken<'t> {
    /// Decodes a token; `None` when it is none. Nothing of it is repeated then.
    pub(super) fn read(token: &'t str, base_url: &str) -> Option<Self> {
        let parts: Vec<&str> = token.splitn(4, '.').collect();
        let [header, claims, _] = *parts.as_slice() else { return None };
        let read = |part| strict::parse(&base64url_decode(part)?).ok().filter(Value::is_object);
        let (header, claims) = (read(header)?, read(claims)?);
        let own = claims["iss"].as_str().is_some_and(|issuer| is_own(issuer, base_url));
        Some(Self { own, header, claims, compact: own.then_some(token) })
    }

    /// The text of a claim.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.claims[name].as_str()
    }

    /// A member of the header or, if it has none, a claim, as text.
    pub(super) fn shown(&self, name: &str) -> Option<String> {
        let value = self.header.get(name).or_else(|| self.claims.get(name))?;
        Some(match value {
            Value::String(text) => text.clone(),
            Value::Array(items) if items.iter().all(Value::is_string) => {
                items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", ")
            }
            other => other.to_string(),
        })
    }
}

/// Whether an issuer is one of the emulator's, which all are below its address.
fn is_own(issuer: &str, base_url: &str) -> bool {
    issuer.strip_prefix(base_url).is_some_and(|rest| rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use workload_identity_core::jose::base64url_encode;

    const BASE: &str = "http://127.0.0.1:1";

    fn token(claims: &str) -> String {
        let part = |text: &str| base64url_encode(text.as_bytes());
        format!("{}.{}.{}", part(r#"{"alg":"RS256"}"#), part(claims), part("signature"))
    }

    #[test]
    fn only_own_tokens_keep_their_signature() {
        for (issuer, own) in [
            ("http://127.0.0.1:1/_services/token", true),
            ("http://127.0.0.1:1", false),
            ("http://127.0.0.1:10/a", false),
            ("http://127.0.0.1:1.example/a", false),
            ("https://token.actions.githubusercontent.com", false),
        ] {
            let token = token(&format!(r#"{{"iss":"{issuer}","aud":["a","b"]}}"#));
            let decoded = DecodedToken::read(&token, BASE).expect("decoded");
            assert_eq!((decoded.own, decoded.compact.is_some()), (own, own), "{issuer}");
            assert_eq!(decoded.shown("aud").as_deref(), Some("a, b"));
            let signature = token.rsplit('.').next().expect("a signature").to_owned();
            let shown = serde_json::to_string(&decoded).expect("JSON");
            assert_eq!(shown.contains(&signature), own, "{issuer}");
        }
    }

    #[test]
    fn other_text_is_not_repeated() {
        for text in ["", "a", "a.b", "a.b.c", "a.b.c.d", "e30.e30", "e30.W10.e30", "e30.!.x"] {
            assert!(DecodedToken::read(text, BASE).is_none(), "{text}");
        }
    }
}
