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
    decode(text.as_bytes())
}

/// The same of octets that may be no text.
pub(super) fn decode(text: &[u8]) -> Option<Vec<u8>> {
    #[cfg(feature = "simd")]
    return base64_simd::URL_SAFE_NO_PAD.decode_to_vec(text).ok();
    #[cfg(not(feature = "simd"))]
    return workload_identity_text::decode(text);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_length_has_exactly_one_spelling() {
        let bytes: Vec<u8> = (0..100_u8).map(|n| n.wrapping_mul(151) ^ 0xfb).collect();
        for length in 0..=bytes.len() {
            let text = base64url_encode(&bytes[..length]);
            assert_eq!(base64url_decode(&text).as_deref(), Some(&bytes[..length]));
        }
    }

    #[test]
    fn every_character_is_a_digit_or_refused_wherever_it_stands() {
        for byte in 0..128_u8 {
            let known = ALPHABET.contains(&byte);
            for place in [0, 3, 31, 32, 63, 64, 66] {
                let mut text = [b'A'; 68];
                text[place] = byte;
                let decoded = base64url_decode(core::str::from_utf8(&text).unwrap());
                assert_eq!(decoded.is_some(), known, "{byte} at {place}");
                if let Some(decoded) = decoded {
                    assert_eq!(base64url_encode(&decoded).as_bytes(), text);
                }
            }
        }
    }

    #[test]
    fn both_decoders_give_the_same_answers() {
        let mut state = 7_u32;
        for length in 0..2_000 {
            let text: String = (0..length % 150)
                .map(|_| {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    // Mostly digits; now and then something else.
                    let digits =
                        b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
                    match (state >> 16) % 700 {
                        0 => '=',
                        1 => '+',
                        2 => '\n',
                        3 => '\u{e9}',
                        other => char::from(digits[other as usize % 64]),
                    }
                })
                .collect();
            assert_eq!(
                base64url_decode(&text),
                workload_identity_text::decode(text.as_bytes()),
                "{text:?}"
            );
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
