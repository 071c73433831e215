//! The claims challenge of a refused access token: `WWW-Authenticate` of a 401 (RFC 6750, section 3; "Claims challenges, claims
//! requests and client capabilities" in the Entra documentation).

use crate::http::Headers;
use crate::json::strict;
use alloc::string::String;
use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};

/// Longest claims text, as for a token request.
const MAX_LENGTH: usize = 32 * 1024;

/// The claims that a new access token needs, decoded; `None` if there is no such challenge.
pub(super) fn claims(headers: &Headers) -> Option<String> {
    let header = headers.first("www-authenticate")?;
    let (_, rest) = header.split_once("claims=\"")?;
    let (value, _) = rest.split_once('"')?;
    if value.len() > MAX_LENGTH {
        return None;
    }
    let bytes = BASE64_STANDARD
        .decode(value)
        .or_else(|_| BASE64_URL_SAFE_NO_PAD.decode(value.trim_end_matches('=')))
        .ok()?;
    let text = String::from_utf8(bytes).ok()?;
    strict::parse(text.as_bytes()).ok()?.is_object().then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims_are_decoded_and_must_be_an_object() {
        let of = |value: &str| claims(&Headers::from_pairs([("WWW-Authenticate", value)]));
        let bearer = r#"Bearer realm="", error="insufficient_claims", claims="eyJhIjoxfQ==""#;
        assert_eq!(of(bearer).as_deref(), Some(r#"{"a":1}"#));
        assert_eq!(of(r#"Bearer claims="eyJhIjoxfQ""#).as_deref(), Some(r#"{"a":1}"#));
        for bad in
            ["Bearer", r#"Bearer claims="!""#, r#"Bearer claims="W10=""#, r#"Bearer claims="e30"#]
        {
            assert_eq!(of(bad), None, "{bad}");
        }
    }
}
