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
    // Whole blocks first: without a branch or a table they become vector code. Tokens have thousands of characters.
    let (blocks, rest) = text.as_bytes().as_chunks::<BLOCK>();
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 2);
    bytes.resize(blocks.len() * PACKED, 0);
    let mut seen = 0;
    for (block, place) in blocks.iter().zip(bytes.as_chunks_mut::<PACKED>().0) {
        let mut digits = [0; BLOCK];
        for (place, byte) in digits.iter_mut().zip(block) {
            *place = digit(*byte);
        }
        seen |= digits.iter().fold(0, |seen, digit| seen | digit);
        for (digits, place) in digits.as_chunks::<8>().0.iter().zip(place.as_chunks_mut::<6>().0) {
            *place = pack(*digits);
        }
    }
    for group in rest.chunks(4) {
        let mut digits = [0; 8];
        for (place, byte) in digits.iter_mut().zip(group) {
            *place = digit(*byte);
            seen |= *place;
        }
        let [a, b, c, ..] = pack(digits);
        match group.len() {
            4 => bytes.extend([a, b, c]),
            3 if c == 0 => bytes.extend([a, b]),
            2 if b == 0 && c == 0 => bytes.push(a),
            _ => return None,
        }
    }
    (seen & NO_DIGIT == 0).then_some(bytes)
}

/// Characters that are decoded together.
const BLOCK: usize = 32;
/// Bytes that they become.
const PACKED: usize = BLOCK / 4 * 3;
/// A bit that no digit has.
const NO_DIGIT: u8 = 0x80;

fn digit(byte: u8) -> u8 {
    let among = |first: u8, count: u8| byte.wrapping_sub(first) < count;
    let value = if among(b'A', 26) { byte.wrapping_sub(b'A') } else { NO_DIGIT };
    let value = if among(b'a', 26) { byte.wrapping_sub(b'a' - 26) } else { value };
    let value = if among(b'0', 10) { byte.wrapping_add(52 - b'0') } else { value };
    let value = if byte == b'-' { 62 } else { value };
    if byte == b'_' { 63 } else { value }
}

/// Eight digits of six bits as six bytes.
fn pack(digits: [u8; 8]) -> [u8; 6] {
    // Each step joins neighbours: 12 bits, 24, 48.
    let word = u64::from_be_bytes(digits);
    let pairs = ((word & 0x3f00_3f00_3f00_3f00) >> 2) | (word & 0x003f_003f_003f_003f);
    let groups = ((pairs & 0x0fff_0000_0fff_0000) >> 4) | (pairs & 0x0000_0fff_0000_0fff);
    let whole = ((groups & 0x00ff_ffff_0000_0000) >> 8) | (groups & 0x00ff_ffff);
    let [_, _, bytes @ ..] = whole.to_be_bytes();
    bytes
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
    fn other_spellings_are_refused() {
        for text in [
            "_w=", "_w==", "_x", "_-9", "_", "____A", "/w", "+w", "_w\n", " _w", "_ w", "_w\r\n",
            "_w.", "_\u{e9}", "=", "====",
        ] {
            assert_eq!(base64url_decode(text), None, "{text:?}");
        }
    }
}
