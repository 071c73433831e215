//! Text by WebAssembly's vectors, sixteen bytes at a time.

use core::arch::wasm32::{u8x16_bitmask, u8x16_eq, u8x16_lt, u8x16_splat, u64x2, v128, v128_or};

/// Bytes of a vector.
pub(crate) const BYTES: usize = 16;

/// How many bytes fill vectors.
#[inline]
pub(crate) const fn whole(bytes: &[u8]) -> usize {
    bytes.len() / BYTES * BYTES
}

#[inline]
#[target_feature(enable = "simd128")]
pub(crate) fn load(bytes: [u8; BYTES]) -> v128 {
    let bits = u128::from_le_bytes(bytes);
    u64x2(bits as u64, (bits >> 64) as u64)
}

/// Where the first byte is that a JSON string does not show as it is, among those that fill [`whole`] vectors; else how many
/// these are.
#[inline]
#[target_feature(enable = "simd128")]
pub(crate) fn run(bytes: &[u8]) -> usize {
    first(bytes, |vector| {
        let marks =
            v128_or(u8x16_eq(vector, u8x16_splat(b'"')), u8x16_eq(vector, u8x16_splat(b'\\')));
        v128_or(marks, u8x16_lt(vector, u8x16_splat(b' ')))
    })
}

/// The same of dots.
#[inline]
#[target_feature(enable = "simd128")]
pub(crate) fn dot(bytes: &[u8]) -> usize {
    first(bytes, |vector| u8x16_eq(vector, u8x16_splat(b'.')))
}

/// Where the first byte is that is marked.
#[inline]
#[target_feature(enable = "simd128")]
fn first(bytes: &[u8], marks: impl Fn(v128) -> v128) -> usize {
    let (vectors, _) = bytes.as_chunks::<BYTES>();
    for (at, vector) in vectors.iter().enumerate() {
        let marked = u8x16_bitmask(marks(load(*vector)));
        if marked != 0 {
            return at * BYTES + marked.trailing_zeros() as usize;
        }
    }
    whole(bytes)
}
