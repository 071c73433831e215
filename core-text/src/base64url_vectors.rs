//! The inner part of decoding base64url with WebAssembly's vectors, sixteen digits at a time.

use crate::base64url::ALPHABET;
use crate::vectors::{self, load};
use core::arch::wasm32::{
    i8x16, i8x16_shuffle, i8x16_swizzle, u8x16_add, u8x16_eq, u8x16_shr, u8x16_splat, u16x8_shl,
    u16x8_shr, u16x8_splat, u32x4_extract_lane, u32x4_shl, u32x4_shr, u32x4_splat,
    u64x2_extract_lane, v128, v128_and, v128_any_true, v128_or,
};

/// Digits of a vector, and the bytes they stand for.
const DIGITS: usize = vectors::BYTES;
const BYTES: usize = DIGITS * 3 / 4;

/// For each lower half of a byte: of the upper halves 0 to 7, those that do not make it a digit, a bit each.
const STRANGE: [u8; 16] = {
    let mut strange = [u8::MAX; 16];
    let mut rest = ALPHABET.as_slice();
    while let [digit, tail @ ..] = rest {
        #[allow(clippy::indexing_slicing, reason = "at compile time")]
        {
            strange[(*digit & 15) as usize] &= !(1 << (*digit >> 4));
        }
        rest = tail;
    }
    strange
};

/// Decodes whole vectors. Returns how many groups of four digits that were, and whether one of them is no digit.
#[target_feature(enable = "simd128")]
pub(crate) fn decode(text: &[u8], bytes: &mut [u8]) -> (usize, bool) {
    let (vectors, _) = text.as_chunks::<DIGITS>();
    let (places, _) = bytes.as_chunks_mut::<BYTES>();
    let mut strange = u8x16_splat(0);
    for (vector, place) in vectors.iter().zip(places) {
        let vector = load(*vector);
        strange = v128_or(strange, strangers(vector));
        *place = pack(values(vector));
    }
    (vectors.len() * (DIGITS / 4), v128_any_true(strange))
}

/// Zero in the places of digits.
#[inline]
#[target_feature(enable = "simd128")]
fn strangers(bytes: v128) -> v128 {
    // Every lower half has strangers among the upper halves 0 to 7; those from 8 on are strangers to all.
    let upper = i8x16(1, 2, 4, 8, 16, 32, 64, -128, -1, -1, -1, -1, -1, -1, -1, -1);
    let lower = v128_and(bytes, u8x16_splat(15));
    v128_and(i8x16_swizzle(load(STRANGE), lower), i8x16_swizzle(upper, u8x16_shr(bytes, 4)))
}

/// The values of digits.
#[inline]
#[target_feature(enable = "simd128")]
fn values(bytes: v128) -> v128 {
    // From a byte to its value, by its upper half: `-`, numerals, two rows of capitals, two rows of small letters.
    let steps = i8x16(0, 0, 17, 4, -65, -65, -71, -71, 0, 0, 0, 0, 0, 0, 0, 0);
    let values = u8x16_add(bytes, i8x16_swizzle(steps, u8x16_shr(bytes, 4)));
    // `_` stands in a row of capitals.
    let others = v128_and(u8x16_eq(bytes, u8x16_splat(b'_')), u8x16_splat(33));
    u8x16_add(values, others)
}

/// Six bits of each byte, one after another.
#[inline]
#[target_feature(enable = "simd128")]
fn pack(values: v128) -> [u8; BYTES] {
    let first = u16x8_shl(v128_and(values, u16x8_splat(0x3f)), 6);
    let pairs = v128_or(first, u16x8_shr(values, 8));
    let first = u32x4_shl(v128_and(pairs, u32x4_splat(0xfff)), 12);
    let groups = v128_or(first, u32x4_shr(pairs, 16));
    // The first digits are the highest bits.
    let ordered =
        i8x16_shuffle::<2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, 3, 3, 3, 3>(groups, groups);
    let mut packed = [0; BYTES];
    let (start, rest) = packed.split_at_mut(8);
    start.copy_from_slice(&u64x2_extract_lane::<0>(ordered).to_le_bytes());
    rest.copy_from_slice(&u32x4_extract_lane::<2>(ordered).to_le_bytes());
    packed
}
