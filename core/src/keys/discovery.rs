//! The document with the address of an issuer's keys (OpenID Connect Discovery 1.0, section 4).

use crate::http::{AddressPolicy, Url};
use crate::oauth::discovery::DiscoveryDocument;
use alloc::format;
use alloc::string::{String, ToString};

/// Largest document.
pub(super) use crate::oauth::discovery::MAX_DOCUMENT as MAX_BYTES;

/// Why a discovery document is refused.
#[derive(Debug)]
pub(super) struct RefusedDocument {
    pub(super) reason: String,
    /// Another attempt finds the same, until the configuration or the issuer changes.
    pub(super) lasting: bool,
}

/// The address of the key set, once the document has been found to speak for the issuer; or why not.
///
/// The keys may be at another host, as with many clouds: the document was fetched from the issuer itself over TLS.
pub(super) fn read(
    body: &[u8],
    issuer: &str,
    addresses: &AddressPolicy,
) -> Result<String, RefusedDocument> {
    let refused = |reason: String| RefusedDocument { reason, lasting: false };
    if body.len() > MAX_BYTES as usize {
        return Err(refused("the discovery document is larger than 256 KiB".to_string()));
    }
    let document = DiscoveryDocument::parse(body).map_err(|fault| {
        let advice = looks_like(body);
        refused(format!("the discovery document is refused: {}{advice}", fault.reason()))
    })?;
    document.check_issuer(issuer).map_err(|reason| RefusedDocument { reason, lasting: true })?;
    let keys = document
        .jwks_uri
        .ok_or_else(|| refused("the discovery document has no `jwks_uri`".to_string()))?;
    addresses
        .parse(&keys)
        .map(Url::into_string)
        .map_err(|refusal| refused(format!("the discovery document's `jwks_uri` {refusal}")))
}

/// Advice on a body that is no JSON, as the end of a sentence.
pub(crate) fn looks_like(body: &[u8]) -> &'static str {
    match body.iter().find(|byte| !byte.is_ascii_whitespace()) {
        Some(b'<') => "; it looks like HTML: a proxy's or a sign-in page, or a wrong address",
        Some(b'-') => "; it looks like PEM, but a JWK Set is needed",
        None => "; it is empty",
        Some(_) => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::PrivateAddresses;
    use serde_json::json;

    const ISSUER: &str = "https://issuer.example/a";
    const NORMAL: AddressPolicy =
        AddressPolicy { private: PrivateAddresses::Allow, allow_loopback_http: false };
    const LOCAL: AddressPolicy = AddressPolicy { allow_loopback_http: true, ..NORMAL };

    fn document(issuer: &str, keys: &str) -> String {
        json!({"issuer": issuer, "jwks_uri": keys}).to_string()
    }

    #[test]
    fn the_named_issuers_document_is_believed() {
        let text = document(ISSUER, "https://Keys.example/set?x=1");
        let found = read(text.as_bytes(), ISSUER, &NORMAL);
        assert_eq!(found.as_deref().ok(), Some("https://keys.example/set?x=1"));
        let marked = format!("\u{feff}{text}");
        assert!(read(marked.as_bytes(), ISSUER, &NORMAL).is_ok());
        let template = "https://login.microsoftonline.com/{tenantid}/v2.0";
        let text =
            document(template, "https://login.microsoftonline.com/common/discovery/v2.0/keys");
        assert!(read(text.as_bytes(), template, &NORMAL).is_ok());
    }

    #[test]
    fn another_issuer_is_not() {
        for issuer in [
            "",
            "https://issuer.example/",
            "https://issuer.example/a/",
            "https://ISSUER.example/a",
            "https://issuer.example",
        ] {
            let text = document(issuer, "https://keys.example/");
            let refused = read(text.as_bytes(), ISSUER, &NORMAL).unwrap_err();
            assert!(refused.lasting && refused.reason.contains(ISSUER), "{issuer}");
            assert!(refused.reason.contains(&format!("`{issuer}`")), "{}", refused.reason);
        }
    }

    #[test]
    fn keys_are_at_a_safe_address() {
        for keys in [
            "",
            "/keys",
            "http://keys.example/",
            "file:///keys",
            "https://169.254.169.254/",
            "https://u@keys.example/",
        ] {
            let text = document(ISSUER, keys);
            assert!(read(text.as_bytes(), ISSUER, &LOCAL).is_err(), "{keys}");
        }
        let text = document(ISSUER, "https://10.96.0.1/openid/v1/jwks");
        assert!(read(text.as_bytes(), ISSUER, &NORMAL).is_ok());
        let denying = AddressPolicy { private: PrivateAddresses::Deny, ..NORMAL };
        let reason = read(text.as_bytes(), ISSUER, &denying).unwrap_err().reason;
        assert!(reason.contains("`private_addresses`"), "{reason}");
        let text = document(ISSUER, "http://127.0.0.1:1/keys");
        assert!(read(text.as_bytes(), ISSUER, &NORMAL).is_err());
        assert!(read(text.as_bytes(), ISSUER, &LOCAL).is_ok());
    }

    #[test]
    fn what_is_no_document_is_refused_with_advice() {
        for (body, advice) in [
            ("<!DOCTYPE html>", "HTML"),
            ("\n <html>", "HTML"),
            ("", "empty"),
            ("-----BEGIN PUBLIC KEY-----", "PEM"),
            ("nope", "not valid JSON"),
            (r#"{"issuer":"a","issuer":"b"}"#, "twice"),
            (r#"["issuer"]"#, "another issuer"),
            (
                r#"{"issuer":["https://issuer.example/a"],"jwks_uri":"https://k.example/"}"#,
                "another issuer",
            ),
            (r#"{"issuer":"https://issuer.example/a"}"#, "no `jwks_uri`"),
            (r#"{"issuer":"https://issuer.example/a","jwks_uri":7}"#, "no `jwks_uri`"),
        ] {
            let reason = read(body.as_bytes(), ISSUER, &NORMAL).expect_err(body).reason;
            assert!(reason.contains(advice), "{body}: {reason}");
        }
        let padded = document(ISSUER, "https://keys.example/") + &" ".repeat(MAX_BYTES as usize);
        assert!(read(padded.as_bytes(), ISSUER, &NORMAL).is_err());
    }
}
