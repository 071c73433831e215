//! Encoding of Ed25519's points and scalars (RFC 8032, section 5.1).
//!
//! Some libraries accept a second encoding of a point or a point of small order, others do not.

/// 2^255 - 19, little-endian.
const PRIME: [u8; 32] = {
    let mut prime = [0xff; 32];
    prime[0] = 0xed;
    prime[31] = 0x7f;
    prime
};

/// The order of the base point, little-endian.
const ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x10,
];

/// The `y` of the points of small order: 0, 1 and -1, then those of order 8.
const SMALL: [[u8; 32]; 5] = [
    [0; 32],
    {
        let mut one = [0; 32];
        one[0] = 1;
        one
    },
    {
        let mut minus_one = PRIME;
        minus_one[0] = 0xec;
        minus_one
    },
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67,
        0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac,
        0x03, 0x7a,
    ],
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98,
        0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53,
        0xfc, 0x05,
    ],
];

/// Returns whether the bytes are the canonical encoding of a `y` (RFC 8032, section 5.1.3, step 1) that no point of small order
/// has. Whether the point is on the curve is for the provider to check.
pub(crate) fn is_sound_point(bytes: &[u8; 32]) -> bool {
    let mut y = *bytes;
    // The highest bit is the sign of x.
    let [.., last] = &mut y;
    *last &= 0x7f;
    is_below(&y, &PRIME) && !SMALL.contains(&y)
}

/// Returns whether a signature's second half is below the order (RFC 8032, section 5.1.7, step 1). Without this check every
/// signature has a second encoding.
pub(crate) fn is_sound_scalar(bytes: &[u8; 32]) -> bool {
    is_below(bytes, &ORDER)
}

fn is_below(value: &[u8; 32], limit: &[u8; 32]) -> bool {
    value.iter().rev().lt(limit.iter().rev())
}

#[cfg(all(test, feature = "rustcrypto"))]
mod tests {
    use super::*;
    use ed25519_dalek::VerifyingKey;

    #[test]
    fn points_of_small_order_are_refused_in_every_encoding() {
        let mut small = 0;
        for y in SMALL {
            for sign in [0, 0x80] {
                let mut point = y;
                point[31] |= sign;
                assert!(!is_sound_point(&point), "{point:?}");
                small += usize::from(VerifyingKey::from_bytes(&point).unwrap().is_weak());
            }
        }
        assert_eq!(small, 10);
        // The 19 encodings of a field element at or above the prime.
        for first in 0xed..=0xff {
            for sign in [0x7f, 0xff] {
                let mut point = PRIME;
                point[0] = first;
                point[31] = sign;
                assert!(!is_sound_point(&point), "{first:x}");
            }
        }
    }

    #[test]
    fn other_points_are_sound() {
        let mut point = [0; 32];
        for first in 2..=255 {
            point[0] = first;
            assert!(is_sound_point(&point));
        }
        let mut largest = PRIME;
        largest[0] -= 2;
        assert!(is_sound_point(&largest));
    }

    #[test]
    fn scalars_lie_below_the_order() {
        let mut largest = ORDER;
        assert!(!is_sound_scalar(&largest));
        largest[0] -= 1;
        assert!(is_sound_scalar(&largest));
        assert!(is_sound_scalar(&[0; 32]));
        assert!(!is_sound_scalar(&[0xff; 32]));
        let mut above = [0; 32];
        above[31] = 0x11;
        assert!(!is_sound_scalar(&above));
    }
}
