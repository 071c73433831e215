//! base64url without padding (RFC 7515, section 2), one spelling per value.

use alloc::vec::Vec;

pub(crate) const ALPHABET: &[u8; 64] =
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
/// What stands in the table for bytes that are no digit: as a number all its bits are set, wherever it is shifted.
const NO_DIGIT: i8 = -1;
const DIGITS: [i8; 256] = {
    let mut digits = [NO_DIGIT; 256];
    let mut value = 0;
    let mut rest = ALPHABET.as_slice();
    while let [digit, tail @ ..] = rest {
        #[allow(clippy::indexing_slicing, reason = "at compile time")]
        {
            digits[*digit as usize] = value;
        }
        value += 1;
        rest = tail;
    }
    digits
};

/// Decodes, or `None` for padding, white space, the standard alphabet, an impossible length, or trailing bits that are not
/// zero.
///
/// ```
/// use workload_identity_text::decode;
/// assert_eq!(decode(b"_-8"), Some(vec![255, 239]));
/// assert_eq!(decode(b"_-9"), None);
/// ```
#[must_use]
pub fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let whole = text.len() / 4;
    let mut bytes = alloc::vec![0; whole * 3 + text.len() % 4 * 3 / 4];
    let (done, strange) = vectors(text, &mut bytes);
    let mut seen = if strange { u32::MAX } else { 0 };
    let (groups, rest) = text.get(done * 4..)?.as_chunks::<4>();
    let (places, end) = bytes.get_mut(done * 3..)?.as_chunks_mut::<3>();
    for (group, place) in groups.iter().zip(places) {
        let bits = join(*group);
        seen |= bits;
        let [_, packed @ ..] = bits.to_be_bytes();
        *place = packed;
    }
    // `A` is the digit zero: what is left over must be zero as well.
    let (last, spare) = match *rest {
        [] => (0, 0),
        [a, b] => (join([a, b, b'A', b'A']), 0xffff),
        [a, b, c] => (join([a, b, c, b'A']), 0xff),
        _ => return None,
    };
    seen |= last;
    for (place, byte) in end.iter_mut().zip(last.to_be_bytes().into_iter().skip(1)) {
        *place = byte;
    }
    // Four digits have 24 bits.
    (seen >> 24 == 0 && last & spare == 0).then_some(bytes)
}

/// Decodes as many groups as vectors take. Returns how many, and whether one of their bytes is no digit.
#[cfg(target_arch = "wasm32")]
use crate::base64url_vectors::decode as vectors;

#[cfg(not(target_arch = "wasm32"))]
fn vectors(_: &[u8], _: &mut [u8]) -> (usize, bool) {
    (0, false)
}

#[inline]
fn join([a, b, c, d]: [u8; 4]) -> u32 {
    (digit(a) << 18) | (digit(b) << 12) | (digit(c) << 6) | digit(d)
}

#[inline]
fn digit(byte: u8) -> u32 {
    DIGITS.get(usize::from(byte)).map_or(u32::MAX, |digit| i32::from(*digit).cast_unsigned())
}
