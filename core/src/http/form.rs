//! Forms (`application/x-www-form-urlencoded`, WHATWG URL, section 5) and percent-encoding (RFC 3986, section 2.1).

use alloc::string::String;
use alloc::vec::Vec;
use form_urlencoded::Serializer;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// Everything but the unreserved characters (RFC 3986, section 2.3).
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Encodes pairs as a form body, in the given order.
///
/// ```
/// use workload_identity_core::http::form_encode;
/// assert_eq!(form_encode([("scope", "a b"), ("x", "ü")]), "scope=a+b&x=%C3%BC");
/// ```
#[must_use]
pub fn form_encode<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// Percent-encodes everything but RFC 3986's unreserved characters.
#[must_use]
pub fn percent_encode(value: &str) -> String {
    utf8_percent_encode(value, RESERVED).collect()
}

/// Decodes a form body or query string.
///
/// Returns `None` when an escape is incomplete or the result is not UTF-8, where browsers would guess.
#[must_use]
pub fn form_decode(body: &str) -> Option<Vec<(String, String)>> {
    body.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Some((decode(name)?, decode(value)?))
        })
        .collect()
}

fn decode(text: &str) -> Option<String> {
    let mut escapes = text.split('%').skip(1).map(str::as_bytes);
    let complete = |escape: &[u8]| matches!(escape, [a, b, ..] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit());
    if !escapes.all(complete) {
        return None;
    }
    let spaced = text.replace('+', " ");
    percent_decode_str(&spaced).decode_utf8().ok().map(String::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trip() {
        let pairs = [("a b", "ü&=+%"), ("", ""), ("x", "~-._")];
        let decoded = form_decode(&form_encode(pairs)).expect("decodes");
        let decoded: Vec<_> = decoded.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        assert_eq!(decoded, pairs);
    }

    #[test]
    fn broken_escapes_are_refused() {
        for text in ["a=%", "a=%4", "a=%zz", "a=%ff", "%&a", "a=%%41", "a=%+1"] {
            assert_eq!(form_decode(text), None, "{text}");
        }
    }
}
