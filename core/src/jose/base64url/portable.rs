//! The decoder where no vector instructions can be asked for: WebAssembly, and hosts without the standard library.

use alloc::vec::Vec;

/// Characters that are decoded together.
const BLOCK: usize = 32;
/// Bytes that they become.
const PACKED: usize = BLOCK / 4 * 3;
/// A bit that no digit has.
const NO_DIGIT: u8 = 0x80;

pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
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
