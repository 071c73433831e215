//! What an RSA public key must look like before any provider sees it (RFC 7518, sections 3.3 and 6.3.1).

use super::base64url_decode;
use alloc::vec::Vec;

/// Smallest modulus (RFC 7518, section 3.3).
pub const MIN_RSA_BITS: usize = 2048;
/// Largest modulus: the cost of verifying is chosen by whoever makes the key.
pub const MAX_RSA_BITS: usize = 8192;
/// Largest exponent that the providers agree on: 2^33 - 1.
const MAX_EXPONENT: u64 = (1 << 33) - 1;

/// Decodes and checks modulus and exponent, or says why not.
pub(super) fn read(modulus: &str, exponent: &str) -> Result<(Vec<u8>, Vec<u8>), &'static str> {
    // RFC 7518, section 2: a Base64urlUInt has no leading zero octets.
    let integer = |text: &str| base64url_decode(text).filter(|bytes| bytes.first() != Some(&0));
    let modulus = integer(modulus).ok_or("`n` is not a base64url integer")?;
    let exponent = integer(exponent).ok_or("`e` is not a base64url integer")?;
    let bits = bit_length(&modulus);
    if bits < MIN_RSA_BITS {
        return Err("the RSA modulus has fewer than 2048 bits");
    }
    if bits > MAX_RSA_BITS {
        return Err("the RSA modulus has more than 8192 bits");
    }
    if is_even(&modulus) {
        return Err("the RSA modulus is even");
    }
    let value = exponent
        .iter()
        .try_fold(0_u64, |value, byte| value.checked_mul(256).map(|high| high | u64::from(*byte)))
        .ok_or("the RSA exponent is too large")?;
    if value < 3 || is_even(&exponent) {
        return Err("the RSA exponent is even or smaller than 3");
    }
    if value > MAX_EXPONENT {
        return Err("the RSA exponent is too large");
    }
    Ok((modulus, exponent))
}

/// Bits of a big-endian integer without leading zero octets.
fn bit_length(bytes: &[u8]) -> usize {
    bytes.first().map_or(0, |first| bytes.len() * 8 - first.leading_zeros() as usize)
}

fn is_even(bytes: &[u8]) -> bool {
    bytes.last().is_none_or(|last| last % 2 == 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jose::base64url_encode;
    use alloc::vec;

    fn modulus(bits: usize) -> Vec<u8> {
        let mut bytes = vec![0xff; bits.div_ceil(8)];
        bytes[0] = 0xff >> (bytes.len() * 8 - bits);
        bytes
    }

    fn check(modulus: &[u8], exponent: &[u8]) -> bool {
        read(&base64url_encode(modulus), &base64url_encode(exponent)).is_ok()
    }

    #[test]
    fn size_bounds_are_exact() {
        for (bits, good) in
            [(2047, false), (2048, true), (2049, true), (8192, true), (8193, false), (1024, false)]
        {
            assert_eq!(check(&modulus(bits), &[1, 0, 1]), good, "{bits}");
        }
    }

    #[test]
    fn exponents_are_odd_and_bounded() {
        let n = modulus(2048);
        for (exponent, good) in [
            (&[][..], false),
            (&[1], false),
            (&[2], false),
            (&[3], true),
            (&[1, 0, 1], true),
            (&[1, 0, 0], false),
            (&[0, 1, 0, 1], false),
            (&[1, 0xff, 0xff, 0xff, 0xff], true),
            (&[2, 0, 0, 0, 1], false),
            (&[1, 0, 0, 0, 0, 0, 0, 0, 1], false),
        ] {
            assert_eq!(check(&n, exponent), good, "{exponent:?}");
        }
    }

    #[test]
    fn moduli_are_odd_and_minimal() {
        let mut even = modulus(2048);
        even[255] = 0xfe;
        assert!(!check(&even, &[3]));
        let mut padded = vec![0];
        padded.extend(modulus(2048));
        assert!(!check(&padded, &[3]));
    }
}
