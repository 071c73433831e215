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
    let digits = text.as_bytes();
    let (groups, rest) = digits.as_chunks::<4>();
    let mut bytes = Vec::with_capacity(digits.len() / 4 * 3 + 2);
    bytes.resize(groups.len() * 3, 0);
    // One look at the end instead of one per character: tokens have thousands.
    let mut seen = 0;
    for (group, place) in groups.iter().zip(bytes.as_chunks_mut::<3>().0) {
        let [a, b, c, d] = group.map(digit);
        seen |= a | b | c | d;
        *place = [(a << 2) | (b >> 4), (b << 4) | (c >> 2), (c << 6) | d];
    }
    let last = |index: usize| rest.get(index).map(|byte| digit(*byte));
    match (last(0), last(1), last(2)) {
        (None, ..) => {}
        (Some(a), Some(b), None) if b & 0x0f == 0 => {
            seen |= a | b;
            bytes.push((a << 2) | (b >> 4));
        }
        (Some(a), Some(b), Some(c)) if c & 0x03 == 0 => {
            seen |= a | b | c;
            bytes.extend([(a << 2) | (b >> 4), (b << 4) | (c >> 2)]);
        }
        _ => return None,
    }
    (seen & NO_DIGIT == 0).then_some(bytes)
}

/// Has a bit that no digit has.
const NO_DIGIT: u8 = 0x80;

/// The digit of each character.
const DIGITS: [u8; 256] = {
    let mut digits = [NO_DIGIT; 256];
    let mut rest: &[u8] = ALPHABET;
    let mut value = 0;
    while let [character, after @ ..] = rest {
        #[expect(clippy::indexing_slicing, reason = "computed by the compiler, which would stop")]
        {
            digits[*character as usize] = value;
        }
        value += 1;
        rest = after;
    }
    digits
};

fn digit(byte: u8) -> u8 {
    DIGITS.get(usize::from(byte)).copied().unwrap_or(NO_DIGIT)
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
