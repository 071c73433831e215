//! base64url without padding (RFC 7515, section 2), one spelling per value.

use alloc::string::String;
use alloc::vec::Vec;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Encodes without padding.
#[must_use]
pub fn base64url_encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let mut group = chunk.iter().fold(0u32, |group, byte| (group << 8) | u32::from(*byte));
        group <<= 8 * (3 - chunk.len());
        for place in 0..=chunk.len() {
            let digit = (group >> (18 - 6 * place)) & 63;
            text.push(char::from(ALPHABET.get(digit as usize).copied().unwrap_or(b'-')));
        }
    }
    text
}

/// Decodes, or `None` for padding, white space, the standard alphabet, an impossible length, or
/// trailing bits that are not zero: a second spelling of a token would slip past deny-lists and caches.
///
/// ```
/// use workload_identity_core::jose::base64url_decode;
/// assert_eq!(base64url_decode("_w"), Some(vec![255]));
/// assert_eq!(base64url_decode("_w=="), None);
/// assert_eq!(base64url_decode("_x"), None);
/// ```
#[must_use]
pub fn base64url_decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 2);
    for chunk in text.as_bytes().chunks(4) {
        let mut group = 0u32;
        for byte in chunk {
            group = (group << 6) | digit(*byte)?;
        }
        group <<= 6 * (4 - chunk.len());
        let [_, a, b, c] = group.to_be_bytes();
        match chunk.len() {
            4 => bytes.extend([a, b, c]),
            3 if c == 0 => bytes.extend([a, b]),
            2 if b == 0 && c == 0 => bytes.push(a),
            _ => return None,
        }
    }
    Some(bytes)
}

fn digit(byte: u8) -> Option<u32> {
    let digit = match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'-' => 62,
        b'_' => 63,
        _ => return None,
    };
    Some(u32::from(digit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_length_has_exactly_one_spelling() {
        let bytes = [0xfb, 0xff, 0xfe, 0x01, 0x80];
        for length in 0..=bytes.len() {
            let text = base64url_encode(&bytes[..length]);
            assert_eq!(base64url_decode(&text).as_deref(), Some(&bytes[..length]));
        }
    }

    #[test]
    fn other_spellings_are_refused() {
        for text in [
            "_w=", "_w==", "_x", "_-9", "_", "____A", "/w", "+w", "_w\n", " _w", "_ w", "_w\r\n",
            "_w.", "_\u{e9}", "=", "====",
        ] {
            assert_eq!(base64url_decode(text), None, "{text:?}");
        }
    }
}
