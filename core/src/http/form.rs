//! `application/x-www-form-urlencoded` (WHATWG URL, section 5) and percent-encoding (RFC 3986, section 2.1).

use crate::scan::find;
use alloc::string::String;
use alloc::vec::Vec;

/// Encodes pairs as a form body, in the given order.
///
/// ```
/// use workload_identity_core::http::form_encode;
/// assert_eq!(form_encode([("scope", "a b"), ("x", "ü")]), "scope=a+b&x=%C3%BC");
/// ```
#[must_use]
pub fn form_encode<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut text = String::new();
    for (name, value) in pairs {
        if !text.is_empty() {
            text.push('&');
        }
        encode(&mut text, name, true);
        text.push('=');
        encode(&mut text, value, true);
    }
    text
}

/// Percent-encodes everything but RFC 3986's unreserved characters.
#[must_use]
pub fn percent_encode(value: &str) -> String {
    let mut text = String::new();
    encode(&mut text, value, false);
    text
}

fn encode(text: &mut String, value: &str, plus: bool) {
    text.reserve(value.len());
    let mut rest = value;
    // Runs that need no escape are copied whole: an assertion is one long run.
    while let Some((plain, tail)) =
        find(rest.as_bytes(), |byte| !is_unreserved(byte)).and_then(|at| rest.split_at_checked(at))
    {
        text.push_str(plain);
        let mut characters = tail.chars();
        match characters.next() {
            Some(' ') if plus => text.push('+'),
            Some(other) => escape(text, other),
            None => {}
        }
        rest = characters.as_str();
    }
    text.push_str(rest);
}

fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

fn escape(text: &mut String, character: char) {
    for byte in character.encode_utf8(&mut [0; 4]).bytes() {
        text.push('%');
        for nibble in [byte >> 4, byte & 15] {
            text.push(char::from(if nibble < 10 { b'0' + nibble } else { b'A' + (nibble - 10) }));
        }
    }
}

/// Decodes a form body or query string; `None` when an escape is broken or the result is not UTF-8.
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

fn decode(value: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let high = char::from(rest.next()?).to_digit(16)?;
                let low = char::from(rest.next()?).to_digit(16)?;
                u8::try_from(high * 16 + low).ok()?
            }
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
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
        for text in ["a=%", "a=%4", "a=%zz", "a=%ff"] {
            assert_eq!(form_decode(text), None, "{text}");
        }
    }
}
