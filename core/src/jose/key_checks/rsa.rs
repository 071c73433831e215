//! Size and form of an RSA public key (RFC 7518, sections 2, 3.3 and 6.3.1).

use super::roca;

/// Smallest modulus unless a policy allows less (RFC 7518, section 3.3).
pub const MIN_RSA_BITS: usize = 2048;
/// Largest modulus: larger ones make verification expensive.
pub const MAX_RSA_BITS: usize = 8192;
/// Smallest modulus that any policy can allow.
const FLOOR: usize = 1024;
/// Largest exponent that the providers agree on: 2^33 - 1.
const MAX_EXPONENT: u64 = (1 << 33) - 1;

/// Which keys of a set may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyRules {
    /// Smallest RSA modulus, held to 1024..=8192. Below 2048 bits a key is for RS256 only and can be
    /// factored by well-funded attackers; allow it only for an issuer that cannot be changed.
    pub min_rsa_bits: usize,
}

impl Default for KeyRules {
    fn default() -> Self {
        Self { min_rsa_bits: MIN_RSA_BITS }
    }
}

pub(in crate::jose) const NO_MODULUS: &str = "`n` is not a base64url integer";
pub(in crate::jose) const NO_EXPONENT: &str = "`e` is not a base64url integer";

/// Checks modulus and exponent. The error names the rule that they break.
pub(in crate::jose) fn check(
    modulus: &[u8],
    exponent: &[u8],
    rules: KeyRules,
) -> Result<(), &'static str> {
    // RFC 7518, section 2: a Base64urlUInt has no leading zero octets.
    if modulus.first() == Some(&0) {
        return Err(NO_MODULUS);
    }
    if exponent.first() == Some(&0) {
        return Err(NO_EXPONENT);
    }
    let bits = bit_length(modulus);
    if bits < rules.min_rsa_bits.clamp(FLOOR, MAX_RSA_BITS) {
        return Err("the RSA modulus has too few bits");
    }
    if bits > MAX_RSA_BITS {
        return Err("the RSA modulus has more than 8192 bits");
    }
    if is_even(modulus) {
        return Err("the RSA modulus is even");
    }
    // A value above the limit is not multiplied any further, so that nothing overflows.
    let value = exponent.iter().fold(0_u64, |value, byte| {
        if value > MAX_EXPONENT { value } else { (value << 8) | u64::from(*byte) }
    });
    if value < 3 || is_even(exponent) {
        return Err("the RSA exponent is even or smaller than 3");
    }
    if value > MAX_EXPONENT {
        return Err("the RSA exponent is too large");
    }
    if roca::has_fingerprint(modulus) {
        return Err(
            "the RSA modulus is from a faulty generator and can be factored (CVE-2017-15361)",
        );
    }
    Ok(())
}

/// Returns the bits of a big-endian integer without leading zero octets.
pub(in crate::jose) fn bit_length(bytes: &[u8]) -> usize {
    bytes.first().map_or(0, |first| bytes.len() * 8 - first.leading_zeros() as usize)
}

fn is_even(bytes: &[u8]) -> bool {
    bytes.last().is_none_or(|last| last % 2 == 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jose::base64url_decode;
    use alloc::vec;
    use alloc::vec::Vec;

    fn modulus(bits: usize) -> Vec<u8> {
        let mut bytes = vec![0xff; bits.div_ceil(8)];
        bytes[0] = 0xff >> (bytes.len() * 8 - bits);
        bytes
    }

    fn check_with(modulus: &[u8], exponent: &[u8], min_rsa_bits: usize) -> bool {
        super::check(modulus, exponent, KeyRules { min_rsa_bits }).is_ok()
    }

    fn check(modulus: &[u8], exponent: &[u8]) -> bool {
        check_with(modulus, exponent, KeyRules::default().min_rsa_bits)
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
    fn a_policy_moves_the_lower_bound_within_limits() {
        for (bits, min_rsa_bits, good) in [
            (1024, 1024, true),
            (1023, 1024, false),
            (1023, 0, false),
            (1024, 0, true),
            (2048, 3072, false),
            (3072, 3072, true),
            (8192, usize::MAX, true),
            (8191, usize::MAX, false),
        ] {
            assert_eq!(check_with(&modulus(bits), &[3], min_rsa_bits), good, "{bits}");
        }
    }

    #[test]
    fn keys_of_the_faulty_generator_are_refused() {
        // Wycheproof, json_web_key_test, case 7.
        let modulus = concat!(
            "AanFpofbj7KjD4Lf-N2hVMKR7yewSyXhhbirIMTGpfYEhZ_lnt5UoK98DnKIgArXGTu3MaW_HhFw16HGaTDUHqPr",
            "Id7fe4r11CqRw09yBFuW79V8sYIwHdzCaWflUI6auImYbVfoN9_nD5n8N8SY9DwXw7mwZM9wREPXoDPgOoIWl6q_",
            "MPsp7n0zs3Z5ZaiQWOOzl1S9OhwAfSiiOwz6efnXEaxuTEtPd7BjSx7NaFka8Dx9U7YqXy2RFj1O9PjyaDGuRh7Y",
            "XsX3iMUSP_wSyHQg_c_qHRtKUsNSGCT7OZg0hzm2KphtjnayKJvC64vAbROBR4Ubg6Bxg9IQVZ-QYyE"
        );
        let read = |modulus: &str| {
            let modulus = base64url_decode(modulus).unwrap();
            super::check(&modulus, &[1, 0, 1], KeyRules::default())
        };
        let checked = read(modulus);
        assert!(checked.is_err_and(|reason| reason.contains("CVE-2017-15361")));
        // Another last octet makes it an ordinary modulus.
        let neighbour = modulus.replace("QYyE", "QYyM");
        assert!(read(&neighbour).is_ok());
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
